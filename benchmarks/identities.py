"""Participants are identified anew, as after an update or a change of the unicity field."""

from odoo.tools import SQL

from . import data

SIZES = ([50_000], [500_000])


def run(bench, sizes):
    for size in sizes:
        _identify(bench, size)


def _identify(bench, size):
    with bench.environment() as env:
        field = env["ir.model.fields"]._get("res.partner", "email")
        domain = data.contacts(env, size)
        campaign = data.campaign(env, "identify", domain, unique_field_id=field.id)
        data.participate(env, campaign)
        env.cr.execute("UPDATE marketing_participant SET identity = NULL")
        campaign.identity_kind = False
        campaign_id = campaign.id

    def identify(env):
        campaign = env["marketing.campaign"].browse(campaign_id)
        while campaign._identify_next():
            pass

    def write(env):
        env.cr.execute(
            SQL(
                "UPDATE marketing_participant SET identity = lpad(id::text, 64, '0')"
                " WHERE campaign_id = %s",
                campaign_id,
            )
        )

    bench.compare("Identify anew", size, identify, write, 4, ("marketing_participant",))
    data.forget(bench, campaign_id)
