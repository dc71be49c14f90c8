"""How fast the engine is, against a floor that is measured in the same run."""
