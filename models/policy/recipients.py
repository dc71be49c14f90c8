"""Where messages to records go, before they are composed: as Odoo's composers find it."""

from ...tools.addresses import split_addresses


def get_mailboxes(records):
    """The normalised email addresses to which mass mailing writes to records.

    :rtype: dict[int, set[str]]
    """
    if records._name == "res.partner":
        # Odoo would parse each address several times, to come to the same.
        return {partner.id: set(split_addresses(partner.email)) for partner in records}
    recipients = records._message_get_default_recipients()
    partners = records.env["res.partner"].browse(
        {partner_id for info in recipients.values() for partner_id in info["partner_ids"]}
    )
    emails = {partner.id: partner.email for partner in partners}
    return {
        res_id: {
            address
            for text in (info["email_to"], *map(emails.get, info["partner_ids"]))
            for address in split_addresses(text)
        }
        for res_id, info in recipients.items()
    }


def get_numbers(records):
    """The phone numbers to which text messages to records go.

    :rtype: dict[int, set[str]]
    """
    recipients = records._sms_get_recipients_info()
    return {res_id: {info["sanitized"]} - {False} for res_id, info in recipients.items()}
