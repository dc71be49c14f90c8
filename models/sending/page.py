"""What of a campaign is in the queue, how fast it leaves, and what keeps it there."""

from odoo import fields, models
from odoo.tools import SQL

from ...tools.queues import QUEUES
from ...tools.rpc import on_one_record, on_records
from ...tools.sending_pace import LONGEST_SENDING, get_end, get_pace, get_sending_start


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    sending = fields.Json(
        compute="_compute_sending",
        help="How far the sending of what is queued has come when the page opens, see get_sending.",
    )

    def _compute_sending(self):
        for campaign in self:
            # A form that is edited has shown it already: there its id is a new one.
            may_send = campaign.id and campaign.state != "draft"
            campaign.sending = campaign.get_sending() if may_send else False

    @on_one_record
    def get_sending(self):
        """How far the sending of what is queued has come, without tests.

        All queries read as much as is queued, or was of late, whatever the past of the campaign.

        :return: ``state``: ``idle`` (nothing is queued), ``waiting`` (for a sender), ``sending``,
            ``held`` (a mail server or a provider takes nothing) or ``put_off`` (all that is left is
            tried again later); unless it is idle also ``queued``, ``sent`` and ``total`` (messages,
            of those that were queued together); ``pace``: messages a second, 0 if it is not known;
            ``end``: when all will be sent, or False; ``put_off`` and ``put_off_until``: how many
            are tried again later, and when the first is; ``holds``, see :meth:`_get_holds`.
            Moments are in UTC.
        :rtype: dict
        """
        self.check_access("read")
        self.env.flush_all()
        Activity = self.env["marketing.activity"]
        activities = Activity.search_fetch(
            [
                ("campaign_id", "=", self.id),
                ("activity_type", "in", Activity._get_message_types()),
            ],
            ["mass_mailing_id", "name"],
        )
        queued = activities._count_queued()
        if not queued:
            return {"state": "idle"}
        mailings = activities.mass_mailing_id
        left = sum(queued.values())
        total = activities._count_done_with(queued)
        left -= min(left, mailings._count_out_of_batch())
        put_off, put_off_until, last_try = mailings._count_put_off()
        put_off = min(left, put_off)
        holds = activities._get_holds()
        now = fields.Datetime.now()
        handed_over = self.env["marketing.handover"]._get_recent(activities)
        pace = get_pace(handed_over, now)
        if holds:
            state = "held"
        elif left and left == put_off:
            state = "put_off"
        else:
            state = "sending" if handed_over else "waiting"
        end = state == "sending" and get_end(left, pace, now, last_try)
        return {
            "state": state,
            "queued": left,
            "sent": total - left,
            "total": total,
            "pace": pace,
            "end": fields.Datetime.to_string(end) or False,
            "put_off": put_off,
            "put_off_until": fields.Datetime.to_string(put_off_until) or False,
            "holds": holds,
        }

    @on_records
    def action_try_now(self):
        """Have the mail servers and providers that took nothing tried again at once."""
        self.check_access("write")
        self.marketing_activity_ids.mass_mailing_id._end_hold()
        for queue in QUEUES:
            self._wake_up_senders(queue=queue)
        return True


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _count_queued(self):
        """Messages that are queued, by the quarter of an hour in which they were."""
        rows = self.env["marketing.activity.figures"]._sum_by_moment(self, "queued")
        return {moment: number for moment, number in rows if number > 0}

    def _count_done_with(self, queued):
        """How many messages were queued together with these, sent ones among them.

        :param dict queued: what :meth:`_count_queued` returned
        """
        figures = self.env["marketing.activity.figures"]
        done = dict(figures._sum_by_moment(self, "processed", since=min(queued) - LONGEST_SENDING))
        start = get_sending_start(done, queued)
        return sum(number for moment, number in done.items() if moment >= start)

    def _get_holds(self):
        """The mail servers and providers that take nothing of what these activities have queued.

        :return: dicts with ``activities``: their names; ``type``: of their mailings, mail or sms;
            ``reason``: what the mail server or provider, or the connection to it, has answered;
            ``until``: when it is tried again; ``action``: leads to the mail server or the account,
            False for who may not see it
        :rtype: list[dict]
        """
        holds = {}
        activities = self.grouped("mass_mailing_id")
        for mailing, until, reason in self.mass_mailing_id._get_holds():
            action = mailing._get_delivery_action()
            hold = holds.setdefault(
                (reason, str(action)),
                {
                    "activities": [],
                    "type": mailing.mailing_type,
                    "reason": reason or "",
                    "until": fields.Datetime.to_string(until),
                    "action": action,
                },
            )
            hold["activities"] += activities[mailing].mapped("name")
        return list(holds.values())


class MarketingActivityFigures(models.Model):
    _inherit = "marketing.activity.figures"

    _sending = models.Index(
        "(activity_id, metric, moment) INCLUDE (company_id, number)"
        " WHERE metric IN ('queued', 'processed')"
    )

    def _sum_by_moment(self, activities, metric, since=None):
        """How many traces of these activities were counted, of companies that one may see.

        :return: pairs of the quarter of an hour and the number
        """
        domain = [("activity_id", "in", activities.ids), ("metric", "=", metric)]
        if since:
            domain.append(("moment", ">=", since))
        query = self._search(domain)
        query.groupby = SQL("moment")
        query.order = None
        return self.env.execute_query(query.select("moment", "sum(number)::int"))


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _count_out_of_batch(self):
        """How many emails the mail server has taken out of a batch that a sender is at."""
        [(number,)] = self.env.execute_query(
            SQL(
                """
                SELECT count(*) FROM marketing_mail_mark mark
                JOIN mail_mail mail ON mail.id = mark.mail_id AND mail.state = 'outgoing'
                WHERE mail.mailing_id = ANY(%s) AND %s
                """,
                self.ids,
                self._is_shown_sql(),
            )
        )
        return number

    def _count_put_off(self):
        """How many emails are tried again later, when the first of them is, and the last."""
        [row] = self.env.execute_query(
            SQL(
                """
                SELECT count(*), min(scheduled_date), max(scheduled_date) FROM mail_mail mail
                WHERE mailing_id = ANY(%s) AND state = 'outgoing' AND scheduled_date > %s AND %s
                """,
                self.ids,
                fields.Datetime.now(),
                self._is_shown_sql(),
            )
        )
        return row

    def _is_shown_sql(self):
        """Whether ``mail`` is no test, and of a company that one may see."""
        return SQL(
            """
            EXISTS (
                SELECT FROM mailing_trace message
                JOIN marketing_trace trace ON trace.id = message.marketing_trace_id
                WHERE message.mail_mail_id_int = mail.id AND NOT trace.is_test
                    AND (trace.company_id IS NULL OR trace.company_id = ANY(%s))
            )
            """,
            self.env.companies.ids,
        )

    def _get_delivery_action(self):
        """Leads to the mail server of the mailing, to all where it names none, or to the accounts
        of text messages; False for who may not see them."""
        if not self.env.user.has_group("base.group_system"):
            return False
        if self.mailing_type == "sms":
            return "iap.iap_account_action"
        if not self.mail_server_id:
            return "base.action_ir_mail_server_list"
        return {
            "type": "ir.actions.act_window",
            "res_model": "ir.mail_server",
            "res_id": self.mail_server_id.id,
            "views": [[False, "form"]],
        }


class MailMail(models.Model):
    _inherit = "mail.mail"

    _marketing_put_off = models.Index(
        "(mailing_id, scheduled_date) WHERE state = 'outgoing' AND mailing_id IS NOT NULL"
        " AND scheduled_date IS NOT NULL"
    )
