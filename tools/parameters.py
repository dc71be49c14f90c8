"""Numbers that administrators enter as system parameters."""


def get_positive(env, key, default=None):
    """A positive whole number; the default where it is none, or 0.

    :param str key: of the system parameter
    """
    text = env["ir.config_parameter"].sudo().get_param(key, "")
    return int(text) if text.isdecimal() and int(text) else default
