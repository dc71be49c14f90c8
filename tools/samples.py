"""The addresses of sample contacts."""

# Below example.com, which is nobody's (RFC 2606, section 3).
SAMPLE_DOMAIN = "sample.example.com"


def is_sample(address):
    """Whether a normalised address is one of a sample contact.

    >>> is_sample("ada@sample.example.com"), is_sample("ada@example.com")
    (True, False)
    """
    return address.endswith(f"@{SAMPLE_DOMAIN}")
