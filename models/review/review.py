"""The page that comes before a start, as plain data."""

from odoo import api, fields, models
from odoo.tools import format_datetime

from ...tools.plurals import count_records
from ...tools.rpc import on_one_record
from ...tools.states import REASONS

# Of more who enter, the first ones are asked whether messages can reach them: in about a second.
MOST_ASKED = 10_000


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @on_one_record
    def action_review(self):
        """Open the review, from which the campaign is started.

        :raise AccessError: for who may not start it
        """
        self._check_may_operate()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_automation.marketing_campaign_review_action"
        )
        action["name"] = self.env._("Start “%(campaign)s”", campaign=self.name)
        action["context"] = {"default_campaign_id": self.id, "dialog_size": "large"}
        return action

    def _get_review(self, moment=None):
        """What a start would do, for who may start the campaign.

        :param datetime moment: when it starts, in UTC; by default now
        :return: see :meth:`_get_prospect` and :meth:`_date_prospect`
        :rtype: dict
        :raise AccessError: for who may not start it
        """
        return self._date_prospect(self._get_prospect(), moment)

    def _get_prospect(self):
        """What a start would do, whenever it is.

        :return: ``audience`` and ``messages``: see there; ``findings``: what looks wrong, see
            ``Finding``; ``zones``: by whose clocks messages keep to the sending hours
        :rtype: dict
        :raise AccessError: for who may not start it
        """
        self.ensure_one()
        self._check_may_operate()
        campaign, audience = self.sudo(), None
        if not (campaign._get_audience_problems() or campaign._get_search_problems()):
            audience = campaign._get_audience(MOST_ASKED)
        return {
            "audience": campaign._describe_audience(audience) if audience else False,
            "messages": campaign._review_messages(audience) if audience else [],
            "zones": campaign._get_zones_of_hours(audience.res_ids) if audience else [],
            "findings": [
                campaign._describe_finding(finding)
                for finding in campaign._find_what_looks_wrong(audience)
            ],
        }

    def _date_prospect(self, prospect, moment=None):
        """What a start would do at a moment.

        :param dict prospect: see :meth:`_get_prospect`
        :param datetime moment: in UTC; by default now
        :return: the same, with ``entries`` of the audience: of the other open entries ``id``,
            ``name``, ``icon``, and ``text``: whom they let in when; ``moment`` of each message:
            when it goes out first, in UTC, and ``text``: the same as a sentence, both False where
            nobody knows; ``first``: see there
        :rtype: dict
        :raise AccessError: for who may not start it
        """
        self.ensure_one()
        self._check_may_operate()
        campaign, moment = self.sudo(), moment or fields.Datetime.now()
        audience, messages = prospect["audience"], prospect["messages"]
        if audience:
            audience = {**audience, "entries": campaign._foresee_entries(moment)}
            dates = campaign._get_first_dates(moment, prospect["zones"])
            by_id = {step.id: date for step, date in dates.items()}
            messages = [
                {**message, **campaign._describe_date(by_id.get(message["activity_id"]))}
                for message in messages
            ]
        return {
            **prospect,
            "audience": audience,
            "messages": messages,
            "first": campaign._describe_first(messages, audience),
        }

    def _describe_audience(self, audience):
        """Who enters.

        :return: ``entering``, ``matching``, ``known``, ``duplicates``: numbers of records, see
            ``Audience``; ``text``: how many enter, in words; ``has_filter``: whether an open entry
            lets in by the filter; ``asked``: of how many of those who enter the messages are told;
            ``unique_on``: name of the unicity field
        :rtype: dict
        """
        return {
            "text": count_records(self.env, self.model_name, audience.entering),
            "has_filter": bool(self._get_open_entry("filter")),
            "entering": audience.entering,
            "matching": audience.matching,
            "known": audience.known,
            "duplicates": audience.duplicates,
            "asked": len(audience.res_ids),
            "unique_on": self.unique_field_id.field_description or "",
        }

    def _foresee_entries(self, moment):
        """Whom other open entries let in, from a start at this moment on."""
        return [
            {
                "id": entry.id,
                "name": entry.display_name,
                "icon": entry._get_entry_type().icon,
                "text": entry._get_entry_type().foresee(entry, moment),
            }
            for entry in self.entry_ids.filtered("active")
            if entry.entry_type != "filter" or entry.only_new
        ]

    def _review_messages(self, audience):
        """Whom each message reaches, of those who enter by the filter now; in the order of the
        workflow.

        :return: dicts with ``activity_id``, ``name``, ``icon``; ``place``: when it comes, in words;
            ``reached``: how many get it; ``reasons``: why others do not, with ``text`` and
            ``count``, the most frequent first
        :rtype: list[dict]
        """
        steps = self.marketing_activity_ids._sorted_by_depth().filtered(
            lambda step: step._get_step_type().kind == "message" and not step._get_problems()
        )
        labels = self._get_refusal_labels()
        return [
            {
                "activity_id": step.id,
                "name": step.name,
                "icon": step._get_step_type().icon,
                "place": step._describe_turn(),
                "reached": reach.reached,
                "reasons": [
                    {"reason": reason, "text": labels.get(reason, reason), "count": count}
                    for reason, count in reach.reasons.most_common()
                ],
            }
            for step, reach in steps._count_reached(audience.res_ids).items()
        ]

    @api.model
    def _describe_date(self, date):
        """When a message goes out first; None where nobody knows."""
        if not date:
            return {"moment": False, "text": False}
        return {
            "moment": fields.Datetime.to_string(date),
            "text": self.env._(
                "The first one goes %(moment)s.", moment=self._describe_moment(date)
            ),
        }

    @api.model
    def _get_refusal_labels(self):
        """Why a message does not go out, in words, by the reason."""
        failure_type = self.env["mailing.trace"]._fields["failure_type"]
        return {
            **dict(failure_type._description_selection(self.env)),
            **{reason: self.env._(label) for reason, label in REASONS.items()},
        }

    def _describe_first(self, messages, audience):
        """When the first message goes, and how long all take where messages an hour are limited.

        :return: a few sentences; nothing where nobody knows
        :rtype: str
        """
        dated = [message for message in messages if message["moment"]]
        if not dated:
            return ""
        first = min(dated, key=lambda message: message["moment"])
        moment = self._describe_moment(fields.Datetime.to_datetime(first["moment"]))
        texts = [
            self.env._(
                "The first message, “%(message)s”, goes %(moment)s.",
                message=first["name"],
                moment=moment,
            )
        ]
        if self.hourly_limit and audience["entering"] > self.hourly_limit:
            pace = self.env._(
                "At most %(limit)s messages leave within an hour: %(count)s take about %(hours)s"
                " hours.",
                limit=f"{self.hourly_limit:,}",
                count=f"{audience['entering']:,}",
                hours=-(-audience["entering"] // self.hourly_limit),
            )
            texts.append(pace)
        return " ".join(texts)

    def _describe_finding(self, finding):
        """A finding as plain data; it names its step."""
        return {
            "severity": finding.severity,
            "text": finding.text,
            "advice": finding.advice,
            "activity_id": finding.step.id if finding.step else False,
            "entry_id": finding.entry.id if finding.entry else False,
            "step": finding.step.name if finding.step and finding.severity != "error" else "",
            "action": finding.action,
        }

    @api.model
    def _describe_moment(self, moment):
        """A moment by the reader's clock, as a part of a sentence; the present one as such."""
        now = fields.Datetime.now()
        if moment <= now:
            return self.env._("at once")
        is_far = abs((moment - now).days) > 300
        return self.env._(
            "on %(day)s at %(time)s",
            day=format_datetime(
                self.env, moment, dt_format="EEEE d MMMM y" if is_far else "EEEE d MMMM"
            ),
            time=format_datetime(self.env, moment, dt_format="H:mm"),
        )


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _describe_turn(self):
        """When it comes, in the words of its trigger."""
        trigger = self._get_trigger()
        sentence = self.env._(trigger.sentence if self.interval_number else trigger.at_once)
        sentence %= {
            "does": self.env._(self._get_step_type().does),
            "delay": self._describe_duration(self.interval_number, self.interval_type),
            "parent": self.parent_id.name,
            "branch": self.branch_id.display_name,
        }
        if not self.due_hour:
            return sentence
        values = {"sentence": sentence, "time": self._describe_time_of_day(self.due_hour)}
        if not self.interval_number:
            return self.env._("%(sentence)s It waits for the next %(time)s.", **values)
        return self.env._("%(sentence)s On that day it waits for %(time)s.", **values)
