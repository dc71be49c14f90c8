"""What is left to do until a first campaign runs, read from what there is."""

from odoo import api, fields, models

from ...tools.domains import check_domain

STARTED = ("running", "stopped")
# How long the list stays for somebody to see that all is done.
SHOWN_HOURS = 24


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @api.model
    def get_first_steps(self):
        """How far the user's first campaign has come.

        :return: False for those who have hidden the list, or whose campaigns run since long; else
            ``campaign``: its id and name, or False; ``steps``: key of each step and whether it is
            done, in order; ``samples``: how many sample contacts there are
        :rtype: dict | bool
        """
        self.check_access("read")
        if self.env.user.sudo().res_users_settings_id.marketing_first_steps_hidden:
            return False
        campaign = self._find_first_campaign()
        if campaign._is_running_since_long():
            return False
        return {
            "campaign": bool(campaign) and {"id": campaign.id, "name": campaign.name},
            "steps": [
                {"key": "begin", "done": bool(campaign)},
                {"key": "audience", "done": bool(campaign) and campaign._has_audience()},
                {"key": "messages", "done": bool(campaign) and campaign._has_own_messages()},
                {"key": "test", "done": bool(campaign) and campaign._was_tested()},
                {"key": "start", "done": campaign.state in STARTED},
            ],
            "samples": len(self._search_sample_contacts()),
        }

    @api.model
    def _find_first_campaign(self):
        """The user's campaign that was started first, else the one that they work at."""
        mine = [("user_id", "=", self.env.uid)]
        return self.search(
            [*mine, ("state", "in", STARTED)], order="create_date, id", limit=1
        ) or self.search(mine, order="create_date desc, id desc", limit=1)

    def _is_running_since_long(self):
        limit = fields.Datetime.subtract(fields.Datetime.now(), hours=SHOWN_HOURS)
        return self.state in STARTED and self.create_date < limit

    def _has_audience(self):
        """Whether somebody matches, as far as the user may see."""
        model = self._get_model()
        if model is None or not model.has_access("read"):
            return False
        try:
            return bool(model.search(check_domain(model, self.domain), limit=1))
        except ValueError:
            return False

    def _has_own_messages(self):
        """Whether all messages can be sent, and one was written, or changed, by people since the
        campaign was made: those of a template are a beginning."""
        steps = self.marketing_activity_ids.filtered(
            lambda step: step._get_step_type().kind == "message"
        )
        mailings = steps.mass_mailing_id
        return (
            bool(mailings)
            and not any(step._get_problems() for step in steps)
            and max(mailings.mapped("write_date")) > self.create_date
        )

    def _was_tested(self):
        return bool(
            self.env["marketing.trace"].search_count(
                [
                    ("campaign_id", "=", self.id),
                    ("is_test", "=", True),
                    ("state", "=", "processed"),
                ],
                limit=1,
            )
        )
