"""Who comes in again, when messages leave, and how many."""

from datetime import timedelta

from .reference_policies import Cap, Hours, Message
from .story_picks import Picks, pick


class Policies(Picks):
    """A part of :class:`.story.Story`."""

    def do_reentry(self, policy, delay):
        """People come in again, or not. Who comes in by the filter does not within a day."""
        if self.model.entry != "none" and not delay[0]:
            delay = (1, "days")
        self.model.reentry, self.model.least_time = policy, delay
        self.campaign.write(
            {
                "reentry": policy,
                "reentry_delay_number": delay[0],
                "reentry_delay_type": delay[1],
            }
        )

    def do_unique(self):
        """From now on an address takes part once; or any number of times."""
        self.model.unique = not self.model.unique
        self.campaign.unique_field_id = self.email if self.model.unique else False

    def do_hours(self, number, by_recipient, skips):
        """The campaign has sending hours, others, or none."""
        calendar = None if number is None else pick(self.test.calendars, number)
        windows = calendar and [
            (int(row.dayofweek), row.hour_from, row.hour_to) for row in calendar.attendance_ids
        ]
        holidays = self.holidays.setdefault(calendar, [])
        self.model.hours = calendar and Hours(windows, holidays, by_recipient, skips)
        self.campaign.write(
            {
                "sending_calendar_id": calendar.id if calendar else False,
                "sending_timezone": "recipient" if by_recipient else "responsible",
                "outside_hours": "skip" if skips else "wait",
            }
        )

    def do_holiday(self, hours, length):
        """A public holiday begins in so many hours."""
        if calendar := self.campaign.sending_calendar_id:
            begin = self.now + timedelta(hours=hours)
            end = begin + timedelta(hours=length)
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Holiday",
                    "calendar_id": calendar.id,
                    "date_from": begin,
                    # As Odoo proposes it; a minute that has begun is closed as a whole.
                    "date_to": end - timedelta(seconds=1),
                }
            )
            self.model.hours.holidays.append((begin, end))

    def do_cap(self, emails, texts, days, skips):
        """An address gets at most so many messages from now on; 0 for any number."""
        self.env["res.config.settings"].create(
            {
                "marketing_email_cap": emails,
                "marketing_sms_cap": texts,
                "marketing_cap_days": days,
                "marketing_cap_policy": "skip" if skips else "wait",
            }
        ).execute()
        cap = Cap({"email": emails, "sms": texts}, days, skips)
        for model in self._get_models():
            if cap != model.cap:
                model.ask_capped_again(self.now)
            model.cap = cap

    def do_limit(self, number):
        """At most so many messages of the campaign an hour from now on; 0 for any number."""
        self.campaign.hourly_limit = number
        self.model.set_limit(number, self.now)

    def do_priority(self, priority):
        """The campaign goes before others, or behind them."""
        self.campaign.priority = priority
        self.model.priority = int(priority)

    def do_transactional(self):
        """The campaign is one of messages that are expected, or is no longer."""
        self.model.is_transactional = not self.model.is_transactional
        self.campaign.is_transactional = self.model.is_transactional
        self.model.ask_capped_again(self.now)

    def do_newsletter(self, number):
        """A record gets a newsletter: it is never held up, but counts."""
        record, partner = self._pick_record(number)
        if record and not record.no_mail:
            self.env["mailing.trace"].create(
                {
                    "model": partner._name,
                    "res_id": partner.id,
                    "email": partner.email,
                    "trace_status": "outgoing",
                }
            ).set_sent()
            self.model.messages.append(Message("email", record.addresses["email"], self.now))
