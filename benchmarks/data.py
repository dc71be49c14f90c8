"""Contacts, campaigns and workflows to measure with."""

from odoo import Command
from odoo.tools import SQL

BODY = """<div><p>Hello <t t-out="object.name"/>, here is what is new.</p>
<a href="https://www.example.com/offer">Offer</a> <a href="https://www.example.com/news">News</a>
</div>"""
CALL_TYPE = "mail.mail_activity_data_call"


def contacts(env, count, purpose="contact"):
    """Make this many contacts by SQL, half of them in Belgium, unless they are there.

    :param str purpose: sets of different purposes have no contact in common
    :return: the domain that finds them
    :rtype: list
    """
    mark = f"{purpose}-{count}"
    env.cr.execute("SELECT EXISTS (SELECT FROM res_partner WHERE ref = %s)", [mark])
    if not env.cr.fetchone()[0]:
        env.cr.execute(
            SQL(
                """
                INSERT INTO res_partner (
                    id, commercial_partner_id, name, complete_name, email, email_normalized, ref,
                    country_id, active, type, lang, create_uid, create_date, write_uid, write_date
                )
                SELECT id, id, 'Contact ' || i, 'Contact ' || i, mail, mail, %(mark)s,
                    CASE i %% 2 WHEN 0 THEN %(belgium)s ELSE %(france)s END, TRUE, 'contact',
                    'en_US', 1, now(), 1, now()
                FROM generate_series(1, %(count)s) AS i,
                    LATERAL (
                        SELECT nextval('res_partner_id_seq') AS id,
                            %(mark)s || '-' || i || '@example.com' AS mail
                    ) AS new
                """,
                mark=mark,
                belgium=env.ref("base.be").id,
                france=env.ref("base.fr").id,
                count=count,
            )
        )
    return [("ref", "=", mark)]


def contact_ids(env, count, purpose="contact"):
    """The ids of such contacts, by id."""
    return env["res.partner"].search(contacts(env, count, purpose), order="id").ids


def campaign(env, name, domain, **vals):
    """A campaign on contacts that the administrator is responsible for."""
    return env["marketing.campaign"].create(
        {
            "name": f"Benchmark: {name}",
            "user_id": env.ref("base.user_admin").id,
            "model_id": env["ir.model"]._get_id("res.partner"),
            "unique_field_id": False,
            "domain": repr(domain),
            **vals,
        }
    )


def mailing(env, name, **vals):
    """A mailing to contacts, with a name to fill in and two links."""
    return env["mailing.mailing"].create(
        {
            "subject": f"Benchmark: {name}",
            "mailing_model_id": env["ir.model"]._get_id("res.partner"),
            "body_html": BODY,
            "user_id": env.ref("base.user_admin").id,
            "email_from": "Marketing <marketing@example.com>",
            "reply_to_mode": "new",
            **vals,
        }
    )


def rich_content(env):
    """Values of a mailing with a subject of each one's own, pictures, many links and a file."""
    links = "".join(
        f'<p><img src="/web/image/{number}" alt="Picture"/>'
        f'<a href="https://www.example.com/product/{number}">Product {number}</a>'
        " with a few words about what it is good for, and what it costs.</p>"
        for number in range(1, 9)
    )
    file = env["ir.attachment"].create(
        {"name": "catalog.pdf", "raw": b"%PDF-1.4 " + bytes(range(256)) * 200}
    )
    return {
        "subject": "News for {{ object.name }}",
        "body_html": f"""{BODY}{links}<p><a href="/unsubscribe_from_list">Unsubscribe</a>
            <a href="/view">View online</a></p>""",
        "attachment_ids": [Command.set(file.ids)],
    }


def server_action(env, state, **vals):
    """A server action on contacts."""
    return env["ir.actions.server"].create(
        {
            "name": f"Benchmark: {state}",
            "model_id": env["ir.model"]._get_id("res.partner"),
            "state": state,
            **vals,
        }
    )


def activity(env, campaign, number=1, unit="days", **vals):
    """An activity; a server action that does nothing unless told otherwise."""
    values = {
        "name": "Step",
        "campaign_id": campaign.id,
        "activity_type": "action",
        "interval_number": number,
        "interval_type": unit,
        **vals,
    }
    if values["activity_type"] == "action" and not values.get("server_action_id"):
        values["server_action_id"] = server_action(env, "code", code="record").id
    if values["activity_type"] == "email" and not values.get("mass_mailing_id"):
        values["mass_mailing_id"] = mailing(env, campaign.name).id
    return env["marketing.activity"].create(values)


def participate(env, campaign, state="processed"):
    """Let all records of the campaign's domain take part, by SQL, with a trace of each
    activity, executed at some time in the past or scheduled for it, in the order in which they
    have joined.

    Children belong to the trace of their parent.

    :param str state: of the traces; processed or scheduled
    :return: number of participants
    """
    query = env[campaign.model_name]._search(campaign._get_domain())
    env.cr.execute(
        SQL(
            """
            INSERT INTO marketing_participant (
                campaign_id, res_id, state, is_test, identity, entry_key, run_number, create_date,
                write_date
            )
            SELECT %s, id, %s, FALSE, %s, '', 1, now() - interval '30 days', now()
            FROM (%s) AS record ORDER BY id
            """,
            campaign.id,
            "completed" if state == "processed" else "running",
            campaign._hash_record_sql(SQL("id")),
            query.select(),
        )
    )
    count = env.cr.rowcount
    env.cr.execute("SELECT max(id) FROM marketing_participant")
    last_id = env.cr.fetchone()[0]
    campaign.identity_kind = campaign._get_identity_kind()
    # Else the planner takes the tables for empty: some queries would take hours.
    env.cr.execute("ANALYZE marketing_participant")
    for step in campaign.marketing_activity_ids._sorted_by_depth():
        env.cr.execute(
            SQL(
                """
                INSERT INTO marketing_trace (
                    participant_id, activity_id, parent_id, res_id, is_test, visit, state,
                    schedule_date, execution_date, create_date, write_date
                )
                SELECT participant.id, %(activity)s, parent.id, participant.res_id, FALSE, 1,
                    %(state)s, moment, CASE %(state)s WHEN 'processed' THEN moment END,
                    now(), now()
                FROM marketing_participant participant
                LEFT JOIN marketing_trace parent
                    ON parent.participant_id = participant.id AND parent.activity_id = %(parent)s,
                    LATERAL (
                        SELECT date_trunc('second', now())::timestamp
                            - interval '1 day' - CASE %(state)s
                                WHEN 'processed' THEN interval '1 day' * (participant.id %% 30)
                                ELSE interval '1 second' * (%(last_id)s - participant.id)
                            END AS moment
                    ) AS past
                WHERE participant.campaign_id = %(campaign)s
                """,
                activity=step.id,
                parent=step.parent_id.id or None,
                campaign=campaign.id,
                last_id=last_id,
                state=state,
            )
        )
        env.cr.execute("ANALYZE marketing_trace")
    env.invalidate_all()
    return count


def forget(bench, *campaign_ids):
    """Remove campaigns with all that they have, quickly."""
    with bench.environment() as env:
        campaigns = env["marketing.campaign"].browse(campaign_ids)
        campaigns.action_stop_campaign()
        campaigns.unlink()


def no_title(model, url):
    """Instead of asking the linked site for its title."""
    return url
