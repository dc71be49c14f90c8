"""The table of rights in ``doc/privacy.md`` is what is so.

What is found out by trying is compared with the document. To write it anew, after a look at
what has changed::

    MARKETING_AUTOMATION_WRITE_DOC=1 make test ARGS=tests/test_security_rights_table.py
"""

import os
import threading
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import MarketingAutomationMixin

DOCUMENT = Path(__file__).parents[1] / "doc" / "privacy.md"
BEGIN, END = "<!-- rights: written by tests/test_security_rights_table.py -->", "<!-- end -->"
ADDON = "odoo.addons.marketing_automation."
USER = "marketing_automation.group_marketing_automation_user"
GROUPS = {
    "none": "base.group_portal",
    "internal": "base.group_user",
    "email": "base.group_user,mass_mailing.group_mass_mailing_user",
    "user": f"base.group_user,{USER}",
    "admin": "base.group_user,marketing_automation.group_marketing_automation_admin",
    "settings": f"base.group_system,{USER}",
}
HEADER = ("Portal", "Internal", "Email Marketing", "User", "Administrator", "Settings + User")
# Models of other addons whose rights this one changes.
CHANGED_MODELS = ("ir.actions.server", "ir.model.fields", "mailing.trace", "sms.tracker")
ARGUMENTS = {
    "action_plan_start": ["2999-01-01 00:00:00"],
    "process_event": ["mail_open"],
    "action_take_branch": [1],
    "action_view_figure": ["sent"],
    "enrol": [[1]],
    "exit_records": [[1]],
    "get_action_marketing_campaign_from_template": ["welcome"],
    "get_copies": [1],
}
QUIET = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.orm.models")


@tagged("post_install", "-at_install")
class TestRightsTable(MarketingAutomationMixin, HttpCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            key: new_test_user(cls.env, f"table_{key}", password=f"table_{key}", groups=groups)
            for key, groups in GROUPS.items()
        }
        cls.contact = cls.create_contacts(1)

    def make(self, user):
        """Records of a running campaign of the user."""
        campaign = self.create_campaign(self.contact, user_id=user.id)
        activity = self.create_activity(campaign, delay="1 hours")
        split = self.create_activity(campaign, "split")
        campaign.action_start_campaign()
        campaign.sync_participants()
        self.env.flush_all()
        return {
            "marketing.campaign": campaign,
            "marketing.campaign.entry": campaign.entry_ids,
            "marketing.activity": activity,
            "marketing.activity.branch": split.branch_ids[0],
            "marketing.participant": campaign.participant_ids,
            "marketing.message.log": self.env["marketing.message.log"],
            "marketing.trace": activity.trace_ids,
            **{
                name: self.env[name].create({"campaign_id": campaign.id})
                for name in (
                    "marketing.campaign.test",
                    "marketing.campaign.review",
                    "marketing.campaign.enrol",
                    "marketing.campaign.exit",
                )
            },
        }

    def own_records(self, key):
        is_marketer = key in ("user", "admin", "settings")
        return self.make(self.users[key] if is_marketer else self.responsible)

    def is_allowed(self, call):
        """Whether a call is refused for want of rights, without its effects."""
        with mute_logger(*QUIET), self.env.cr.savepoint() as savepoint:
            try:
                call()
                self.env.flush_all()
                allowed = True
            except AccessError:
                allowed = False
            except UserError:
                allowed = True  # Something else than rights is wrong.
            savepoint.rollback()
        self.env.invalidate_all()
        return allowed

    # ------------------------------------------------------------
    # What is so
    # ------------------------------------------------------------

    def own_models(self):
        return sorted(
            name
            for name, model in self.env.registry.items()
            if name.startswith("marketing.") and not model._abstract
        )

    def model_rows(self):
        for name in (*self.own_models(), *CHANGED_MODELS):
            cells = []
            for user in self.users.values():
                model = self.env[name].with_user(user)
                rights = [
                    letter
                    for letter, operation in zip(
                        "crwd", ("create", "read", "write", "unlink"), strict=True
                    )
                    if model.has_access(operation)
                ]
                cells.append("".join(rights))
            yield name, cells

    def field_rows(self):
        """Fields that somebody who may read or write the model may not."""
        for name in sorted(self.env.registry):
            model = self.env[name]
            for field in model._fields.values():
                if "marketing_automation" not in field._modules or model._abstract:
                    continue
                if field.inherited:
                    continue
                cells, guarded = [], False
                for user in self.users.values():
                    theirs = model.with_user(user)
                    rights = ""
                    for letter, operation in (("r", "read"), ("w", "write")):
                        if theirs.has_access(operation):
                            has = theirs._has_field_access(field, operation)
                            guarded |= not has
                            rights += letter if has else ""
                    cells.append(rights)
                if guarded:
                    yield f"{name}.{field.name}", cells

    def public_methods(self):
        """What the addon adds to what clients may call."""
        for name, model in sorted(self.env.registry.items()):
            if not name.startswith("marketing.") or model._abstract:
                continue
            classes = model.mro()
            own = [owner for owner in classes if owner.__module__.startswith(ADDON)]
            of_odoo = set().union(*(vars(owner) for owner in classes if owner not in own))
            names = set().union(*map(vars, own)) - of_odoo
            for method in sorted(names):
                value = getattr(model, method)
                if (
                    callable(value)
                    and not method.startswith("_")
                    and not getattr(value, "_api_private", False)
                ):
                    yield name, method

    def method_rows(self):
        records = {key: self.own_records(key) for key in self.users}
        of_others = self.make(self.users["settings"])
        for name, method in self.public_methods():
            cells = [
                self.is_callable(user, records[key][name], method)
                for key, user in self.users.items()
            ]
            cells.append(self.is_callable(self.users["user"], of_others[name], method))
            yield f"{name}.{method}", cells

    def is_callable(self, user, records, method):
        model = self.env[records._name].with_user(user)
        arguments = list(ARGUMENTS.get(method, ()))
        if not getattr(getattr(type(model), method), "_api_model", False):
            arguments.insert(0, records.ids)
        allowed = self.is_allowed(lambda: call_kw(model, method, arguments, {}))
        return "yes" if allowed else ""

    def written_in_campaigns_of_others(self):
        """Fields that marketing users write in a campaign of somebody who may do more."""
        of_others = self.make(self.users["settings"])
        for name in ("marketing.campaign", "marketing.activity"):
            record = of_others[name]
            theirs = record.with_user(self.users["user"])
            for field in record._fields.values():
                if field.name in ("id", *record._inherits.values()) or field.readonly:
                    continue
                if not (field.store or field.inherited):
                    continue
                value = field.convert_to_write(record[field.name], record)
                vals = {field.name: value}
                if self.is_allowed(lambda theirs=theirs, vals=vals: theirs.write(vals)):
                    yield f"{name}.{field.name}"

    def route_rows(self):
        """The pages that the addon changes, without the proof that is in a message."""
        mailing = self.make(self.responsible)["marketing.activity"].mass_mailing_id
        with patch.object(threading.current_thread(), "dbname", self.cr.dbname, create=True):
            rules = [*self.env["ir.http"].routing_map().iter_rules()]
        paths = {
            rule.rule
            for rule in rules
            for method in [rule.endpoint.func]
            # Reports of the provider of text messages are no page.
            if rule.endpoint.routing["type"] != "jsonrpc"
            and any(
                owner.__module__.startswith(ADDON) and method.__name__ in vars(owner)
                for owner in type(method.__self__).mro()
            )
        }
        for path in sorted(paths):
            address = path.replace("<int:mailing_id>", str(mailing.id))
            address = address.replace("<string:trace_code>", "xyz")
            cells = []
            for key in self.users:
                self.authenticate(f"table_{key}", f"table_{key}")
                with mute_logger("odoo.http"):
                    response = self.url_open(address, allow_redirects=False)
                cells.append("yes" if response.status_code == 200 else "")
            yield path, cells

    # ------------------------------------------------------------
    # The document
    # ------------------------------------------------------------

    def render(self):
        def table(title, rows, header=HEADER):
            lines = [f"| {title} | {' | '.join(header)} |", "|---" * (len(header) + 1) + "|"]
            lines += [
                f"| {name} | {' | '.join(cell or '-' for cell in cells)} |" for name, cells in rows
            ]
            return "\n".join(lines)

        others = "User, campaign of somebody who may do more"
        return "\n\n".join(
            (
                BEGIN,
                "`c` create, `r` read, `w` write, `d` delete, within the rules above. *Settings +"
                " User* is an administrator of the settings who is a marketing user.",
                table("Model", self.model_rows()),
                "Fields that not everybody has who has the model:",
                table("Field", self.field_rows()),
                table("Method", self.method_rows(), (*HEADER, others)),
                "In the campaign of somebody who may do more, marketing users write "
                + (", ".join(f"`{name}`" for name in self.written_in_campaigns_of_others()) or "-")
                + "; and they stop it.",
                "Pages, without the signature in the message's own link, with which everybody"
                " opens them:",
                table("Route", self.route_rows()),
                END,
            )
        )

    def test_document_says_what_is_so(self):
        text = DOCUMENT.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        after = rest.split(END)[1]
        rendered = self.render()
        if os.environ.get("MARKETING_AUTOMATION_WRITE_DOC"):
            DOCUMENT.write_text(before + rendered + after, encoding="utf-8")
            return
        self.assertEqual(
            (BEGIN + rest.split(END)[0] + END).splitlines(), rendered.splitlines(), __doc__
        )
