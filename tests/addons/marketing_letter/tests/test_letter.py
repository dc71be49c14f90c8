"""A type of steps that an addon brings, from the form to the figures."""

from odoo.tests import Form, TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestLetter(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.env["res.partner"].create(
            [{"name": f"Person {number}", "comment": "of letters"} for number in range(3)]
        )
        cls.campaign = cls.env["marketing.campaign"].create(
            {
                "name": "Letters",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "domain": [("id", "in", cls.people.ids)],
                "unique_field_id": False,
            }
        )
        Activity = cls.env["marketing.activity"]
        with Form(
            Activity.with_context(default_campaign_id=cls.campaign.id),
            view="marketing_automation.marketing_activity_view_form",
        ) as form:
            form.name = "Invitation on paper"
            form.activity_type = "letter"
            form.letter_text = "Come and see us."
        cls.letter = form.record
        cls.tag = cls.env["res.partner.category"].create({"name": "Wrong address"})
        action = cls.env["ir.actions.server"].create(
            {
                "name": "Wrong address",
                "model_id": cls.campaign.model_id.id,
                "state": "code",
                "code": f"records.write({{'category_id': [(4, {cls.tag.id})]}})",
            }
        )
        cls.returned, cls.arrived = Activity.create(
            [
                {
                    "name": trigger,
                    "campaign_id": cls.campaign.id,
                    "activity_type": "action",
                    "server_action_id": action.id,
                    "parent_id": cls.letter.id,
                    "trigger_type": trigger,
                    "interval_number": days,
                    "interval_type": "days",
                }
                for trigger, days in (("letter_return", 0), ("letter_not_return", 7))
            ]
        )

    def start(self):
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.campaign.execute_activities()
        return self.letter.trace_ids.sorted("id")

    def test_form(self):
        """Its own field is shown for its type, and no field of other types."""
        arch = self.env["marketing.activity"].get_view(
            self.env.ref("marketing_automation.marketing_activity_view_form").id, "form"
        )["arch"]
        self.assertIn("letter_text", arch)
        with Form(self.letter, "marketing_automation.marketing_activity_view_form") as form:
            self.assertFalse(form._get_modifier("letter_text", "invisible"))
            self.assertTrue(form._get_modifier("mass_mailing_id", "invisible"))
            self.assertTrue(form._get_modifier("server_action_id", "invisible"))
            form.activity_type = "email"
            self.assertTrue(form._get_modifier("letter_text", "invisible"))
            form.activity_type = "letter"

    def test_event(self):
        traces = self.start()
        self.assertEqual(set(traces.mapped("state")), {"processed"})
        self.assertIn("Come and see us.", str(self.people[0].message_ids.mapped("body")))
        self.assertTrue(traces[0].process_event("letter_return"))
        self.assertFalse(traces[0].process_event("letter_return"))
        self.campaign.execute_activities()
        self.assertEqual(self.people.filtered("category_id"), self.people[0])
        states = {trace.participant_id.res_id: trace.state for trace in self.arrived.trace_ids}
        expected = ["canceled", "scheduled", "scheduled"]
        self.assertEqual([states[person.id] for person in self.people], expected)

    def test_figures(self):
        traces = self.start()
        for trace in traces[:2]:
            trace.process_event("letter_return")
        metrics = self.campaign.get_workflow_metrics()["activities"][str(self.letter.id)]
        self.assertEqual(metrics["sent"], 3)
        self.assertEqual(metrics["rates"], {"return": {"count": 2, "base": 3}})
        figures = self.env["marketing.activity.figures"].search(
            [("activity_id", "=", self.letter.id), ("metric", "=", "returned")]
        )
        self.assertEqual(sum(figures.mapped("number")), 2)
        exported = figures.export_data(["metric", "number"])["datas"]
        self.assertEqual({metric for metric, _number in exported}, {"Returned"})
        behind = self.letter.action_view_figure("return")["domain"]
        self.assertEqual(
            set(self.env["marketing.participant"].search(behind).mapped("res_id")),
            set(self.people[:2].ids),
        )

    def test_canvas_and_test_page(self):
        rules = self.env["marketing.activity"].get_workflow_rules()
        [kind] = [kind for kind in rules["types"] if kind["key"] == "letter"]
        self.assertEqual(
            kind,
            {
                "key": "letter",
                "label": "Letter",
                "icon": "fa-file-text-o",
                "does": "Prints",
                "kind": "message",
                "missing": "",
                "can_be_followed": True,
                "branch_types": [],
                "has_time_of_its_own": False,
            },
        )
        triggers = {trigger["key"]: trigger for trigger in rules["triggers"]}
        self.assertEqual(
            triggers["letter_return"]["at_once"],
            "%(does)s as soon as “%(parent)s” is returned.",
        )
        self.assertEqual(
            triggers["letter_not_return"]["sentence"],
            triggers["activity"]["sentence"],
            "The plain one, where an addon says nothing",
        )
        [rate] = [rate for rate in rules["rates"] if rate["key"] == "return"]
        self.assertEqual((rate["label"], rate["types"]), ("Returned", ("letter",)))
        traces = self.start()
        traces[0].process_event("letter_return")
        journey = traces[0].participant_id.get_journey()
        [step] = [step for step in journey["steps"] if step["id"] == self.letter.id]
        self.assertEqual(step["content"], "Come and see us.")
        self.assertIn("letter_return", journey["traces"][str(self.letter.id)]["events"])
        arch = self.env["marketing.trace"].get_view(view_type="form")["arch"]
        self.assertIn("return_datetime", arch)

    def test_problems(self):
        self.letter.letter_text = False
        self.assertIn("“Invitation on paper”: write its letter.", self.campaign._get_problems())

    def test_column_goes(self):
        """Without the addon the database goes on counting."""
        traces = self.start()
        field = self.env["ir.model.fields"]._get("marketing.trace", "return_datetime")
        self.env.flush_all()
        field._drop_column()
        # Another column goes, or Odoo begins anew.
        self.env["marketing.activity.figures"]._count_in_database()
        self.env.cr.execute(
            "UPDATE marketing_trace SET open_datetime = now() WHERE id = %s", [traces[0].id]
        )
        self.env.cr.execute(
            "SELECT sum(number) FROM marketing_activity_figures"
            " WHERE activity_id = %s AND metric = 'opened'",
            [self.letter.id],
        )
        self.assertEqual(self.env.cr.fetchone(), (1,))
