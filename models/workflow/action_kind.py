"""What a step can do without code: one object for each choice of the activity's dialog.

Each makes Odoo's server action out of the few fields of the dialog, and reads it back.
"""

LONGEST_VALUE = 40  # in a description


class ActionKind:
    """Something that is done with a record, without code.

    Models are given empty, in the environment of who does it or looks at it. Values are those of
    the dialog's fields, by name.

    :cvar str key: value of ``action_kind``
    :cvar str label: the choice in the dialog
    :cvar str icon: Font Awesome class
    :cvar tuple fields: fields of the dialog that it needs
    :cvar str group: who may run it, if it takes no right to write the record
    :cvar tuple first_for: models of whose records it is most often done: there it comes first
    """

    key = None
    label = None
    icon = None
    fields = ()
    group = None
    first_for = ()

    def get_label(self, model):
        return model.env._(self.label)

    def get_groups(self, env):
        """Who may run it; without groups, Odoo lets those run it who may write the records."""
        groups = env["res.groups"].sudo()
        return env.ref(self.group).sudo() if self.group else groups

    def suits(self, model):
        """Whether the user may choose it for records of this model."""
        return model.has_access("write")

    def get_defaults(self, model, user):
        """Values that are proposed.

        :param user: responsible of the campaign
        """
        return {}

    def get_field(self, model, values):
        """The field that it writes, as a record of ``ir.model.fields``; none for others."""
        return model.env["ir.model.fields"].sudo()

    def get_problems(self, model, values):
        """What is missing, gone, or beyond the rights of the user.

        :rtype: list[str]
        """
        return []

    def prepare(self, model, values):
        """Values of the server action."""
        raise NotImplementedError

    def parse(self, model, action):
        """The dialog's values of a server action; None if it does something else.

        :param action: as superuser
        """
        raise NotImplementedError

    def describe(self, model, values):
        """What it does, in a few words."""
        return self.get_label(model)


def get_record_problem(env, record, model_name, label):
    """Why a record cannot be used that was chosen for something, or None.

    :param str label: what it was chosen for
    """
    if not record:
        return env._("choose “%(label)s”.", label=label)
    known = record.sudo().exists()
    if record._name != model_name or not known or ("active" in known and not known.active):
        return env._("choose “%(label)s” anew: it is gone, or was archived.", label=label)
    if not record.with_env(env).has_access("read"):
        return env._(
            "%(user)s may not see what was chosen for “%(label)s”.",
            user=env.user.name,
            label=label,
        )
    return None


def get_name(env, record, field_name="display_name"):
    """What a record is called, for those who may see it."""
    record = record.with_env(env) if record else record
    if not record or not record.sudo().exists() or not record.has_access("read"):
        return "…"
    return record[field_name]
