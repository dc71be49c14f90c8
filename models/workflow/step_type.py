"""What a step of a workflow can be: one object for each type, in a file of its own."""

import re
from itertools import count

from lxml.builder import E

from odoo import api, models
from odoo.tools.translate import LazyTranslate

from ...tools.triggers import PLAIN_TRIGGERS, Trigger

_lt = LazyTranslate("marketing_automation")

# Behind a name that others have, too.
NUMBER = re.compile(r" \d+$")


class StepType:
    """A type of steps: what they do, what can happen to it, and how people see it.

    The engine, the form, the workflow view, figures and the test page read it. An addon adds one
    by extending :meth:`marketing.activity._get_step_types`.

    :cvar str key: value of ``activity_type``
    :cvar str label: the choice in the form
    :cvar str icon: Font Awesome class
    :cvar str does: its verb in the sentence that says when, see ``Trigger``
    :cvar str kind: ``message`` (something is sent, which things can happen to), ``action``, or
        ``steering`` (it decides where a run goes on, see ``SteeringStep``)
    :cvar str missing: what to do where a step has no content, with ``%(activity)s`` for its name;
        none where it needs none
    :cvar str content_field: field of the step with what it sends or runs; others are emptied
    :cvar tuple described_by: further fields that :meth:`describe` depends on
    :cvar str mailing_type: type of its mailings, if it sends mailings
    :cvar tuple form_fields: fields that an addon adds to the form, which only this type has
    :cvar tuple branch_types: of the branches that its steps have
    :cvar bool can_be_followed: whether steps can come after it
    :cvar bool has_time_of_its_own: whether ``time_of_day`` is a part of what the step does, not
        of when it is due
    :cvar tuple timing_fields: further fields that dates of participants depend on
    :cvar dict events: what can happen to what it sends or creates, by key
    :cvar dict triggers: when something can follow it, beside the plain triggers, by key
    :cvar dict metrics: what is counted of it, beside its events, by key
    :cvar dict figures: what people see of these metrics, by key
    """

    key = None
    label = None
    icon = "fa-bolt"
    does = _lt("Runs")
    kind = "action"
    missing = None
    content_field = None
    described_by = ()
    mailing_type = False
    form_fields = ()
    branch_types = ()
    can_be_followed = True
    has_time_of_its_own = False
    timing_fields = ()
    events = {}
    triggers = {}
    metrics = {}
    figures = {}

    def run(self, activity, claims):
        """Do what the step is for, for a batch of records, with the rights of the campaign's
        responsible and no more (``_responsible_env``).

        :param activity: one activity of this type
        :param list claims: locked traces, each of another record
        :return: a tuple for each trace, of as many values of an ``Outcome`` as it needs
        :rtype: list[tuple]
        """
        raise NotImplementedError

    def get_refusal_key(self, activity):
        """Steps with the same key refuse the same records."""
        return activity.id

    def find_refusals(self, activity, res_ids):
        """Which records the step would leave alone now, and why: as far as what sends asks them, or
        exclusion lists, one by one.

        :param list res_ids: ids of records of the target
        :return: failure type of mailing traces by id of the record
        :rtype: dict[int, str]
        """
        return {}

    def is_polled(self, activity):
        """Whether something may come true at this step that nobody tells."""
        return False

    def poll(self, activity):
        """Look for what may have come true at this step, in one query.

        :return: the number of runs that have stopped waiting
        """
        return 0

    def get_first_branches(self, env):
        """Values of the branches that a new step of this type has.

        :rtype: list[dict]
        """
        return []

    def propose(self, activity):
        """Values that the form fills in when a step becomes one of this type.

        :rtype: dict
        """
        return activity._propose_name(self) if activity.name else {}

    def get_problems(self, activity):
        """What keeps an activity of this type from running, as sentences that say what to do.

        :rtype: list[str]
        """
        return []

    def get_missing_problem(self, activity):
        """What to do where an activity of this type has no content."""
        sentence = activity.env._(self.missing)
        return sentence % {"activity": activity.name}

    def get_way_problems(self, activity, ways):
        """What is wrong with the ways to or from an activity of this type, as sentences that say
        what to do. It keeps a campaign from a start, not those who are there already.

        :param Ways ways: through the whole workflow
        :rtype: list[str]
        """
        return []

    def can_take(self, activity, branch):
        """Whether a run can leave an activity of this type by a branch."""
        return branch in activity.branch_ids

    def takes_time(self, activity, branch):
        """Whether a run never leaves an activity of this type by a branch, or whatever the way if
        it is empty, in the moment in which it comes."""
        return False

    def get_filters(self, activity):
        """What it asks of the record, beside the filter of the step, as domains in text.

        :rtype: list[str]
        """
        return []

    def get_possible_events(self, activity):
        """Keys of the events that can happen to an activity of this type.

        :rtype: list[str]
        """
        return list(self.events)

    def describe(self, activity):
        """What the step sends or runs, in a few words."""
        content = activity.sudo()[self.content_field] if self.content_field else ""
        return getattr(content, "display_name", content) or ""


class GoneStep(StepType):
    """A step whose addon was uninstalled."""

    icon = "fa-question"

    def get_problems(self, activity):
        return [
            activity.env._(
                "“%(activity)s”: the app of its type was uninstalled. Choose another type, or"
                " delete it.",
                activity=activity.name,
            )
        ]


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    @api.onchange("activity_type")
    def _onchange_step_type(self):
        self.update(self._get_step_type().propose(self))

    def _has_proposed_name(self):
        """Whether nobody has given this step a name: it has none, or that of a type."""
        labels = {self.env._(kind.label) for kind in self._get_step_types().values()}
        return not self.name or NUMBER.sub("", self.name) in labels

    def _propose_name(self, kind):
        """The name of a type, for a step that becomes one of it.

        :param StepType kind:
        :return: values of the step; none if it has a name, or that of the type already
        :rtype: dict
        """
        label = self.env._(kind.label) if kind.label else ""
        if not self._has_proposed_name() or NUMBER.sub("", self.name or "") == label:
            return {}
        taken = set((self.campaign_id.marketing_activity_ids - self._origin).mapped("name"))
        names = (f"{label} {number}" for number in count(2))
        return {"name": label if label not in taken else next(n for n in names if n not in taken)}

    @api.model
    def _get_step_types(self):
        """Types of steps by key; each type extends the result.

        :rtype: dict[str, StepType]
        """
        return {}

    @api.model
    def _get_message_types(self):
        """Keys of the types that send something."""
        return [key for key, kind in self._get_step_types().items() if kind.kind == "message"]

    @api.model
    def _get_events(self):
        """Events of all types of steps by key.

        :rtype: dict[str, Event]
        """
        return {
            key: event
            for step_type in self._get_step_types().values()
            for key, event in step_type.events.items()
        }

    @api.model
    def _get_triggers(self):
        """Triggers of all types of steps by key.

        :rtype: dict[str, Trigger]
        """
        triggers = dict(PLAIN_TRIGGERS)
        for step_type in self._get_step_types().values():
            triggers.update(step_type.triggers)
        return triggers

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """The form has the fields that addons bring with their types of steps."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            for place in arch.xpath("//field[@name='activity_type']"):
                for key, kind in self._get_step_types().items():
                    for name in reversed(kind.form_fields):
                        place.addnext(E.field(name=name, invisible=f"activity_type != '{key}'"))
        return arch, view

    @api.model
    def _selection_activity_type(self):
        return [(key, self.env._(kind.label)) for key, kind in self._get_step_types().items()]

    @api.model
    def _selection_trigger_type(self):
        return [(key, self.env._(trigger.label)) for key, trigger in self._get_triggers().items()]

    def _get_possible_events(self):
        """Keys of the events that can happen to this step: what it does may allow only some.

        :rtype: list[str]
        """
        return self._get_step_type().get_possible_events(self)

    def _get_step_type(self):
        """The type of this step.

        :rtype: StepType
        """
        self.ensure_one()
        return self._get_step_types().get(self.activity_type) or GoneStep()

    def _get_trigger(self):
        """What sets this step off; one that nothing can, where its addon is gone.

        :rtype: Trigger
        """
        self.ensure_one()
        return self._get_triggers().get(self.trigger_type) or Trigger("", "", "", category="gone")
