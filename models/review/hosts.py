"""Which addresses lead nowhere."""

import re
from urllib.parse import urlsplit

# Names that are kept for examples (RFC 2606), and where nobody but the writer gets.
DUMMY_HOST = re.compile(
    r"(^|\.)(example\.(com|net|org)|(example|invalid|localhost|test)|yourcompany\.com)$"
)
LOCAL_HOST = re.compile(r"^(localhost|127\.0\.0\.1|0\.0\.0\.0|\[?::1\]?)$")
# What nobody has replaced by an address.
EMPTY_LINKS = {"", "#", "http://", "https://"}


def is_dummy(link):
    """Whether a link leads nowhere."""
    if link in EMPTY_LINKS:
        return True
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        return True
    return bool(DUMMY_HOST.search(host) or LOCAL_HOST.match(host))
