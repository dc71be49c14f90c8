"""Choices that do something beside the record: lists, campaigns, activities, notes, webhooks."""

from urllib.parse import urlsplit

from odoo.tools.translate import LazyTranslate

from ...tools.failures import shorten
from ..campaign.problems import USER_GROUP
from .action_kind import LONGEST_VALUE, ActionKind, get_name, get_record_problem
from .action_kind_field import AddTag, ChangeStage, ChangeUser, RemoveTag, UpdateField

_lt = LazyTranslate("marketing_automation")


class MoveRecords(ActionKind):
    """Into something, or out of it.

    :cvar str action_field: of the server action, which names it
    """

    group = USER_GROUP
    action_field = None

    def prepare(self, model, values):
        return {"state": self.state, self.action_field: values[self.fields[0]].id}

    def parse(self, model, action):
        if action.state != self.state:
            return None
        return {self.fields[0]: action[self.action_field]}


class AddToList(MoveRecords):
    """It reads the record's address, and writes its mailing contact."""

    key = "list_add"
    label = _lt("Add to a Mailing List")
    icon = "fa-user-plus"
    fields = ("action_list_id",)
    first_for = ("mailing.contact",)
    action_field = "marketing_list_id"
    state = "mailing_list_add"

    def suits(self, model):
        return model.env["mailing.contact"].has_access("write")

    def get_problems(self, model, values):
        mailing_list = values.get("action_list_id")
        label = model.env._("Mailing List")
        return [*filter(None, [get_record_problem(model.env, mailing_list, "mailing.list", label)])]

    def describe(self, model, values):
        name = get_name(model.env, values.get("action_list_id"), "name")
        return model.env._("Add to list %(list)s", list=name)


class RemoveFromList(AddToList):
    key = "list_remove"
    label = _lt("Remove from a Mailing List")
    icon = "fa-user-times"
    state = "mailing_list_remove"

    def describe(self, model, values):
        name = get_name(model.env, values.get("action_list_id"), "name")
        return model.env._("Remove from list %(list)s", list=name)


class AddToCampaign(MoveRecords):
    """What the other campaign does, it does with the rights of its own responsible: who lets
    records in, or out, must be allowed to change it."""

    key = "campaign_add"
    label = _lt("Add to a Campaign")
    icon = "fa-sign-in"
    fields = ("action_campaign_id",)
    action_field = "marketing_campaign_id"
    state = "marketing_enrol"

    def suits(self, model):
        return model.env["marketing.campaign"].has_access("write")

    def get_problems(self, model, values):
        campaign, env = values.get("action_campaign_id"), model.env
        label = env._("Campaign")
        if problem := get_record_problem(env, campaign, "marketing.campaign", label):
            return [problem]
        names = {"campaign": campaign.sudo().name, "user": env.user.name}
        if campaign.sudo().model_name != model._name:
            return [env._("campaign “%(campaign)s” is for other records.", **names)]
        if not campaign.with_env(env)._may_act_for_responsible():
            return [
                env._(
                    "%(user)s may not change campaign “%(campaign)s”, which runs with the rights of"
                    " somebody who may do more.",
                    **names,
                )
            ]
        return []

    def describe(self, model, values):
        name = get_name(model.env, values.get("action_campaign_id"), "name")
        return model.env._("Add to campaign %(campaign)s", campaign=name)


class RemoveFromCampaign(AddToCampaign):
    key = "campaign_remove"
    label = _lt("Remove from a Campaign")
    icon = "fa-sign-out"
    state = "marketing_exit"

    def describe(self, model, values):
        name = get_name(model.env, values.get("action_campaign_id"), "name")
        return model.env._("Remove from campaign %(campaign)s", campaign=name)


class ScheduleActivity(ActionKind):
    key = "activity"
    label = _lt("Schedule an Activity")
    icon = "fa-clock-o"
    fields = (
        "action_activity_type_id",
        "action_summary",
        "action_deadline_number",
        "action_deadline_type",
        "action_user_id",
    )
    first_for = ("crm.lead",)

    def suits(self, model):
        return "activity_ids" in model._fields and super().suits(model)

    def get_defaults(self, model, user):
        todo = model.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        return {
            "action_activity_type_id": todo,
            "action_user_id": False if self.has_user(model) else user,
        }

    def get_problems(self, model, values):
        _ = model.env._
        kind = values.get("action_activity_type_id")
        user = values.get("action_user_id")
        problems = [get_record_problem(model.env, kind, "mail.activity.type", _("Activity Type"))]
        if user:
            problems.append(get_record_problem(model.env, user, "res.users", _("Assigned to")))
        elif not self.has_user(model):
            problems.append(_("choose a user: the records have none of their own."))
        if not 0 <= values.get("action_deadline_number") <= 10000:
            problems.append(_("an activity is due in 0 to 10,000 days, weeks or months."))
        return [*filter(None, problems)]

    def has_user(self, model):
        return bool(ChangeUser().get_field_name(model))

    def prepare(self, model, values):
        user = values.get("action_user_id")
        return {
            "state": "next_activity",
            "activity_type_id": values["action_activity_type_id"].id,
            "activity_summary": values.get("action_summary"),
            "activity_date_deadline_range": values.get("action_deadline_number"),
            "activity_date_deadline_range_type": values.get("action_deadline_type") or "days",
            "activity_user_type": "specific" if user else "generic",
            "activity_user_id": user.id if user else False,
            "activity_user_field_name": False if user else ChangeUser.field_name,
        }

    def parse(self, model, action):
        if action.state != "next_activity" or action.activity_note:
            return None
        is_generic = action.activity_user_type == "generic"
        if is_generic and action.activity_user_field_name != ChangeUser.field_name:
            return None
        return {
            "action_activity_type_id": action.activity_type_id,
            "action_summary": action.activity_summary,
            "action_deadline_number": action.activity_date_deadline_range,
            "action_deadline_type": action.activity_date_deadline_range_type,
            "action_user_id": action.activity_user_id,
        }

    def describe(self, model, values):
        what = values.get("action_summary")
        what = what or get_name(model.env, values.get("action_activity_type_id"))
        return model.env._("Schedule “%(activity)s”", activity=shorten(what, LONGEST_VALUE))


class LogNote(ActionKind):
    key = "note"
    label = _lt("Log a Note")
    icon = "fa-sticky-note-o"
    fields = ("action_note",)

    def suits(self, model):
        return "message_ids" in model._fields and super().suits(model)

    def get_problems(self, model, values):
        if (values.get("action_note") or "").strip():
            return []
        return [model.env._("write the note.")]

    def prepare(self, model, values):
        return {"state": "marketing_note", "marketing_note": values["action_note"]}

    def parse(self, model, action):
        if action.state != "marketing_note":
            return None
        return {"action_note": action.marketing_note}

    def describe(self, model, values):
        note = shorten(values.get("action_note"), LONGEST_VALUE)
        return model.env._("Log note “%(note)s”", note=note)


class SendToWebhook(ActionKind):
    """Data leaves the database: as in Odoo, for administrators of the settings only."""

    key = "webhook"
    label = _lt("Send to a Webhook")
    icon = "fa-paper-plane"
    fields = ("action_webhook_url", "action_webhook_field_ids")

    def suits(self, model):
        return model.env.user.has_group("base.group_system") and super().suits(model)

    def get_problems(self, model, values):
        url = urlsplit(values.get("action_webhook_url") or "")
        if url.scheme in ("http", "https") and url.hostname:
            return []
        return [model.env._("give the address that it is sent to, with https://.")]

    def prepare(self, model, values):
        return {
            "state": "webhook",
            "webhook_url": values["action_webhook_url"],
            "webhook_field_ids": [(6, 0, values["action_webhook_field_ids"].ids)],
        }

    def parse(self, model, action):
        if action.state != "webhook":
            return None
        return {
            "action_webhook_url": action.webhook_url,
            "action_webhook_field_ids": action.webhook_field_ids,
        }

    def describe(self, model, values):
        # The rest of the address may hold a key.
        host = urlsplit(values.get("action_webhook_url") or "").hostname
        return model.env._("Send to %(host)s", host=host)


# In the order of the dialog, but for what is ``first_for`` the target; the first one that knows an
# action is its kind.
KINDS = {
    kind.key: kind
    for kind in (
        AddTag(),
        RemoveTag(),
        AddToList(),
        RemoveFromList(),
        ScheduleActivity(),
        ChangeStage(),
        ChangeUser(),
        UpdateField(),
        AddToCampaign(),
        RemoveFromCampaign(),
        LogNote(),
        SendToWebhook(),
    )
}
