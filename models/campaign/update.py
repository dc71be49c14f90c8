"""Changes of a workflow reach those who take part already."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.rpc import on_records

# So many participants are updated while the user waits: about a second.
UPDATE_AT_ONCE = 5_000
UPDATE_BATCH_SIZE = 10_000


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    is_updating = fields.Boolean(
        "Being Updated",
        compute="_compute_is_updating",
        help="Changes of the workflow are being applied to participants, in the background.",
    )
    updated_until = fields.Integer(
        copy=False,
        readonly=True,
        help="The number of the last participant that an update which is under way has reached.",
    )

    @api.depends("marketing_activity_ids.is_updating")
    def _compute_is_updating(self):
        for campaign in self:
            campaign.is_updating = any(campaign.marketing_activity_ids.mapped("is_updating"))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_records
    def action_update_participants(self):
        """Apply the changes of the workflow to those who are past them, and enrol.

        Where more take part than a user should wait for, the enrolment job does both:
        ``is_updating`` says that it is not done yet.
        """
        self._check_may_operate()
        large = self.filtered(lambda campaign: campaign.sudo()._is_large())
        for campaign in self.filtered("require_sync"):
            campaign._request_update(in_background=campaign in large)
        small = (self - large).sudo()
        for campaign in small:
            for _count in campaign._update_in_batches():
                pass
        (self - large)._check_can_enrol().sudo()._enrol_at_once()
        if large:
            self._enrol_soon()
        self._wake_up_when_due()
        return True

    # ------------------------------------------------------------
    # ENGINE
    # ------------------------------------------------------------

    def _request_update(self, in_background):
        """From now on the changed activities are being updated, from the first participant."""
        changed = self.marketing_activity_ids.filtered("require_sync")
        changed.sudo().write({"require_sync": False, "is_updating": True})
        self.sudo().updated_until = 0
        names = ", ".join(changed.mapped("name"))
        self._message_log(
            body=self.env._(
                "Changes are being applied to participants, in the background: %(activities)s",
                activities=names,
            )
            if in_background
            else self.env._("Changes applied to participants: %(activities)s", activities=names)
        )

    def _is_large(self):
        """Whether more take part than can be updated at once."""
        limit = UPDATE_AT_ONCE + 1
        domain = [("campaign_id", "=", self.id)]
        return self.env["marketing.participant"].search_count(domain, limit=limit) == limit

    def _update_in_batches(self):
        """Update batch after batch; yields the number of participants of each, so that the
        caller can commit in between.

        Each batch begins with what is there then: activities may be changed, and another
        update asked for, meanwhile.
        """
        self.ensure_one()
        while self.is_updating:
            yield self._update_next()
            self.env.invalidate_all()

    def _update_next(self):
        """Apply the changes to the next batch of participants.

        :return: their number
        """
        activities = self.marketing_activity_ids.filtered("is_updating")
        after_id = self.updated_until
        self.env.flush_all()
        [(count, last_id)] = self.env.execute_query(
            SQL(
                """
                SELECT count(*), max(id) FROM (
                    SELECT id FROM marketing_participant WHERE campaign_id = %s AND id > %s
                    ORDER BY id LIMIT %s
                ) AS batch
                """,
                self.id,
                after_id,
                UPDATE_BATCH_SIZE,
            )
        )
        if count:
            self.env["marketing.trace"]._reschedule(activities, after_id, last_id)
            self.env["marketing.participant"]._settle(
                SQL("campaign_id = %s AND id > %s AND id <= %s", self.id, after_id, last_id)
            )
        # Who asks for another update meanwhile writes it, too: one of the two is tried again.
        self.updated_until = last_id if count == UPDATE_BATCH_SIZE else 0
        if count < UPDATE_BATCH_SIZE:
            activities.write({"is_updating": False, "update_date": fields.Datetime.now()})
        return count
