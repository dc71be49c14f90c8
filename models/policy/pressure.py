"""How many messages addresses have got of late, who may get none now, and why."""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.states import CAPPED, SCHEDULED
from .frequency_cap import CAP_PARAMETERS
from .message_log import SHOWN_DAYS

WEEK_DAYS = 7
# Whoever got more counts as having got so many.
MOST = 10


class MarketingMessageLog(models.Model):
    _inherit = "marketing.message.log"

    @api.model
    def get_pressure(self):
        """What the page "Pressure" shows; of addresses only their numbers.

        :return: ``caps``: number, days and policy by type, where there is a cap; ``received``: by
            type, for each number of messages (the last one stands for more, too) how many addresses
            have got so many in the last 7 and 30 days; ``full``: by type, how many addresses may
            get no message now; ``senders``: by type, of whom they got these messages, see
            :meth:`_get_senders`; ``waiting``: see :meth:`_get_waiting`
        :rtype: dict
        """
        self.check_access("read")
        self.env.flush_all()
        caps = {key: cap for key in CAP_PARAMETERS if (cap := self._get_cap(key))}
        full, senders = self._get_senders(caps)
        return {
            "caps": {key: cap._asdict() for key, cap in caps.items()},
            "received": self._count_received(),
            "full": full,
            "senders": senders,
            "waiting": self._get_waiting(),
        }

    @api.model
    def _count_received(self):
        """How many addresses have got how many messages, of each type."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT trace_type, week, month, count(*)
                FROM (
                    SELECT min(trace_type) AS trace_type, least(count(*), %(most)s) AS month,
                        least(count(*) FILTER (WHERE date > %(week)s), %(most)s) AS week
                    FROM marketing_message_log
                    WHERE date > %(month)s AND date < 'infinity'
                    GROUP BY address
                ) AS received
                GROUP BY trace_type, week, month
                """,
                most=MOST,
                week=self._get_start(WEEK_DAYS),
                month=self._get_start(SHOWN_DAYS),
            )
        )
        numbers = {}
        for trace_type, week, month, count in rows:
            by_number = numbers.setdefault(trace_type, defaultdict(lambda: [0, 0]))
            by_number[week][0] += count
            by_number[month][1] += count
        return {
            trace_type: [
                {"number": number, "week": by_number[number][0], "month": by_number[number][1]}
                for number in range(1, max(by_number) + 1)
            ]
            for trace_type, by_number in numbers.items()
        }

    @api.model
    def _get_senders(self, caps):
        """Whose messages fill the cap of those who may get none now.

        :param dict caps: by type
        :return: how many addresses that are, by type; and by type, campaigns with ``name``, False
            for newsletters, ``addresses`` and ``messages``: to how many of them they have sent, and
            how much; those with most messages first
        """
        if not caps:
            return {}, {}
        days = max(cap.days for cap in caps.values())
        rows = self.env.execute_query(
            SQL(
                """
                WITH full_address AS (
                    SELECT address FROM marketing_message_log
                    WHERE date > %(start)s AND trace_type = ANY(%(types)s)
                    GROUP BY address
                    HAVING count(*) >= (%(numbers)s)[array_position(%(types)s, min(trace_type))]
                ), sent AS (
                    SELECT trace_type, campaign_id, address, count(*) AS messages
                    FROM marketing_message_log JOIN full_address USING (address)
                    WHERE date > %(start)s
                    GROUP BY trace_type, campaign_id, address
                )
                SELECT trace_type, GROUPING(campaign_id) = 1, campaign_id, count(DISTINCT address),
                    sum(messages)::int
                FROM sent
                GROUP BY GROUPING SETS ((trace_type, campaign_id), (trace_type))
                ORDER BY 5 DESC, 3
                """,
                start=self._get_start(days),
                types=list(caps),
                numbers=[cap.number for cap in caps.values()],
            )
        )
        full, senders = {}, {}
        campaigns = self.env["marketing.campaign"].browse({row[2] for row in rows if row[2]})
        names = {campaign.id: campaign.display_name for campaign in campaigns.exists()}
        for trace_type, is_total, campaign_id, addresses, messages in rows:
            if is_total:
                full[trace_type] = addresses
            else:
                name = campaign_id and names.get(campaign_id, self.env._("Deleted campaign"))
                senders.setdefault(trace_type, []).append(
                    {"name": name or False, "addresses": addresses, "messages": messages}
                )
        return full, senders

    @api.model
    def _get_waiting(self):
        """Campaigns whose messages wait for their addresses, in companies that one may see.

        :return: dicts with ``campaign_id``, ``name``, ``priority``: its label, ``number``: how many
            messages, and ``until``: when the first of them is looked at again, in UTC
        :rtype: list[dict]
        """
        waiting = {}
        groups = self.env["marketing.trace"]._read_group(
            [("state", "=", SCHEDULED), ("state_reason", "=", CAPPED), ("is_test", "=", False)],
            ["activity_id"],
            ["__count", "schedule_date:min"],
        )
        for activity, number, until in groups:
            numbers = waiting.setdefault(activity.campaign_id, [])
            numbers.append((number, until))
        priorities = dict(
            self.env["marketing.campaign"]._fields["priority"]._description_selection(self.env)
        )
        return [
            {
                "campaign_id": campaign.id,
                "name": campaign.display_name,
                "priority": priorities[campaign.priority],
                "number": sum(number for number, _until in numbers),
                "until": fields.Datetime.to_string(min(until for _number, until in numbers)),
            }
            for campaign, numbers in waiting.items()
        ]

    @api.model
    def _get_start(self, days):
        return fields.Datetime.now() - timedelta(days=days)
