from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ...tools.rpc import on_one_record

# About what stands behind an entry: only the entry writes them.
RULE_FIELDS = {"automation_id", "rule_values"}
# How far it was looked: it is noted with each look, and changes nothing else.
LOOK_FIELDS = {"checked_until", "checked_id"}
# What only the system writes.
NOTED_FIELDS = {"filter_user_id", *LOOK_FIELDS}


class MarketingCampaignEntry(models.Model):
    """One of the ways into a campaign.

    What a type needs beside the fields of all is in its own file.
    """

    _name = "marketing.campaign.entry"
    _description = "Way into a Marketing Campaign"
    _order = "campaign_id, sequence, id"

    campaign_id = fields.Many2one(
        "marketing.campaign", required=True, ondelete="cascade", index=True
    )
    model_id = fields.Many2one(related="campaign_id.model_id")
    model_name = fields.Char(related="campaign_id.model_name")
    campaign_state = fields.Selection(related="campaign_id.state")
    name = fields.Char(help="If it is empty, the entry is shown in words.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=True, help="An entry that is not active lets nobody in; who came in by it stays."
    )
    entry_type = fields.Selection(
        selection="_selection_entry_type", string="Type", required=True, default="filter"
    )
    # filter
    only_new = fields.Boolean(
        "Only New Records",
        help="Only records that were created after the campaign was started for the first time.",
    )
    # date
    date_field_id = fields.Many2one(
        "ir.model.fields",
        string="Date",
        ondelete="set null",
        domain="[('model_id', '=', model_id), ('store', '=', True),"
        " ('ttype', 'in', ['date', 'datetime'])]",
    )
    date_number = fields.Integer(
        "Delay", help="So long after the date; before it, where the number is negative."
    )
    date_type = fields.Selection(
        [("hours", "Hours"), ("days", "Days"), ("weeks", "Weeks"), ("months", "Months")],
        string="Unit of Delay",
        default="days",
        required=True,
    )
    is_yearly = fields.Boolean(
        "Every Year", help="The date comes back each year; 29 February is the 28th in other years."
    )
    time_of_day = fields.Float("At", help="Hours since midnight. Empty: no fixed time.")
    # event
    source_field = fields.Char(
        "Leads to the Target by",
        help="Path of fields from the record of the event to the one that takes part, such as"
        " “partner_id”. Empty: it is the same record.",
    )
    # for people
    filter_user_id = fields.Many2one(
        "res.users",
        string="Filter by",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="Who wrote the filter of this entry: it finds nothing that they may not see.",
    )
    description = fields.Char(
        compute="_compute_description", help="Who comes in, and when, in a few words."
    )
    participant_count = fields.Integer(
        "Participants",
        compute="_compute_participant_count",
        help="How many came in here; tests aside.",
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("entry_type", "active", "campaign_id")
    def _check_is_single(self):
        for campaign in self.campaign_id:
            active = campaign.entry_ids.filtered("active")
            for key, entries in active.grouped("entry_type").items():
                kind = entries[0]._get_entry_type()
                if kind.is_single and len(entries) > 1:
                    raise ValidationError(
                        self.env._(
                            "Campaign “%(campaign)s” can have one active entry of the type"
                            " “%(type)s”: change the one that there is.",
                            campaign=campaign.name,
                            type=dict(self._selection_entry_type())[key],
                        )
                    )

    @api.constrains("entry_type", "active", "campaign_id")
    def _check_reentry(self):
        self.campaign_id._check_reentry()

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("name", "description")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = entry.name or entry.description

    @api.depends(
        lambda self: [
            "entry_type",
            *{name for kind in self._get_entry_types().values() for name in kind.form_fields},
        ]
    )
    @api.depends_context("lang", "uid")
    def _compute_description(self):
        for entry in self:
            entry.description = entry._get_entry_type().describe(entry)

    def _compute_participant_count(self):
        counts = dict(
            self.env["marketing.participant"]._read_group(
                [
                    ("campaign_id", "in", self.campaign_id.ids),
                    ("is_test", "=", False),
                    ("entry_id", "in", self._origin.ids),
                ],
                ["entry_id"],
                ["__count"],
            )
        )
        for entry in self:
            entry.participant_count = counts.get(entry._origin, 0)

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        noted = {"filter_user_id": self.env.uid}
        for vals in vals_list:
            self._check_rule_fields(vals)
        entries = super().create([{**vals, **noted} for vals in vals_list])
        entries.campaign_id._check_may_act_for()
        entries.campaign_id._note_editor()
        entries._start()
        entries._adapt()
        for entry in entries:
            entry._log(self.env._("Entry added: %(entry)s", entry=entry._describe_whole()))
        return entries

    def write(self, vals):
        """
        :raise ValidationError: if an entry is to go to another campaign
        """
        if not (self.env.su or NOTED_FIELDS.isdisjoint(vals)):
            raise AccessError(
                self.env._("Who wrote a filter, and how far it was looked, is noted by the system.")
            )
        if LOOK_FIELDS.issuperset(vals):
            return super().write(vals)
        if "campaign_id" in vals:
            self._check_stays(vals["campaign_id"])
        self._check_rule_fields(vals)
        changed = self.filtered(
            lambda entry: entry.entry_type != vals.get("entry_type", entry.entry_type)
        )
        for entry in changed:
            entry._get_entry_type().remove(entry)
        closed = changed | self.filtered(lambda entry: not entry._is_open())
        before = {entry: entry._describe_whole() for entry in self}
        res = super().write(vals)
        self.campaign_id._check_may_act_for()
        self.campaign_id._note_editor()
        self._note_author(vals)
        if not RULE_FIELDS.issuperset(vals):
            closed._start()
            self._adapt()
        for entry, old in before.items():
            if old != (new := entry._describe_whole()):
                entry._log(self.env._("Entry changed: %(old)s → %(new)s", old=old, new=new))
        return res

    def unlink(self):
        """Entries by which somebody came in are archived instead: it stays known."""
        campaigns = self.campaign_id
        campaigns._check_may_act_for()
        used = self.filtered(lambda entry: entry.sudo().participant_count)
        used.filtered("active").active = False
        unused = self - used
        for entry in unused:
            entry._get_entry_type().remove(entry)
            entry._log(self.env._("Entry removed: %(entry)s", entry=entry._describe_whole()))
        res = super(MarketingCampaignEntry, unused).unlink()
        campaigns.exists()._note_editor()
        return res

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_one_record
    def action_view_participants(self):
        """Open the participants who came in here, without those of tests."""
        action = self.campaign_id.action_view_participants()
        return {**action, "domain": [*action["domain"], ("entry_id", "=", self.id)]}

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _check_stays(self, campaign_id):
        """
        :raise ValidationError: if one of these entries is of another campaign
        """
        for entry in self:
            if entry.campaign_id.id != getattr(campaign_id, "id", campaign_id):
                raise ValidationError(
                    self.env._(
                        "Entry “%(entry)s” stays with campaign “%(campaign)s”: add another one"
                        " where you need it.",
                        entry=entry.display_name,
                        campaign=entry.campaign_id.name,
                    )
                )

    def _note_author(self, vals):
        """Note who has written the filters of these entries."""
        if self.env.su:
            return
        for entry in self:
            if not set(entry._get_entry_type().filter_fields).isdisjoint(vals):
                entry.sudo().filter_user_id = self.env.user

    def _describe_whole(self):
        """The entry in words, with its name, and whether it is active."""
        text = f"{self.name} ({self.description})" if self.name else self.description
        return text if self.active else self.env._("%(entry)s, not active", entry=text)

    def _log(self, text):
        """Note in the campaign what was done with this entry, once the campaign was started."""
        if self.campaign_id.start_date:
            self.campaign_id.sudo()._message_log(body=text, author_id=self.env.user.partner_id.id)

    def _is_open(self):
        """Whether this entry lets in."""
        return self.active and self.campaign_id.state == "running"

    def _start(self):
        """Those of these entries that are open let in from now on."""
        for entry in self.filtered(lambda entry: entry._is_open()):
            entry._get_entry_type().start(entry)

    def _adapt(self):
        """What stands behind these entries follows them."""
        for entry in self:
            entry._get_entry_type().adapt(entry)

    def _get_problems(self):
        """What keeps this entry from letting anybody in, as sentences that say what to do.

        :rtype: list[str]
        """
        return self._get_entry_type().get_problems(self) if self.active else []

    def _filtered_polled(self):
        """Those of these entries that let in whom nobody hands over."""
        return self.filtered(
            lambda entry: entry._is_open() and entry._get_entry_type().is_polled(entry)
        )

    def _look(self):
        """Let in all that have come to be due at this entry, unless something keeps it from that.

        :return: the number of new participants
        """
        return 0 if self._get_problems() else self._get_entry_type().look(self)
