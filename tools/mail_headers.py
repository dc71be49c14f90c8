"""Headers of incoming mail as they came: Python's parser of their structure fails on some that
strangers write."""


def header(message, name):
    """The first header of a name, unfolded, in characters that a database holds; or an empty text.

    :param email.message.Message message:
    :param str name: in any case
    """
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            text = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            return " ".join(text.replace("\0", "").split())
    return ""
