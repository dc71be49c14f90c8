"""Plugs are pulled while campaigns run in real servers; then everything is counted."""
