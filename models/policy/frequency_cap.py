"""Nobody gets too many messages, whatever the number of campaigns."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from ...tools.cap import QUEUED, Cap
from ...tools.parameters import get_positive
from ...tools.states import CAPPED, SCHEDULED
from .gate import Hold
from .recipients import get_mailboxes, get_numbers

# How many messages of each type of mailings an address may get.
CAP_PARAMETERS = {
    "mail": "marketing_automation.email_cap",
    "sms": "marketing_automation.sms_cap",
}
DAYS_PARAMETER = "marketing_automation.cap_days"
CAP_DAYS = 7
POLICY_PARAMETER = "marketing_automation.cap_policy"
# Addresses that share a lock wait for each other; a transaction holds as many locks at most.
LOCKS = 4096


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    priority = fields.Selection(
        [("0", "Low"), ("1", "Normal"), ("2", "High")],
        default="1",
        required=True,
        tracking=True,
        help="Campaigns of a higher priority go first, where an address may get few messages.",
    )
    is_transactional = fields.Boolean(
        "Transactional",
        tracking=True,
        help="Its messages are expected, such as confirmations: they go out even to addresses that"
        " have got as many messages as they may. They count as messages of these addresses.",
    )

    def _ask_capped_again(self):
        """What becomes of these campaigns' messages that wait may have changed."""
        self.env["marketing.trace"].sudo()._ask_capped_again(
            SQL("activity_id = ANY(%s)", self.all_activity_ids.ids)
        )


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    _capped = models.Index("(activity_id) WHERE state = 'scheduled' AND state_reason = 'capped'")

    def _describe_cap(self):
        """Until when a message waits for its address, by the reader's clock."""
        if self.schedule_date == self.hold_end:
            return self.env._(
                "Its time is up before that changes: %(moment)s.",
                moment=self._describe_hold_end(),
            )
        is_soon = self.schedule_date - fields.Datetime.now() < timedelta(days=1)
        moment = format_datetime(
            self.env, self.schedule_date, dt_format="d MMMM H:mm" if is_soon else "d MMMM"
        )
        return self.env._("Capped until %(moment)s.", moment=moment)

    @api.model
    def _ask_capped_again(self, condition):
        """Have messages that wait for their address looked at now.

        :param SQL condition: on traces
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE marketing_trace SET schedule_date = %(now)s, write_date = %(now)s
                WHERE state = %(state)s AND state_reason = %(capped)s AND schedule_date > %(now)s
                    AND %(condition)s
                RETURNING id
                """,
                now=fields.Datetime.now(),
                state=SCHEDULED,
                capped=CAPPED,
                condition=condition,
            )
        )
        if rows:
            self.invalidate_model(["schedule_date", "write_date"])
            self.env["marketing.campaign"]._wake_up()


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _find_capped(self, places, claims, now):
        """Which of these messages may not go out, since their address has got too many.

        No two transactions look at the same address at the same moment: what another one looks at
        is asked again a moment later.

        :param int places: how many may go out; those behind them are not asked. None: all
        :param list claims: claimed traces
        :param datetime now: the present moment
        :rtype: dict[int, Hold]
        """
        trace_type = self._get_step_type().mailing_type
        log = self.env["marketing.message.log"]
        cap = log._get_cap(trace_type)
        if not cap or self.campaign_id.is_transactional:
            return {}
        addresses = self._get_logged_addresses(trace_type, [claim.res_id for claim in claims])
        everyone = {address for own in addresses.values() for address in own}
        free = log._lock_addresses(everyone)
        dates = log._get_last_dates(free, cap, now)
        holds, ready = {}, 0
        for claim in claims:
            if ready == places:
                break
            own = addresses.get(claim.res_id, [])
            if not free.issuperset(own):
                holds[claim.trace_id] = Hold(None, now)
                continue
            waits = [date for key in own if (date := cap.get_next_date(dates[key], now))]
            if waits:
                holds[claim.trace_id] = Hold(CAPPED, None if cap.skips else max(waits))
                continue
            ready += 1
            for address in own:
                dates[address].append(QUEUED)
        return holds

    def _find_full(self, res_ids, now):
        """Those of these records whose address may get no message now, if nothing is queued
        meanwhile.

        :rtype: set[int]
        """
        trace_type = self._get_step_type().mailing_type
        log = self.env["marketing.message.log"]
        cap = log._get_cap(trace_type)
        if not cap or self.campaign_id.is_transactional:
            return set()
        addresses = self._get_logged_addresses(trace_type, res_ids)
        dates = log._get_last_dates(set().union(*addresses.values()), cap, now)
        return {
            res_id
            for res_id, own in addresses.items()
            if any(cap.get_next_date(dates[address], now) for address in own)
        }

    def _get_logged_addresses(self, trace_type, res_ids):
        """Where messages to these records go, as the log knows it.

        :rtype: dict[int, list[int]]
        """
        env = self.campaign_id._responsible_env()
        records = env[self.model_name].sudo().browse(res_ids)
        texts = get_numbers(records) if trace_type == "sms" else get_mailboxes(records)
        pairs = [(res_id, text) for res_id, own in texts.items() for text in sorted(own)]
        hashes = self.env["marketing.message.log"]._hash(
            [(trace_type, text) for _res_id, text in pairs]
        )
        addresses = {}
        for (res_id, _text), address in zip(pairs, hashes, strict=True):
            addresses.setdefault(res_id, []).append(address)
        return addresses


class MarketingMessageLog(models.Model):
    _inherit = "marketing.message.log"

    @api.model
    def _get_cap_days(self):
        """How many days messages count for."""
        return get_positive(self.env, DAYS_PARAMETER, CAP_DAYS)

    @api.model
    def _get_cap(self, trace_type):
        """How many messages of a type an address may get; None where there is no limit.

        :rtype: Cap
        """
        parameter = CAP_PARAMETERS.get(trace_type)
        number = parameter and get_positive(self.env, parameter)
        if not number:
            return None
        skips = self.env["ir.config_parameter"].sudo().get_param(POLICY_PARAMETER) == "skip"
        return Cap(number, self._get_cap_days(), skips)

    @api.model
    def _lock_addresses(self, addresses):
        """Keep other transactions from queueing messages to these addresses, until this one ends.

        :return: those that no other transaction has locked
        :rtype: set[int]
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT lock FROM unnest(%s::int[]) AS lock WHERE"
                " pg_try_advisory_xact_lock(hashtext('marketing_message_log'), lock)",
                list({address % LOCKS for address in addresses}),
            )
        )
        locked = {lock for (lock,) in rows}
        return {address for address in addresses if address % LOCKS in locked}

    @api.model
    def _get_last_dates(self, addresses, cap, now):
        """When the last messages to locked addresses have left, as many as the cap counts.

        :rtype: dict[int, list[datetime]]
        """
        query = SQL(
            """
            SELECT asked.address, last.id, last.date FROM unnest(%s::bigint[]) AS asked (address),
                LATERAL (
                    SELECT id, date FROM marketing_message_log
                    WHERE address = asked.address AND date > %s ORDER BY date DESC LIMIT %s
                ) AS last
            """,
            list(addresses),
            now - timedelta(days=cap.days),
            cap.number,
        )
        # A transaction that began after they were locked sees what others have committed
        # before; this one sees what it has queued itself.
        with self.env.registry.cursor() as cr:
            rows = self.env(cr=cr).execute_query(query)
        found = {row[:2]: row[2] for row in (*self.env.execute_query(query), *rows)}
        dates = {address: [] for address in addresses}
        for (address, _id), date in found.items():
            dates[address].append(date)
        return dates
