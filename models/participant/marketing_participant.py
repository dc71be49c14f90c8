from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.rpc import on_one_record, on_records
from ...tools.sets import traces_sql
from ...tools.states import (
    COMPLETED,
    EXIT_REASONS,
    FORGOTTEN,
    PARTICIPANT_STATES,
    RUNNING,
    STATES,
    UNLINKED,
)
from ...tools.unchecked import UncheckedMany2one


class MarketingParticipant(models.Model):
    """A record that a campaign has taken in, or a test of the campaign with a record."""

    _name = "marketing.participant"
    _description = "Marketing Participant"
    _order = "id DESC"

    campaign_id = fields.Many2one(
        "marketing.campaign", required=True, readonly=True, ondelete="cascade", index=True
    )
    model_id = fields.Many2one(related="campaign_id.model_id")
    model_name = fields.Char(related="campaign_id.model_name")
    res_id = fields.Many2oneReference(
        "Record ID", model_field="model_name", required=True, readonly=True, index=True
    )
    resource_ref = fields.Reference(
        selection="_selection_target_model",
        string="Record",
        compute="_compute_resource_ref",
        help="The record that takes part; empty if it was deleted.",
    )
    state = fields.Selection(
        list(PARTICIPANT_STATES.items()),
        default=RUNNING,
        required=True,
        readonly=True,
        help="Running while something is scheduled or an event is waited for. Removed when the"
        " record was deleted.",
    )
    exit_reason = fields.Selection(
        selection="_selection_exit_reason",
        readonly=True,
        help="Why the run ended before its last step.",
    )
    exit_date = fields.Datetime("Exited On", readonly=True)
    company_id = fields.Many2one(
        "res.company",
        readonly=True,
        help="The company of the record when it began to take part.",
    )
    is_test = fields.Boolean("Test", required=True, default=False, readonly=True)
    entry_id = UncheckedMany2one(
        "marketing.campaign.entry",
        string="Came in by",
        readonly=True,
        copy=False,
        help="The way in; empty for tests, and for those whom a program took in where the campaign"
        " has no entry “By hand”.",
    )
    create_date = fields.Datetime("Started On", readonly=True)
    trace_ids = fields.One2many("marketing.trace", "participant_id", string="Steps", readonly=True)

    _records = models.Index("(campaign_id, res_id) WHERE NOT is_test")
    _statistics = models.Index("(campaign_id, is_test, state, company_id, entry_id)")

    @api.model
    def _selection_target_model(self):
        return [(model.model, model.name) for model in self.env["ir.model"].sudo().search([])]

    @api.model
    def _selection_exit_reason(self):
        return [(key, self.env._(label)) for key, label in EXIT_REASONS.items()]

    @api.ondelete(at_uninstall=False)
    def _unlink_if_may_operate(self):
        """Their records would take part anew."""
        self.campaign_id._check_may_operate()

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("res_id", "model_name")
    def _compute_resource_ref(self):
        for model_name, participants in self.grouped("model_name").items():
            model = self.env.get(model_name)
            known = (
                set()
                if model is None
                else set(model.browse(participants.mapped("res_id")).exists()._ids)
            )
            for participant in participants:
                participant.resource_ref = (
                    f"{model_name},{participant.res_id}" if participant.res_id in known else False
                )

    @api.depends("resource_ref")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_display_name(self):
        """The record's name; its number where it is deleted or may not be read."""
        for model_name, participants in self.grouped("model_name").items():
            names = {}
            if model_name in self.env:
                # Odoo reads names of references as superuser.
                model = self.env[model_name].sudo(False)
                records = model.browse(participants.mapped("res_id")).exists()
                names = {
                    record.id: record.display_name for record in records._filtered_access("read")
                }
            for participant in participants:
                participant.display_name = names.get(
                    participant.res_id,
                    self.env._("Record %(id)s", id=participant.res_id)
                    if participant.res_id
                    else self.env._("Anonymous"),
                )

    @api.model
    def _search_display_name(self, operator, value):
        """By the names of the records that the user may read, as their models search them."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        if not value and operator in ("like", "ilike"):
            return Domain.TRUE
        campaigns = self.env["marketing.campaign"].sudo().with_context(active_test=False)
        domains = []
        for (model_name,) in campaigns._read_group(
            [("model_name", "in", list(self.env))], ["model_name"]
        ):
            model = self.env[model_name].sudo(False).with_context(active_test=False)
            if model.has_access("read"):
                named = model._search([("display_name", operator, value)])
                domains.append(
                    Domain("campaign_id.model_name", "=", model_name)
                    & Domain("res_id", "in", named)
                )
        return Domain.OR(domains)

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Participants made by hand (tests) begin like those that are enrolled."""
        participants = super().create(vals_list)
        self.env.flush_all()
        for participant in participants:
            model = self.env[participant.model_name]
            company = self._company_sql(model, SQL("%s", participant.res_id))
            [(company_id,)] = self.env.execute_query(SQL("SELECT %s", company))
            participant.company_id = company_id
        for campaign, group in participants.grouped("campaign_id").items():
            if live := group.filtered(lambda participant: not participant.is_test):
                campaign.sudo()._identify(live.ids, are_new=True)
            self.env["marketing.trace"].sudo()._schedule_first(
                campaign, SQL("participant.id = ANY(%s)", group.ids)
            )
        return participants

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_records
    def action_set_completed(self):
        """End the journey: what is scheduled or waiting is cancelled."""
        self.campaign_id._check_may_operate()
        participants = self.sudo()
        participants._cancel_scheduled("user")
        participants.filtered(lambda participant: participant.state == RUNNING).state = COMPLETED
        return True

    @on_records
    def action_set_running(self):
        """Let an ended journey go on, with what may be scheduled for it later.

        :raise UserError: if the record was deleted or forgotten
        """
        self.campaign_id._check_may_operate()
        self._check_not_forgotten()
        for participant in self.sudo():
            if participant.state == UNLINKED:
                raise UserError(
                    self.env._(
                        "“%(participant)s” of campaign “%(campaign)s” cannot go on: its record"
                        " was deleted.",
                        participant=participant.display_name,
                        campaign=participant.campaign_id.name,
                    )
                )
            participant.write({"state": RUNNING, "exit_reason": False, "exit_date": False})
        return True

    @on_records
    def action_exit(self):
        """End these runs now, whatever they have scheduled or wait for."""
        self.campaign_id._check_may_operate()
        self.sudo()._exit(SQL("id = ANY(%s)", self.ids), "user")
        return True

    @on_records
    def check_completed(self):
        """Complete those who have nothing left; let those who have something run.

        :return: whether all of them are completed
        :rtype: bool
        """
        self.campaign_id._check_may_operate()
        self.sudo()._settle(SQL("id = ANY(%s)", self.ids))
        return all(participant.state == COMPLETED for participant in self)

    @on_one_record
    def action_open_record(self):
        """Open the record that takes part.

        :raise UserError: if it was deleted
        """
        self.check_access("read")
        if not self.resource_ref:
            raise UserError(
                self.env._("“%(participant)s” was deleted.", participant=self.display_name)
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model_name,
            "res_id": self.res_id,
            "views": [[False, "form"]],
        }

    def _filtered_readable(self):
        """Those whose record is there, and the user may read it."""
        readable = self.browse()
        for model_name, participants in self.grouped("model_name").items():
            if model_name in self.env:
                # Odoo reads some of what is computed as superuser.
                records = self.env[model_name].sudo(False).browse(participants.mapped("res_id"))
                res_ids = set(records.exists()._filtered_access("read")._ids)
                readable += participants.filtered(
                    lambda participant, res_ids=res_ids: participant.res_id in res_ids
                )
        return readable

    def _check_not_forgotten(self):
        """
        :raise UserError: if it is no longer known whose journey one of these is
        """
        for participant in self.sudo():
            if participant.res_id == FORGOTTEN:
                raise UserError(
                    self.env._(
                        "Who took part in campaign “%(campaign)s” here was forgotten: the"
                        " journey is over.",
                        campaign=participant.campaign_id.name,
                    )
                )

    # ------------------------------------------------------------
    # ENGINE
    # ------------------------------------------------------------

    @api.model
    def _company_sql(self, model, record_id):
        """The company of a record, as a value in SQL.

        :param model: recordset of the record's model
        :param SQL record_id: its id
        """
        field = model._fields.get("company_id")
        if not (field and field.store and field.comodel_name == "res.company"):
            return SQL("NULL::integer")
        return SQL(
            "(SELECT company_id FROM %s AS record WHERE record.id = %s)",
            SQL.identifier(model._table),
            record_id,
        )

    @api.model
    def _settle(self, condition):
        """Bring the state in line with the traces: running while one is scheduled.

        :param SQL condition: on ``marketing_participant``
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_participant
                SET state = CASE state WHEN %(running)s THEN %(completed)s ELSE %(running)s END,
                    write_date = %(now)s
                WHERE %(condition)s AND state IN (%(running)s, %(completed)s)
                    AND (state = %(running)s) != EXISTS (
                        SELECT FROM marketing_trace trace
                        WHERE trace.participant_id = marketing_participant.id
                            AND trace.state = %(scheduled)s
                    )
                RETURNING id
                """,
                condition=condition,
                now=fields.Datetime.now(),
                **STATES,
            )
        )
        self.invalidate_model(["state", "write_date"])

    @api.model
    def _settle_those_of(self, trace_ids):
        """The same for the participants of these traces."""
        self._settle(self._of_traces_sql(trace_ids))

    @api.model
    def _of_traces_sql(self, trace_ids):
        """Condition on ``marketing_participant``: those of these traces. With an array, PostgreSQL
        looks them up instead of reading all there are."""
        return SQL(
            "id = ANY(ARRAY(SELECT participant_id FROM (%s) AS trace))", traces_sql(trace_ids)
        )

    def _tell_testers(self):
        """The pages of these tests show what has just happened, where they are open."""
        for participant in self:
            participant.create_uid._bus_send(
                "marketing_automation.journey", {"participant_id": participant.id}
            )

    @api.model
    def _exit(self, condition, reason):
        """End runs; what they have scheduled is cancelled.

        :param SQL condition: on ``marketing_participant``
        :param str reason: key of the reason
        :return: the number of runs that were ended
        """
        self.env.flush_all()
        [(count,)] = self.env.execute_query(
            SQL(
                """
                WITH exited AS (
                    UPDATE marketing_participant
                    SET state = %(exited)s, exit_reason = %(reason)s, exit_date = %(now)s,
                        write_date = %(now)s
                    WHERE %(condition)s AND state IN (%(running)s, %(completed)s)
                    RETURNING id
                ), canceled AS (
                    UPDATE marketing_trace
                    SET state = %(canceled)s, state_reason = %(exited)s, execution_date = %(now)s,
                        write_date = %(now)s
                    -- Looked up one by one, as in ``_of_traces_sql``.
                    WHERE id = ANY(ARRAY(
                        SELECT scheduled.id FROM exited CROSS JOIN LATERAL (
                            SELECT id FROM marketing_trace
                            WHERE participant_id = exited.id AND state = %(scheduled)s OFFSET 0
                        ) AS scheduled
                    )) AND state = %(scheduled)s
                )
                SELECT count(*) FROM exited
                """,
                condition=condition,
                reason=reason,
                now=fields.Datetime.now(),
                **STATES,
            )
        )
        self.invalidate_model(["state", "exit_reason", "exit_date", "write_date"])
        self.env["marketing.trace"].invalidate_model()
        return count

    @api.model
    def _settle_left_over(self):
        """Settle those whose last two traces ended at the same moment, in two transactions:
        each saw the other's still scheduled."""
        self._settle(
            SQL(
                """id IN (
                    SELECT trace.participant_id
                    FROM marketing_campaign campaign
                    JOIN marketing_activity activity ON activity.campaign_id = campaign.id
                    JOIN marketing_trace trace ON trace.activity_id = activity.id
                    WHERE campaign.state = %(running)s AND NOT trace.is_test
                        AND trace.execution_date > %(since)s
                )""",
                since=self.env["marketing.campaign"]._get_repair_start(),
                **STATES,
            )
        )

    def _cancel_scheduled(self, reason):
        """Cancel all that is scheduled for these participants."""
        self.env["marketing.trace"].sudo()._cancel(
            SQL("participant_id = ANY(%s)", self.ids), reason
        )
