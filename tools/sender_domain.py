"""What a domain says about who may send emails for it, where a DNS library is at hand."""

try:
    from dns import exception, resolver
except ImportError:
    resolver = None

SECONDS = 1.0  # for each question


def find_missing_records(domain):
    """Which records a domain lacks: SPF (RFC 7208) or DMARC (RFC 7489). Its DKIM keys cannot be
    seen: only who signs knows their names.

    :return: names of the records; empty as well where that cannot be found out
    :rtype: list[str]
    """
    if not resolver:
        return []
    questions = (("SPF", domain, "v=spf1"), ("DMARC", f"_dmarc.{domain}", "v=DMARC1"))
    return [name for name, where, begin in questions if _lacks_text(where, begin)]


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
