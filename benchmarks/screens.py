"""Server time of what people look at, with a million participants behind it."""

from odoo.tests import Form

from . import data

SIZES = ([100_000], [1_000_000])
STEPS = 5  # traces of a participant
CAMPAIGNS = 50
MAX_SECONDS = 0.5
LIVE = [("is_test", "=", False)]


def run(bench, sizes):
    for size in sizes:
        _look(bench, size)


def _look(bench, size):
    with bench.environment() as env:
        domain = data.contacts(env, size)
        campaign = data.campaign(env, "screens", domain)
        mail = data.activity(env, campaign, activity_type="email")
        for _number in range(STEPS - 1):
            data.activity(env, campaign, parent_id=mail.id, trigger_type="activity")
        data.participate(env, campaign)
        others = [data.campaign(env, f"other {number}", domain) for number in range(CAMPAIGNS)]
        campaign_id, other_ids = campaign.id, [other.id for other in others]
    bench.vacuum("marketing_participant", "marketing_trace", "marketing_campaign")
    screens = {
        "Campaign form": lambda env: Form(_as_user(env)["marketing.campaign"].browse(campaign_id)),
        "Workflow figures": lambda env: (
            _as_user(env)["marketing.campaign"].browse(campaign_id).get_workflow_metrics()
        ),
        "Overview": lambda env: (
            _as_user(env)["marketing.campaign"].browse(campaign_id).get_overview()
        ),
        f"Kanban of {CAMPAIGNS} campaigns": _kanban,
        "Traces report": lambda env: _group(env, "marketing.trace", ["activity_id", "state"]),
        "Participants report": lambda env: _group(env, "marketing.participant", ["state"]),
        "List of 80 traces": lambda env: _list(env, "marketing.trace"),
        "List of 80 participants": lambda env: _list(env, "marketing.participant"),
    }
    for what, look in screens.items():
        measures = [bench.measure(look)[0] for _round in range(bench.repeat + 1)][1:]
        best = min(measures, key=lambda measure: measure.seconds)
        bench.add(
            f"{what}, {size:,} participants",
            1,
            best.seconds,
            queries=best.queries,
            memory=best.memory,
            met=best.seconds <= MAX_SECONDS,
            note=f"(<= {MAX_SECONDS:g} s)",
        )
        if bench.with_plans:
            bench.show_plans(look)
    data.forget(bench, campaign_id, *other_ids)


def _as_user(env):
    """The environment of the person who looks."""
    admin = env.ref("base.user_admin")
    return env(user=admin, su=False, context=env["res.users"].with_user(admin).context_get())


def _specification(env, model, view_type):
    """The fields that the web client asks for."""
    views = env[model].get_views([(False, view_type)])
    return {
        name: {}
        for name in views["models"][model]["fields"]
        if name in env[model]._fields
        and env[model]._fields[name].type not in ("one2many", "many2many")
    }


def _kanban(env):
    env = _as_user(env)
    model = env["marketing.campaign"]
    model.web_search_read([], _specification(env, model._name, "kanban"), limit=CAMPAIGNS)


def _list(env, model):
    env = _as_user(env)
    env[model].web_search_read(LIVE, _specification(env, model, "list"), limit=80)


def _group(env, model, groupby):
    _as_user(env)[model].formatted_read_group(LIVE, groupby, ["__count"])
