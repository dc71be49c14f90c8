"""What a domain says about who may send emails for it, where a DNS library is at hand."""

try:
    from dns import exception, resolver
except ImportError:
    resolver = None

SECONDS = 1.0  # for each question


def find_missing_records(domain):
    """Which records a domain lacks: SPF (RFC 7208) or DMARC (RFC 7489), which it may have from a
    domain above. Its DKIM keys cannot be seen: only who signs knows their names.

    :return: names of the records; empty as well where that cannot be found out
    :rtype: list[str]
    """
    if not resolver:
        return []
    policies = [f"_dmarc.{each}" for each in _with_those_above(domain)]
    questions = (("SPF", [domain], "v=spf1"), ("DMARC", policies, "v=DMARC1"))
    return [
        name
        for name, places, begin in questions
        if all(_lacks_text(place, begin) for place in places)
    ]


def _with_those_above(domain):
    """A domain and the highest three above it that have a dot."""
    labels = domain.split(".")
    above = [".".join(labels[start:]) for start in range(1, len(labels) - 1)]
    return [domain, *above[-3:]]


def _lacks_text(name, begin):
    """Whether it is known that a name has no text record that begins so."""
    try:
        answer = resolver.resolve(name, "TXT", lifetime=SECONDS)
    except (resolver.NXDOMAIN, resolver.NoAnswer):
        return True
    except exception.DNSException:
        return False
    texts = (b"".join(record.strings).decode("utf-8", "replace") for record in answer)
    return not any(text.lower().startswith(begin.lower()) for text in texts)
