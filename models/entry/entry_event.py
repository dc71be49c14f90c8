"""Records come in when something happens to them.

Odoo's automation rules notice it. The entry makes one, of the choices of its dialog and nothing
that somebody has typed: users of marketing have no rights on rules. Whom it lets in, and what they
must be like, is asked with the rights of who wrote the entry and of the responsible.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from ...tools.admission import Wanted
from ...tools.domain_words import describe_domain
from ...tools.domains import check_domain, follow_path, parse_domain
from ...tools.rpc import on_records
from .entry_type import EntryType
from .event_kind import KINDS, SUBSCRIPTION, get_value_name

_lt = LazyTranslate("marketing_automation")

# What leads to the target, by preference; else the first field that does.
USUAL_PATHS = ("partner_id", "contact_id")


class EventEntry(EntryType):
    key = "event"
    label = _lt("Event")
    icon = "fa-bolt"
    description = _lt("Records come in when something happens to them.")
    form_fields = (
        "event",
        "event_model_id",
        "event_ref",
        "event_list_id",
        "event_domain",
        "source_field",
        "is_keyed_by_source",
    )
    filter_fields = form_fields
    is_limited = True

    def get_problems(self, entry):
        stored, _ = entry.sudo(), entry.env._
        problems = stored._get_event_problems()
        if not problems and (problem := stored._get_rule_problem()):
            problems = [_("%(problem)s Open the entry to make it anew.", problem=problem)]
        return [
            _("“%(entry)s”: %(problem)s", entry=entry.display_name, problem=problem)
            for problem in problems
        ]

    def describe(self, entry):
        return entry._describe_event() or super().describe(entry)

    def adapt(self, entry):
        entry.sudo()._follow_with_rule()

    def remove(self, entry):
        entry.sudo()._remove_rule()


class MarketingCampaignEntry(models.Model):
    _inherit = "marketing.campaign.entry"

    event = fields.Selection(
        selection="_selection_event",
        string="What Happens",
        help="What lets a record in. It is noticed in the same moment.",
    )
    event_model_id = fields.Many2one(
        "ir.model",
        string="Happens to",
        compute="_compute_event_model_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        domain="[('transient', '=', False), ('abstract', '=', False), '|',"
        f" ('is_mail_thread', '=', True), ('model', '=', '{SUBSCRIPTION}')]",
        help="The record to which it happens: the one that comes in, or another one, such as an"
        " order, that leads to it.",
    )
    event_model_name = fields.Char(related="event_model_id.model", string="Model of the Event")
    event_ref = fields.Reference(
        selection="_selection_event_ref",
        string="Stage or Tag",
        help="The stage that is reached, or the tag that is set.",
    )
    event_ref_model_id = fields.Many2one(
        "ir.model",
        compute="_compute_event_ref_model_id",
        help="Of which model the stage or tag is.",
    )
    event_list_id = fields.Many2one(
        "mailing.list",
        string="Mailing List of the Event",
        ondelete="set null",
        index="btree_not_null",
    )
    event_domain = fields.Char(
        "Filter of the Event",
        default="[]",
        help="What the record to which it happens must be like.",
    )
    source_field = fields.Char(
        compute="_compute_source_field",
        store=True,
        readonly=False,
        precompute=True,
    )
    is_keyed_by_source = fields.Boolean(
        "A Run for Each",
        default=True,
        help="Each record that leads to the target, such as an order, makes a run of its own, once."
        " Otherwise the campaign's rule says who comes in again.",
    )
    automation_id = fields.Many2one(
        "base.automation",
        string="Automation Rule",
        copy=False,
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The rule of Odoo that notices the event. The entry makes it, switches it on while it"
        " lets in, and deletes it.",
    )
    rule_problem = fields.Char(
        compute="_compute_rule_problem",
        help="How the automation rule differs from what the entry says.",
    )
    has_source = fields.Boolean(
        compute="_compute_has_source",
        help="Whether something happens to another record than the one that comes in.",
    )
    rule_values = fields.Json(
        copy=False,
        readonly=True,
        groups="base.group_system",
        help="What the rule was made of. Where it differs, somebody has changed it.",
    )

    # ------------------------------------------------------------
    # SELECTIONS
    # ------------------------------------------------------------

    @api.model
    def _get_entry_types(self):
        return {**super()._get_entry_types(), EventEntry.key: EventEntry()}

    @api.model
    def _selection_event(self):
        return [(key, self.env._(kind.label)) for key, kind in KINDS.items()]

    @api.model
    def _selection_event_ref(self):
        return [(model.model, model.name) for model in self.env["ir.model"].sudo().search([])]

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("entry_type", "event", "event_model_id", "event_domain", "source_field")
    def _check_event(self):
        """What does not go with the others, or is beyond the rights of who writes it."""
        for entry in self.filtered(lambda entry: entry.entry_type == EventEntry.key):
            # Constraints are checked as superuser.
            model = entry.sudo(False)._get_event_model()
            if model is None:
                continue
            problem = entry._get_model_problem(model) or entry._get_path_problem(model)
            if not problem:
                try:
                    check_domain(model, entry.event_domain)
                except ValueError as error:
                    problem = self._get_event_filter_problem(error)
            if problem:
                raise ValidationError(
                    self.env._(
                        "Entry “%(entry)s” of campaign “%(campaign)s”: %(problem)s",
                        entry=entry.display_name,
                        campaign=entry.campaign_id.name,
                        problem=problem,
                    )
                )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("entry_type", "event", "campaign_id.model_id")
    def _compute_event_model_id(self):
        """Another choice happens to the same records, where they lead to the target."""
        for entry in self:
            kind = KINDS.get(entry.event)
            fixed = kind and kind.get_model_name()
            model = entry._get_event_model()
            if entry.entry_type != EventEntry.key:
                entry.event_model_id = False
            elif fixed:
                entry.event_model_id = self.env["ir.model"]._get(fixed)
            elif model is None or model._name == SUBSCRIPTION or not entry._get_usual_path():
                entry.event_model_id = entry.campaign_id.model_id

    @api.depends("event_model_id", "campaign_id.model_id")
    def _compute_source_field(self):
        for entry in self:
            entry.source_field = entry._get_usual_path()

    @api.depends("event", "event_model_id")
    def _compute_event_ref_model_id(self):
        for entry in self:
            kind, model = KINDS.get(entry.event), entry._get_event_model()
            relation = kind.get_relation(model) if kind and model is not None else ""
            entry.event_ref_model_id = self.env["ir.model"]._get(relation)

    @api.depends("entry_type", "event_model_id", "source_field", "campaign_id.model_id")
    def _compute_has_source(self):
        for entry in self:
            is_other = entry.event_model_id != entry.campaign_id.model_id
            entry.has_source = entry.entry_type == EventEntry.key and bool(
                entry.source_field or is_other
            )

    @api.depends("entry_type", "active", "automation_id")
    @api.depends_context("lang")
    def _compute_rule_problem(self):
        for entry in self:
            stored = entry._origin.sudo()
            is_watched = stored.active and stored.entry_type == EventEntry.key
            if is_watched and not stored._get_event_problems():
                entry.rule_problem = stored._get_rule_problem()
            else:
                entry.rule_problem = False

    @api.onchange("event", "event_model_id")
    def _onchange_event_ref(self):
        """A stage or tag is one of some records."""
        if not self.event_ref or self.event_ref._name != self.event_ref_model_id.sudo().model:
            self.event_ref = False

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_records
    def action_renew_rule(self):
        """Make the automation rule of these entries anew, as they say."""
        self.check_access("write")
        self.campaign_id._check_may_operate()
        for entry in self.sudo().filtered(lambda entry: entry.entry_type == EventEntry.key):
            entry._remove_rule()
            entry._follow_with_rule()
        return True

    # ------------------------------------------------------------
    # THE EVENT
    # ------------------------------------------------------------

    def _get_event_model(self):
        """The model of the records to which it happens; None if there is none."""
        return self.env.get(self.event_model_id.sudo().model)

    def _get_event_filter(self, model):
        """The filter of the entry as a Domain.

        :raise ValueError: if it cannot be used
        """
        return parse_domain(model, self.event_domain)

    def _describe_event(self):
        kind, model = KINDS.get(self.event), self._get_event_model()
        if not kind or model is None:
            return ""
        document = self.env["ir.model"]._get(model._name).sudo().name
        words = kind.describe(self, document, get_value_name(kind, self))
        try:
            condition = describe_domain(model, self._get_event_filter(model))
        except ValueError:
            condition = None
        if not condition:
            return words
        return self.env._("%(event)s (%(filter)s)", event=words, filter=condition)

    # ------------------------------------------------------------
    # PROBLEMS
    # ------------------------------------------------------------

    def _get_event_problems(self):
        """What is missing, gone, or beyond the rights of who wrote the entry or the responsible.

        :rtype: list[str]
        """
        kind = KINDS.get(self.event)
        if not kind:
            return [self.env._("choose what happens.")]
        env = self.campaign_id._responsible_env()
        model = env.get(self.event_model_id.sudo().model)
        if model is None:
            return [self.env._("choose to which records it happens.")]
        model = model.with_context(lang=self.env.lang)
        if problem := self._get_model_problem(model) or self._get_path_problem(model):
            return [problem]
        try:
            self._get_event_filter(model)
        except ValueError as error:
            return [self._get_event_filter_problem(error)]
        return kind.get_problems(self, model)

    def _get_event_filter_problem(self, error):
        return self.env._("the filter cannot be used: %(error)s", error=error)

    def _get_model_problem(self, model):
        """Why it cannot happen to records of a model, or nobody may know; empty if it can."""
        document = self.event_model_id.sudo()
        names = {"document": document.name, "user": model.env.user.name}
        kind = KINDS.get(self.event)
        if not (document.is_mail_thread or document.model == SUBSCRIPTION):
            return self.env._("“%(document)s” records have no events.", **names)
        if not model.has_access("read"):
            return self.env._("%(user)s may not read “%(document)s” records.", **names)
        if kind and not kind.suits(model):
            return self.env._("this does not happen to “%(document)s” records.", **names)
        name = kind and kind.get_field_name(model)
        if name and not model._has_field_access(model._fields[name], "read"):
            return self.env._(
                "%(user)s may not read “%(field)s”.",
                field=model._fields[name]._description_string(model.env),
                **names,
            )
        return ""

    def _get_path_problem(self, model):
        """Why the record of the event does not lead to one of the target; empty if it does."""
        target = self.sudo().campaign_id.model_name
        if not self.source_field:
            if model._name == target:
                return ""
            return self.env._("say by which field its record leads to the one that comes in.")
        steps, missing = follow_path(model, self.source_field)
        if missing:
            return missing
        if (
            len(steps) != len(self.source_field.split("."))
            or any(step.type != "many2one" for step in steps)
            or steps[-1].comodel_name != target
        ):
            return self.env._(
                "“%(path)s” does not lead to one record of the target.", path=self.source_field
            )
        for step in steps:
            owner = model.env[step.model_name]
            if not (owner.has_access("read") and owner._has_field_access(step, "read")):
                return self.env._(
                    "%(user)s may not read “%(field)s”.",
                    user=model.env.user.name,
                    field=step._description_string(model.env),
                )
        return ""

    def _get_usual_path(self):
        """By which field the record of the event most likely leads to the target."""
        model, target = self._get_event_model(), self.sudo().campaign_id.model_name
        if model is None or not target or model._name == target:
            return False
        names = [
            name
            for name, field in model._fields.items()
            if field.type == "many2one" and field.store and field.comodel_name == target
        ]
        return next((name for name in (*USUAL_PATHS, *names) if name in names), False)

    # ------------------------------------------------------------
    # ADMISSION
    # ------------------------------------------------------------

    def _counts_event(self):
        """Whether what is done in this environment lets in."""
        kind = KINDS.get(self.sudo().event)
        return bool(kind) and kind.happens(self.env)

    def _admit_events(self, res_ids):
        """Something has happened to these records: let them in, or those that they lead to.

        :param list res_ids: ids of records of the model of the event
        """
        if self.event in KINDS:
            self.campaign_id._admit(self._get_wanted(self._search_events(res_ids)), self)

    def _search_events(self, res_ids):
        """Those of these records that are what the entry is about, as both the responsible and who
        wrote it may see; in the environment of the responsible."""
        campaign = self.campaign_id
        model = campaign._responsible_env()[self.event_model_id.model]
        model = model.with_context(active_test=False)
        domain = (
            Domain("id", "in", res_ids)
            & KINDS[self.event].get_domain(self, model)
            & self._get_event_filter(model)
        )
        with campaign._limited_search():
            return model.search(
                campaign._as_seen_by(self.filter_user_id, domain, model), order="id"
            )

    def _get_wanted(self, records):
        """Whom these records lead to; those that lead to nobody are left out.

        :param records: to which something has happened, in the environment of the responsible
        :rtype: list[Wanted]
        """
        if not self.source_field:
            return [Wanted(record.id) for record in records]
        ends = {record: record for record in records}
        model = records.browse()
        for name in self.source_field.split("."):
            passed = model.browse({end.id for end in ends.values() if end})
            readable = set(passed._filtered_access("read"))
            ends = {record: end[name] for record, end in ends.items() if end in readable}
            model = model[name]
        sources = {record: f"{record._name},{record.id}" for record in ends}
        return [
            Wanted(end.id, sources[record] if self.is_keyed_by_source else "", sources[record])
            for record, end in ends.items()
            if end
        ]
