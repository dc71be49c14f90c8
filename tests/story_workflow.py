"""How the workflow of a story is built and changed."""

from odoo import Command

from .reference import AFTER, EVENTS, STEERING, Activity, Branch, Wait
from .story_messages import LINKS
from .story_picks import Picks, pick
from .story_records import DATE_FIELD

# A workflow is at most so deep and so long.
MAX_DEPTH = 4
MAX_ACTIVITIES = 14


class Workflow(Picks):
    """A part of :class:`.story.Story`."""

    # ------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------

    def do_add(self, values, parent):
        """Add an activity, below another one if a number of one is given.

        What it refers to is picked by numbers; a step that lacks something to refer to is an
        action instead.
        """
        candidates = self._get_parents(MAX_DEPTH - 1)
        if len(self.names) == MAX_ACTIVITIES:
            return
        parent = None if parent is None else pick(candidates, parent)
        kind = values["kind"]
        if kind == "goto" and not self.activities:
            kind = "action"
        trigger = self._pick_trigger(parent, values["trigger"])
        position, colors, expiry = len(self.names), values["colors"], values["expiry"]
        step = Activity(
            f"{position} {kind} {trigger}",
            kind,
            trigger,
            parent,
            values["delay"],
            expiry,
            lambda record: record.color in colors,
            due_days=position % 3,
            color=position % 3,
            hour=values.get("hour", 0),
        )
        if trigger == "branch":
            step.branch = pick(parent.branches, values.get("way", 0))
        extra = self._get_values_of_kind(step, values)
        number, unit = expiry or (0, "hours")
        self.activities[step] = activity = self.test.create_activity(
            self.campaign,
            "action" if kind in ("todo", "paint") else kind,
            trigger,
            "{} {}".format(*step.delay),
            name=step.name,
            parent_id=self.activities[parent].id if parent else False,
            branch_id=self.branches[step.branch].id if step.branch else False,
            ignore_sending_hours=not step.keeps_hours,
            validity_duration=bool(expiry),
            validity_duration_number=number,
            validity_duration_type=unit,
            activity_domain=repr([("color", "in", colors)]),
            **{"time_of_day": step.hour, **extra},
        )
        step.id = activity.id
        self.names.append(step.name)
        self._note_branches(step)
        self.model.add(step)
        self._slow_down()

    def _get_values_of_kind(self, step, values):
        """What makes an activity what it is, as values of its fields; the reference model's
        activity is given the same."""
        if step.is_message:
            return {"mass_mailing_id": self.test.materials[step.kind][len(self.names)].id}
        if step.kind not in STEERING:
            return {"server_action_id": self.test.materials[step.kind][len(self.names)].id}
        if step.kind == "condition":
            return self._get_branches(step, values["branches"][:2], self._get_condition)
        if step.kind == "split":
            return self._get_branches(step, values["branches"], self._get_share)
        if step.kind == "wait":
            step.branches = [Branch(kind, kind) for kind in ("met", "timeout")]
            return self._get_wait(step, **values["wait"])
        if step.kind == "goto":
            step.goto = pick(list(self.activities), values["target"])
            step.max_visits = values["visits"]
            target = self.activities[step.goto]
            return {"goto_activity_id": target.id, "max_visits": step.max_visits}
        return {}

    def _get_parents(self, depth):
        """Steps that can be followed, with at most so many above and themselves."""
        return [step for step in self.activities if AFTER[step.kind] and len(step.path()) <= depth]

    def _get_awaitable(self, step):
        """Steps whose events another may ask for: those before it."""
        return [other for other in step.path()[1:] if other.kind in EVENTS]

    def _note_branches(self, step):
        """Which branch of the engine is which."""
        for branch in self.activities[step].branch_ids:
            name = branch.name or branch.branch_type
            known = next(other for other in step.branches if other.name == name)
            self.branches[known] = branch

    def _pick_trigger(self, parent, trigger):
        """A trigger by name, or one of those that can follow the parent by number."""
        if not parent:
            return "begin"
        return trigger if trigger in AFTER[parent.kind] else pick(AFTER[parent.kind], trigger)

    # ------------------------------------------------------------
    # Steps that steer
    # ------------------------------------------------------------

    def _get_branches(self, step, specs, make):
        """Branches of a condition or split, and the values that make the same."""
        rows = [make(step, spec, f"{number}") for number, spec in enumerate(specs)]
        if step.kind == "split" and not any(branch.weight for branch, _vals in rows):
            rows[0][0].weight = rows[0][1]["weight"] = 1
        step.branches = [branch for branch, _vals in rows]
        if step.kind == "condition":
            step.branches.append(Branch("otherwise", "otherwise"))
        return {"branch_ids": [Command.create(vals) for _branch, vals in rows]}

    def _get_share(self, _step, spec, name):
        values = {"name": name, "branch_type": "random", "weight": spec["weight"]}
        return Branch(name, "random", weight=spec["weight"]), values

    def _get_condition(self, step, spec, name):
        """A branch that asks for an event of an earlier message, or for the record's color."""
        awaited = spec["step"] is not None and pick(self._get_awaitable(step), spec["step"])
        if not awaited:
            colors = spec["colors"]
            branch = Branch(name, "filter", lambda record: record.color in colors)
            return branch, {"name": name, "domain": repr([("color", "in", colors)])}
        event, link = pick(EVENTS[awaited.kind], spec["event"]), None
        if event.endswith("_click") and spec["link"] is not None:
            link = LINKS[spec["link"]]
        mailing = self.activities[awaited].mass_mailing_id
        branch = Branch(
            name,
            "event",
            activity=awaited,
            event=event,
            is_negative=spec["is_negative"],
            link=link,
        )
        return branch, {
            "name": name,
            "branch_type": "event",
            "event_activity_id": self.activities[awaited].id,
            "event": event,
            "event_negative": branch.is_negative,
            "event_link_id": self._get_link(mailing, link).id if link else False,
        }

    def _get_wait(self, step, kind, number, event, colors, offset, hour, weekday, limit):
        """What a step waits for, and the values that say the same."""
        awaited = pick(self._get_awaitable(step), number)
        if kind == "event" and not awaited:
            kind = "filter"
        step.wait = Wait(kind, offset=offset, hour=hour, weekday=weekday, limit=limit)
        values = {
            "wait_type": kind,
            "wait_limit": bool(limit),
            "wait_limit_number": limit[0] if limit else 0,
            "wait_limit_type": limit[1] if limit else "hours",
        }
        if kind == "event":
            step.wait.activity = awaited
            step.wait.event = pick(EVENTS[awaited.kind], event)
            values["wait_activity_id"] = self.activities[awaited].id
            values["wait_event"] = step.wait.event
        elif kind == "filter":
            step.wait.filter = lambda record: record.color in colors
            values["wait_domain"] = repr([("color", "in", colors)])
        elif kind == "date":
            field = self.env["ir.model.fields"]._get("res.partner", DATE_FIELD)
            values.update(
                wait_date_field_id=field.id,
                wait_date_number=offset[0],
                wait_date_type=offset[1],
                time_of_day=hour,
            )
        else:
            values["wait_weekday"] = False if weekday is None else str(weekday)
            values["time_of_day"] = hour
        return values

    # ------------------------------------------------------------
    # Circles
    # ------------------------------------------------------------

    def _slow_down(self):
        """In each circle something takes time: a campaign without is not started."""
        for step in self.activities:
            if step.kind == "goto" and not step.delay[0] and self._is_in_circle(step):
                self._set_delay(step, (1, "hours"))

    def _is_in_circle(self, step):
        """Whether a way leads from where a goto goes back to it."""
        reached, ahead = set(), [step.goto]
        while ahead:
            here = ahead.pop()
            if here not in reached:
                reached.add(here)
                ahead += [other for other in self.activities if other.parent is here]
                ahead += [here.goto] if here.goto else []
        return step in reached

    def _set_delay(self, step, delay):
        self.activities[step].write({"interval_number": delay[0], "interval_type": delay[1]})
        self.model.change(step, delay=delay)

    # ------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------

    def do_weight(self, number, way, weight):
        """A branch of a split gets another weight."""
        step = self._pick_step(number, "split")
        branch = step and pick(step.branches, way)
        if branch and (weight or any(b.weight for b in step.branches if b is not branch)):
            branch.weight = self.branches[branch].weight = weight

    def do_winner(self, number, way):
        """A split has found its winner."""
        if step := self._pick_step(number, "split"):
            step.winner = pick(step.branches, way)
            self.activities[step].winner_branch_id = self.branches[step.winner]

    def do_widen(self, number, spec):
        """A condition or split gets another branch."""
        step = self._pick_step(number, "condition", "split")
        if not step or len(step.branches) > 4:
            return
        names = {branch.name for branch in self.branches}
        make = self._get_condition if step.kind == "condition" else self._get_share
        branch, values = make(step, spec, f"{step.name}, {len(names)}")
        # Behind the others; "otherwise" stays the last one.
        place = len(step.branches) - (step.kind == "condition")
        step.branches.insert(place, branch)
        self.activities[step].branch_ids = [Command.create(values)]
        self._note_branches(step)

    def do_narrow(self, number, way):
        """A condition or split loses a branch; the engine refuses where something follows it."""
        step = self._pick_step(number, "condition", "split")
        branch = step and pick([b for b in step.branches if b.kind != "otherwise"], way)
        if not branch or any(other.branch is branch for other in self.activities):
            return
        left = [other for other in step.branches if other is not branch]
        if (step.kind == "condition" and len(left) > 1) or any(other.weight for other in left):
            step.branches = left
            step.winner = None if step.winner is branch else step.winner
            self.branches.pop(branch).unlink()

    def do_goto(self, number, target, visits):
        """A goto goes on elsewhere from now on."""
        if step := self._pick_step(number, "goto"):
            step.goto = pick([other for other in self.activities if other is not step], target)
            step.max_visits = visits
            self.activities[step].write(
                {"goto_activity_id": self.activities[step.goto].id, "max_visits": visits}
            )
            self._slow_down()

    def do_delay(self, number, delay, hour=0):
        """Give an activity another delay, and time of day; of a wait, that is what it waits for."""
        step = pick(list(self.activities), number)
        if step:
            self._set_delay(step, delay)
            if step.kind != "wait":
                self.activities[step].time_of_day = hour
                self.model.change(step, hour=hour)
            self._slow_down()

    def do_move(self, number, parent, trigger):
        """Put an activity below another one, with another trigger, and update."""
        step = pick(list(self.activities), number)
        depths = [len(other.path()) for other in self.activities if step in other.path()]
        height = max(depths) - min(depths) if depths else 0
        candidates = [
            other for other in self._get_parents(MAX_DEPTH - 1 - height) if step not in other.path()
        ]
        if candidates:
            parent, way = pick(candidates, parent), trigger
            trigger = self._pick_trigger(parent, trigger)
            branch = pick(parent.branches, way // 2) if trigger == "branch" else None
            self.activities[step].write(
                {
                    "parent_id": self.activities[parent].id,
                    "trigger_type": trigger,
                    "branch_id": self.branches[branch].id if branch else False,
                }
            )
            self.model.change(step, parent=parent, trigger=trigger, branch=branch)
            self._slow_down()
            self.do_update()

    def do_remove(self, number):
        """Delete an activity, and so those below it, unless others refer to one; history stays."""
        step = pick(list(self.activities), number)
        if step and not self._get_referring(step):
            known = {**self.activities, **self.past}
            self.activities[step].unlink()
            self.model.remove(step)
            self.activities = {step: known[step] for step in self.model.activities}
            self.past = {step: known[step] for step in self.model.past}
            left = self.env["marketing.activity"].browse(known[step].id for step in known).exists()
            self.test.assertEqual(
                (set(left.filtered("active")), set(left - left.filtered("active"))),
                (set(self.activities.values()), set(self.past.values())),
            )

    # ------------------------------------------------------------
    # Problems
    # ------------------------------------------------------------

    def _take_out_problems(self):
        """A plot may draw steps that keep a campaign from its start: it goes on without them."""
        while troubled := [step for step in self.activities if self._get_problems(step)]:
            steps = list(self.activities)
            referring = [other for step in troubled for other in self._get_referring(step)]
            self.do_remove(
                next(
                    steps.index(step)
                    for step in (*troubled, *referring)
                    if not self._get_referring(step)
                )
            )

    def _get_problems(self, step):
        activity = self.activities[step]
        return activity._get_problems() + activity._get_reach_problems()

    def _get_referring(self, step):
        """Steps that would stay, and ask for, or go on at, one that would go with this one."""
        return [
            other
            for other in self.activities
            if step not in other.path()
            and any(
                one and step in one.path()
                for one in (
                    *(branch.activity for branch in other.branches),
                    other.goto,
                    other.wait and other.wait.activity,
                )
            )
        ]
