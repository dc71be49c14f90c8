"""What can be told to clients."""


def by_text(values):
    """The dict with its ids as text: XML-RPC carries no other keys."""
    return {str(key): value for key, value in values.items()}
