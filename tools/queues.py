"""The two queues of Odoo in which messages of campaigns wait for their senders."""

from typing import NamedTuple

from odoo.tools import SQL


class Queue(NamedTuple):
    """What is particular to a queue.

    :param model: of the messages in it
    :param link: column of a mailing trace that leads there
    :param canceled: state of messages that are taken back
    :param mark: model that remembers what is out before that is written down
    :param job: external id of the first of its senders
    :param waits: condition on a message that is to be sent, beside its state
    :param not_before: when a message is to be sent; NULL: at once
    """

    model: str
    link: str
    canceled: str
    mark: str
    job: str
    waits: SQL
    not_before: SQL


EMAILS = Queue(
    model="mail.mail",
    link="mail_mail_id_int",
    canceled="cancel",
    mark="marketing.mail.mark",
    job="marketing_automation.ir_cron_send_emails",
    waits=SQL("TRUE"),
    not_before=SQL("queue.scheduled_date"),
)
TEXTS = Queue(
    model="sms.sms",
    link="sms_id_int",
    canceled="canceled",
    mark="marketing.sms.mark",
    job="marketing_automation.ir_cron_send_texts",
    # Odoo's provider has reported on the others already.
    waits=SQL("queue.to_delete IS NOT TRUE"),
    not_before=SQL("NULL::timestamp"),
)
QUEUES = (EMAILS, TEXTS)
