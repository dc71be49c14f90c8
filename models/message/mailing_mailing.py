import re

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.queues import TEXTS
from ...tools.rpc import on_one_record
from ...tools.run import MarketingRun

# All else decides what recipients get, in the name and with the rights of the responsible.
HARMLESS_FIELDS = {"active", "calendar_date", "color", "favorite", "favorite_date", "name"}


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    use_in_marketing_automation = fields.Boolean(
        "Used in a Campaign",
        copy=True,
        help="It is sent by steps of marketing campaigns, to their participants only.",
    )
    marketing_activity_ids = fields.One2many(
        "marketing.activity",
        "mass_mailing_id",
        string="Marketing Activities",
        # Statistics are of those that were taken out of their workflow, too.
        context={"active_test": False},
        copy=False,
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_running_campaign(self):
        for activity in self.sudo().marketing_activity_ids.filtered("active"):
            if activity.campaign_id.state == "running":
                raise UserError(
                    self.env._(
                        "“%(mailing)s” cannot be deleted: “%(activity)s” of the running campaign"
                        " “%(campaign)s” sends it. Choose another message there first, or stop"
                        " the campaign.",
                        mailing=activity.mass_mailing_id.subject,
                        activity=activity.name,
                        campaign=activity.campaign_id.name,
                    )
                )

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("use_in_marketing_automation") or self.env.context.get(
                "default_use_in_marketing_automation"
            ):
                # The date of an A/B test would wake its job at each write.
                vals["ab_testing_schedule_datetime"] = False
        return super().create(vals_list)

    def write(self, vals):
        res = super().write(vals)
        changed = set(vals) - HARMLESS_FIELDS
        if changed:
            self._check_may_change_content()
        if changed or "active" in vals:
            activities = self.sudo().marketing_activity_ids
            activities._resume_mended()
            activities.campaign_id.with_env(self.env)._go_on_when_mended()
        return res

    def unlink(self):
        """What waits in a queue goes nowhere: its links would lead nowhere."""
        self.filtered("use_in_marketing_automation")._cancel_queued()
        return super().unlink()

    def _copy_with_files(self):
        """Copy at most one mailing, with attachments and images of its own.

        Plain copies share the files of the original, which takes them along when it is
        deleted.
        """
        if not self:
            return self
        files = self.attachment_ids
        copy = self.copy({"attachment_ids": [Command.set([file.copy().id for file in files])]})
        images = self.env["ir.attachment"].search(
            [("res_model", "=", self._name), ("res_id", "=", self.id), ("id", "not in", files.ids)]
        )
        for image in images:
            new = image.copy({"res_id": copy.id, "access_token": False})
            address = rf"/web/image/{image.id}(?!\d)"
            tokens = image.access_token, new.generate_access_token()[0]
            for name in ("body_arch", "body_html"):
                body = re.sub(address, f"/web/image/{new.id}", str(copy[name] or ""))
                copy[name] = body.replace(*tokens) if image.access_token else body
        return copy

    @on_one_record
    def copy_for_step(self):
        """Copy the message of a step that was pasted, and is not saved, to write in it.

        :return: id of the copy
        :rtype: int
        """
        return self._copy_with_files().id

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_put_in_queue(self):
        self._check_not_in_campaign()
        return super().action_put_in_queue()

    def action_schedule(self):
        self._check_not_in_campaign()
        return super().action_schedule()

    def action_send_mail(self, res_ids=None):
        self._check_not_in_campaign()
        return super().action_send_mail(res_ids)

    def action_send_sms(self, res_ids=None):
        self._check_not_in_campaign()
        return super().action_send_sms(res_ids)

    def action_retry_failed(self):
        """Messages of campaigns go out again as they are: their traces tell the campaign."""
        automated = self.filtered("use_in_marketing_automation")
        automated._retry_queued_messages()
        plain = self - automated
        return super(MailingMailing, plain).action_retry_failed() if plain else True

    def _check_not_in_campaign(self):
        for mailing in self.filtered("use_in_marketing_automation"):
            raise UserError(
                self.env._(
                    "“%(mailing)s” belongs to a marketing campaign, which sends it to each"
                    " participant in time.",
                    mailing=mailing.subject,
                )
            )

    def _retry_queued_messages(self):
        """Queue again what failed, where no newer message has taken its place, and try it now."""
        self._end_hold()
        failed = [("mailing_id", "in", self.ids)]
        mails = self.env["mail.mail"].sudo().search([*failed, ("state", "=", "exception")])
        traces = mails.mailing_trace_ids
        if mails := mails - (traces - traces._get_newest()).mail_mail_id:
            mails.action_retry()
            self.env["marketing.campaign"].sudo()._wake_up_senders()
        messages = self.env["sms.sms"].sudo().search([*failed, ("state", "=", "error")])
        traces = self.env["mailing.trace"].sudo().search([("sms_id_int", "in", messages.ids)])
        if messages := messages - (traces - traces._get_newest()).sms_id:
            messages.action_set_outgoing()
            self.env["marketing.campaign"].sudo()._wake_up_senders(queue=TEXTS)

    # ------------------------------------------------------------
    # RECIPIENTS
    # ------------------------------------------------------------

    def _get_recipients_domain(self):
        """Nobody: a campaign sends to its participants, Odoo's own jobs to none."""
        if self.use_in_marketing_automation:
            return Domain.FALSE
        return super()._get_recipients_domain()

    def _get_campaign_lists(self):
        """Mailing lists that the campaigns which send this mailing mail for."""
        return self._get_sending_campaigns()._get_mailing_lists()

    def _is_sure_of_campaign_lists(self):
        """Whether it is clear which mailing lists that are."""
        return all(
            campaign._is_sure_of_mailing_lists() for campaign in self._get_sending_campaigns()
        )

    def _get_sending_campaigns(self):
        """The campaigns that send this mailing, as superuser.

        A mailing that was taken out of its workflow is known by the campaign's links.
        """
        mailing = self.sudo()
        campaigns = mailing.marketing_activity_ids.campaign_id
        if mailing.use_in_marketing_automation and not campaigns:
            campaigns = campaigns.with_context(active_test=False).search(
                [("utm_campaign_id", "=", mailing.campaign_id.id)]
            )
        return campaigns

    # ------------------------------------------------------------
    # QUEUE
    # ------------------------------------------------------------

    def _queue_emails(self, traces, is_test=False, sources=None, closings=None):
        """Queue one email for each record, in this transaction.

        Unlike ``action_send_mail``, it neither commits nor talks to a mail server; the
        senders are woken after the commit.

        :param dict traces: id of the marketing trace by id of the record
        :param dict sources: see ``MarketingRun``
        :param dict closings: see ``MarketingRun``
        """
        self.ensure_one()
        composer = (
            self.env["mail.compose.message"]
            .with_context(
                default_composition_mode="mass_mail",
                marketing_run=MarketingRun(traces, is_test, {}, sources or {}, closings or {}),
                active_ids=list(traces),
                **self._get_mass_mailing_context(),
            )
            .create(self._get_email_composer_values())
        )
        composer.force_send = False
        composer._action_send_mail()
        self.env["marketing.campaign"]._wake_up_senders()

    def _get_email_composer_values(self):
        """The message as mass mailing composes it."""
        values = {
            "attachment_ids": [Command.link(attachment.id) for attachment in self.attachment_ids],
            "author_id": (self.user_id or self.env.user).partner_id.id,
            "auto_delete": not self.keep_archives,
            # Replies find the conversation by the original message.
            "auto_delete_keep_log": self.reply_to_mode == "update",
            "body": self._prepend_preview(self.body_html, self.preview),
            "composition_mode": "mass_mail",
            "email_from": self.email_from,
            "mail_server_id": self.mail_server_id.id,
            "mass_mailing_id": self.id,
            "model": self.mailing_model_real,
            "reply_to_force_new": self.reply_to_mode == "new",
            "subject": self.subject,
            "template_id": False,
            "use_exclusion_list": self.use_exclusion_list,
        }
        if self.reply_to_mode == "new":
            values["reply_to"] = self.reply_to
        return values

    def _get_composed_texts(self):
        """The texts beside the body in which an email's composer fills in placeholders."""
        texts = [self.subject, self.preview, self.email_from]
        return [*texts, self.reply_to] if self.reply_to_mode == "new" else texts

    def _queue_sms(self, traces, is_test=False, sources=None, closings=None):
        """Queue one text message for each record, in this transaction.

        :param dict traces: id of the marketing trace by id of the record
        :param dict sources: see ``MarketingRun``
        :param dict closings: see ``MarketingRun``
        """
        self.ensure_one()
        composer = (
            self.env["sms.composer"]
            .with_context(
                active_id=False,
                marketing_run=MarketingRun(traces, is_test, {}, sources or {}, closings or {}),
            )
            .create({**self._send_sms_get_composer_values(list(traces)), "mass_force_send": False})
        )
        composer._action_send_sms()
        self.env["marketing.campaign"]._wake_up_senders(queue=TEXTS)
