"""What a run is about, such as an order: seen by those only who may read that."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.rpc import on_one_record
from ...tools.source import browse_sources


class MarketingParticipant(models.Model):
    _inherit = "marketing.participant"

    source = fields.Char(
        "Stored Source",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="What this run is about, as “model,id”; empty where it is about the record itself.",
    )
    source_ref = fields.Char(
        "Source Reference",
        compute="_compute_source_ref",
        search="_search_source_ref",
        help="The same for those who may read it.",
    )
    source_record = fields.Reference(
        selection="_selection_target_model",
        string="Source",
        compute="_compute_source_ref",
        help="What this run is about, such as an order; empty where it is about the record itself,"
        " or where you may not read it.",
    )
    shown_key = fields.Char(
        "Key",
        compute="_compute_run_text",
        help="What makes this a run of its own, as a program has given it.",
    )
    run_text = fields.Char(
        "Run in Words",
        compute="_compute_run_text",
        help="Which of the runs of the same record this is: its number from the second one on, and"
        " what it is about.",
    )

    _sources = models.Index("(source) WHERE source IS NOT NULL")

    @api.depends("source")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_source_ref(self):
        references = {run.id: run.source for run in self.sudo() if run.source}
        sources = browse_sources(self.env, references, only_readable=True)
        for run in self:
            run.source_ref = run.source_record = run.id in sources and references[run.id]

    @api.depends("run_number", "entry_key", "source_record")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_run_text(self):
        for run in self:
            # The system's own keys begin with a space.
            run.shown_key = run.entry_key if (run.entry_key or " ")[0] != " " else False
            number = run.run_number > 1 and self.env._("Run %s", run.run_number)
            source = run.source_record
            about = source.display_name if source else run.shown_key
            run.run_text = ", ".join(filter(None, [number, about])) or False

    @api.model
    def _search_source_ref(self, operator, value):
        """By whole references; those that the user may not read find nothing."""
        if operator != "in" or False in value:
            return NotImplemented
        references = {text: text for text in value if isinstance(text, str)}
        readable = list(browse_sources(self.env, references, only_readable=True))
        found = self.sudo()._search([("source", "in", readable)])
        return Domain("id", "in", found)

    @on_one_record
    def action_open_source(self):
        """Open what this run is about.

        :raise UserError: if it was deleted, or the user may not read it
        """
        self.check_access("read")
        if not self.source_record:
            raise UserError(
                self.env._(
                    "What the run of “%(participant)s” is about was deleted, or you may not read"
                    " it.",
                    participant=self.display_name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": self.source_record._name,
            "res_id": self.source_record.id,
            "views": [[False, "form"]],
        }

    @api.model
    def _move_sources(self, model_name, source_ids, target_id):
        """Runs that are about merged records are about the one that is left, and so are keys that
        say what they are about, unless the person has a run with the same key."""
        self.env.execute_query(
            SQL(
                """
                WITH moving AS (
                    SELECT id, campaign_id, identity, entry_key = source AND row_number() OVER (
                        PARTITION BY campaign_id, identity, is_test, entry_key = source ORDER BY id
                    ) = 1 AS moves_key
                    FROM marketing_participant WHERE source = ANY(%(sources)s)
                )
                UPDATE marketing_participant participant SET source = %(target)s,
                    entry_key = CASE WHEN moves_key AND NOT EXISTS (
                        SELECT FROM marketing_participant known
                        WHERE known.campaign_id = moving.campaign_id
                            AND known.identity = moving.identity
                            AND known.entry_key = %(target)s AND NOT known.is_test
                    ) THEN %(target)s ELSE entry_key END
                FROM moving WHERE moving.id = participant.id
                RETURNING participant.id
                """,
                sources=[f"{model_name},{source_id}" for source_id in source_ids],
                target=f"{model_name},{target_id}",
            )
        )
        self.invalidate_model(["entry_key", "source", "source_ref", "source_record"])
