"""The campaign that plugs are pulled on; its effects can be counted one by one."""

from collections import defaultdict

from odoo.service.model import retrying
from odoo.tools import SQL

from .. import data
from .steering import POLL_JOB, SHORT_CUT, Steering

EXECUTION_JOB = "marketing_automation.ir_cron_campaign_execute_activities"
SENDING_JOB = "marketing_automation.ir_cron_send_emails"
# Some records fail for ever, and once in a while the database does. Of messages it is noted when
# a sender has marked them as taken by the mail server.
FAIL_EVERY = 40
FUNCTIONS = """
CREATE TABLE IF NOT EXISTS bench_effect (step varchar, res_id integer);
TRUNCATE bench_effect;
CREATE OR REPLACE FUNCTION bench_mishap(res_id integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE chance float := random();
BEGIN
    PERFORM pg_sleep(0.005);
    IF chance < 0.002 THEN RAISE 'deadlock' USING ERRCODE = '40P01';
    ELSIF chance < 0.004 THEN RAISE 'timeout' USING ERRCODE = '57014';
    ELSIF chance < 0.005 THEN PERFORM pg_sleep(2);
    END IF;
END $$;
CREATE TABLE IF NOT EXISTS bench_mark (email varchar, moment float);
TRUNCATE bench_mark;
CREATE OR REPLACE FUNCTION bench_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bench_mark
    SELECT email, extract(epoch FROM clock_timestamp())
    FROM mailing_trace WHERE mail_mail_id_int = NEW.mail_id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER bench_mark AFTER INSERT ON marketing_mail_mark FOR EACH ROW
EXECUTE FUNCTION bench_mark()
"""
EFFECT = "env.cr.execute(\"INSERT INTO bench_effect VALUES ('{step}', %s)\", [record.id])"
MISHAP = 'env.cr.execute("SELECT bench_mishap(%s)", [record.id])'
STUBBORN = f"if record.id % {FAIL_EVERY} == 0: raise UserError('Never')"


class World:
    """A running campaign and its workflow, and one of steps that steer beside it.

    :ivar int campaign_id: the campaign
    :ivar dict steps: ids of the activities by name
    :ivar Steering steering: the other campaign
    """

    def __init__(self, bench):
        self.bench = bench
        self.contacts = 0
        with bench.environment() as env:
            env.cr.execute(FUNCTIONS)
            # What an interrupted call has left.
            earlier = env["marketing.campaign"].search([("name", "like", "Benchmark: %")])
            earlier.action_stop_campaign()
            earlier.unlink()
            env.cr.execute("DELETE FROM res_partner WHERE ref = 'chaos'")
            # Only the jobs that take part; what is woken has to run at once.
            env.cr.execute(
                "UPDATE ir_cron SET active = id IN (SELECT res_id FROM ir_model_data"
                " WHERE model = 'ir.cron' AND module = 'marketing_automation')"
            )
            env.invalidate_all()
            for job in (EXECUTION_JOB, SENDING_JOB):
                env["marketing.campaign"]._set_jobs(job, 2)
            campaign = data.campaign(env, "chaos", [("ref", "=", "chaos")])
            count = self._code(env, campaign, "count", EFFECT)
            mail = data.activity(env, campaign, 0, "hours", name="mail", activity_type="email")
            note = data.server_action(
                env,
                "next_activity",
                activity_type_id=env.ref(data.CALL_TYPE).id,
                activity_user_type="specific",
                activity_user_id=env.ref("base.user_admin").id,
            )
            steps = [
                count,
                mail,
                data.activity(
                    env,
                    campaign,
                    0,
                    "hours",
                    name="note",
                    server_action_id=note.id,
                    parent_id=count.id,
                    trigger_type="activity",
                ),
                self._code(
                    env,
                    campaign,
                    "mishap",
                    "\n".join((STUBBORN, EFFECT, MISHAP)),
                    parent_id=count.id,
                    trigger_type="activity",
                ),
                self._code(
                    env, campaign, "click", EFFECT, parent_id=mail.id, trigger_type="mail_click"
                ),
            ]
            campaign.action_start_campaign()
            self.campaign_id = campaign.id
            self.sender_ids = env["marketing.campaign"]._get_jobs(SENDING_JOB).ids
            self.mailing_id = mail.mass_mailing_id.id
            self.steps = {step.name: step.id for step in steps}
            self.steering = Steering(env, self._code, EFFECT)

    @staticmethod
    def _code(env, campaign, name, code, **vals):
        action = data.server_action(env, "code", code=code.replace("{step}", name))
        return data.activity(
            env, campaign, 0, "hours", name=name, server_action_id=action.id, **vals
        )

    def campaign(self, env):
        return env["marketing.campaign"].browse(self.campaign_id)

    def add_contacts(self, count):
        """More people whom the campaign concerns from now on."""
        with self.bench.environment() as env:
            env.cr.execute(
                SQL(
                    """
                    INSERT INTO res_partner (
                        id, commercial_partner_id, name, complete_name, email, email_normalized,
                        ref, active, type, lang, create_date, write_date, color
                    )
                    SELECT id, id, 'Contact ' || id, 'Contact ' || id, mail, mail, 'chaos', TRUE,
                        'contact', 'en_US', now(), now(), id %% %s
                    FROM (
                        SELECT nextval('res_partner_id_seq') AS id FROM generate_series(1, %s)
                    ) AS new, LATERAL (SELECT 'chaos' || id || '@example.com' AS mail) AS address
                    """,
                    SHORT_CUT,
                    count,
                )
            )
            self.steering.wake(env, share=50)
            self.contacts += count
            env["marketing.campaign"]._enrol_soon()

    def poll(self):
        """What Odoo's clock does every hour, now."""
        with self.bench.environment() as env:
            retrying(lambda: self._poll(env), env)

    @staticmethod
    def _poll(env):
        env["marketing.campaign"]._enrol_soon()
        env["marketing.campaign"]._wake_up()
        env.ref(POLL_JOB)._trigger()
        # Mail servers that were down are tried again, and so is what was put off.
        env.cr.execute(
            "UPDATE marketing_mailing_hold"
            " SET until = date_trunc('second', now() AT TIME ZONE 'UTC')"
        )
        env.cr.execute(
            "UPDATE mail_mail SET scheduled_date = NULL"
            " WHERE state = 'outgoing' AND scheduled_date IS NOT NULL"
        )
        env["marketing.campaign"]._wake_up_senders()

    def retry_failed(self):
        """What people do when they see failures: messages are sent again, steps retried."""
        with self.bench.environment() as env:
            env["mailing.mailing"].browse(self.mailing_id).action_retry_failed()
            steps = env["marketing.activity"].browse(self.steps.values())
            steps.filtered("is_paused")._resume()
            failed = env["marketing.trace"].search(
                [
                    ("activity_id", "in", steps.ids),
                    ("activity_type", "=", "action"),
                    ("state", "=", "error"),
                    ("state_detail", "not like", "Never"),
                ]
            )
            failed.action_execute()

    def marks(self):
        """When Odoo noted that messages were sent, and could commit it.

        :return: moments by address
        :rtype: dict[str, list[float]]
        """
        marks = defaultdict(list)
        with self.bench.environment() as env:
            env.cr.execute("SELECT email, moment FROM bench_mark ORDER BY moment")
            for email, moment in env.cr.fetchall():
                marks[email].append(moment)
        return marks

    def left(self):
        """How much is still to be done: due traces, messages in the queue, records that are not
        enrolled; and all of the campaign that steers."""
        with self.bench.environment() as env:
            env.cr.execute(
                """
                SELECT
                    (SELECT count(*) FROM marketing_trace WHERE activity_id = ANY(%(steps)s)
                        AND state = 'scheduled' AND schedule_date <= now() AT TIME ZONE 'UTC'),
                    (SELECT count(*) FROM mail_mail WHERE mailing_id = %(mailing)s
                        AND state = 'outgoing'),
                    %(contacts)s - (SELECT count(*) FROM marketing_participant
                        WHERE campaign_id = %(campaign)s)
                """,
                {
                    "steps": list(self.steps.values()),
                    "mailing": self.mailing_id,
                    "contacts": self.contacts,
                    "campaign": self.campaign_id,
                },
            )
            return (*env.cr.fetchone(), self.steering.count_left(env))

    def wake(self):
        """Nobody waits any longer."""
        with self.bench.environment() as env:
            self.steering.wake(env)
