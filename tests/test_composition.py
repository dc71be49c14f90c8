"""Emails are composed in sets: each is the one that Odoo would have composed alone."""

import base64
import re
from unittest.mock import patch

from lxml import html

from odoo import Command
from odoo.tests import tagged

from odoo.addons.base.models.ir_attachment import IrAttachment
from odoo.addons.base.models.ir_qweb import IrQweb
from odoo.addons.link_tracker.models.mail_render_mixin import MailRenderMixin as LinkShortener
from odoo.addons.mail.models.mail_mail import MailMail
from odoo.addons.mail.models.mail_message import MailMessage
from odoo.addons.mail.models.mail_render_mixin import MailRenderMixin
from odoo.addons.mail.wizard.mail_compose_message import MailComposeMessage
from odoo.addons.mass_mailing.models.mailing_trace import MailingTrace

from ..tools.run import FileCopies
from .common import MarketingAutomationCase

NAMES = (
    "Ann",
    "Zoë 😀 Müller",
    "O'Brien",
    'Ann "Andy" Lee',
    "Smith & Sons",
    "<b>Bold</b>",
    "&lt;Entity&gt;",
    " spaced ",
    "--",
    "> quoted",
    "no\u00a0break",
    "two\nlines",
    "{{ object.email }}",
    "<t t-out='object.email'/>",
    '<a href="https://www.example.com/mine">Mine</a>',
    "unit\x1fseparator",
    "mark \ue0000\ue001",
    "/unsubscribe_from_list",
)
NAME = '<t t-out="object.name"/>'
LINK = '<a href="https://www.example.com/offer">Offer</a>'
BODIES = {
    "field": f"<p>Hello {NAME},</p>{LINK}",
    "no field": f"<p>Hello,</p>{LINK}",
    "text alone": f"Hello {NAME}",
    "field alone": NAME,
    "same twice": f"<p>Hello {NAME}!</p><table><tr><td>{NAME}</td></tr></table>{LINK}",
    "other forms": f"""<p>A <t t-out='object.name'>you</t> B <t t-out="object.name"></t>
        C <t t-out="object.name">
            there
        </t> D <span t-out="object.name"/> E <t t-out=" object.name "/> F</p>{LINK}""",
    "other elements": f'<p>Hello <b t-out="object.name"/></p>{LINK}',
    "default": f'<p>Of <t t-out="object.user_id.name">our team</t> for {NAME}</p>{LINK}',
    "default with signs": f'<p>Of <t t-out="object.user_id.name">A &amp; B</t></p>{LINK}',
    "record": f'<p>Of <t t-out="object.user_id"/> for {NAME}</p>{LINK}',
    "markup": f'<p>Hello {NAME}</p><t t-out="object.user_id.signature"/>{LINK}',
    "in a link": f'<p><a href="https://www.example.com/you">For {NAME}</a></p>{LINK}',
    "beside a link": f"<p>{NAME}{LINK}{NAME}</p>",
    "in a title": f"<html><head><title>{NAME}</title></head><body><p>{LINK}</p></body></html>",
    "in a style": f"<style>p {{ color: red }} {NAME}</style><p>{LINK}</p>",
    "in a comment": f"<!--[if mso]><p>{NAME}</p><![endif]--><p>{NAME}</p>{LINK}",
    "in a table": f"<table>{NAME}<tr>{NAME}<td>{NAME}</td></tr></table>{LINK}",
    "marks": f"<p>\ue0000\ue001 {NAME}</p>{LINK}",
    "shield": f'<p><t data-value="0"></t>{NAME}</p>{LINK}',
    "local": f"""<div style="background-image: url('/web/image/1')">{NAME}
        <img src="/web/image/2"/><a href="/shop">Shop</a><a href="/unsubscribe_from_list">No</a>
        <a href="/view">View</a><a href="mailto:a@example.com">Mail</a>{LINK}</div>""",
    "condition": f"""<p t-if="object.email">Hello {NAME}</p>{LINK}""",
    "other field": f"""<p>Hello {NAME}, <t t-out="object.email"/></p>{LINK}""",
    "empty": "",
}


class CompositionCase(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(len(NAMES))
        for contact, name in zip(cls.contacts, NAMES, strict=True):
            contact.name = name
        cls.responsible.signature = '<p>Yours</p><a href="https://www.example.com/me">Me</a>'
        cls.contacts[::2].user_id = cls.responsible
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.mailing = cls.create_mailing(cls.campaign)

    def compose(self, contacts=None):
        """Queue the mailing for contacts; returns its new emails."""
        before = self.env["mail.mail"].search([])
        contacts = self.contacts if contacts is None else contacts
        self.mailing._queue_emails(dict.fromkeys(contacts.ids, False))
        return self.env["mail.mail"].search([("id", "not in", before.ids)], order="id")

    def texts(self):
        return {mail.res_id: (mail.subject, mail.body_html, mail.body) for mail in self.compose()}


@tagged("post_install", "-at_install")
class TestLetters(CompositionCase):
    """What is composed for all at once says the same as what is composed for one."""

    def test_each_says_the_same(self):
        self.mailing.subject = "News for {{ object.name }}"
        composer = self.registry["mail.compose.message"]
        for what, body in BODIES.items():
            self.mailing.body_html = body
            texts = self.texts()
            with (
                patch.object(composer, "_write_letters", return_value={}),
                self.subTest(body=what),
            ):
                self.assertEqual(texts, self.texts())

    def test_each_has_its_own_name(self):
        self.mailing.body_html = BODIES["same twice"]
        for mail in self.compose():
            name = self.env["res.partner"].browse(mail.res_id).name
            self.assertEqual(mail.subject, self.mailing.subject)
            if name == "Ann":
                self.assertEqual(mail.body_html.count("Ann"), 2)
            else:
                self.assertNotIn("Ann!", mail.body_html)

    def test_languages(self):
        """The texts of each language are a set of their own."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.contacts[:2].lang = "fr_FR"
        replace = MailRenderMixin._replace_local_links
        languages = set()

        def note(render, html, base_url=None):
            languages.add(render.env.context.get("lang"))
            return replace(render, html, base_url)

        with patch.object(MailRenderMixin, "_replace_local_links", note):
            self.assertEqual(len(self.compose()), len(NAMES))
        self.assertIn("fr_FR", languages)
        self.assertGreater(len(languages), 1)

    def test_addresses_of_the_server(self):
        """Records may belong to different web sites."""
        self.mailing.body_html = f'<p>{NAME}<img src="/web/image/1"/></p>'
        hosts = {contact.id: f"https://{contact.id % 2}.example.com" for contact in self.contacts}
        with patch.object(
            self.registry["res.partner"], "get_base_url", lambda contact: hosts[contact.id]
        ):
            for mail in self.compose():
                self.assertIn(f"{hosts[mail.res_id]}/web/image/1", mail.body_html)

    def test_what_is_done_once(self):
        """Links are shortened, and the text is put in its frame, for two as for one."""
        contacts = self.contacts[:2]
        for owner, name in ((LinkShortener, "_shorten_links"), (IrQweb, "_render")):
            with (
                patch.object(
                    owner, name, autospec=True, side_effect=getattr(owner, name)
                ) as method,
                self.subTest(method=name),
            ):
                self.assertEqual(len(self.compose(contacts)), 2)
                self.assertEqual(method.call_count, 1)

    def test_frames_of_an_addon(self):
        """They may say more of each record."""
        frame = "<div><t t-out='body'/> <t t-out='object.email'/></div>"
        prepare = MailComposeMessage._prepare_mail_values_dynamic

        def with_frame(composer, res_ids):
            values_all = prepare(composer, res_ids)
            for record in composer.env["res.partner"].browse(res_ids):
                values = {"body": values_all[record.id]["body_html"], "object": record}
                text = composer.env["ir.qweb"]._render(html.fromstring(frame), values)
                values_all[record.id]["body_html"] = text
            return values_all

        with patch.object(MailComposeMessage, "_prepare_mail_values_dynamic", with_frame):
            for mail in self.compose():
                record = self.env["res.partner"].browse(mail.res_id)
                self.assertIn(record.email, mail.body_html)

    def test_without_frame(self):
        """An administrator may have archived it."""
        self.env.ref("mass_mailing.mass_mailing_mail_layout").active = False
        texts = self.texts()
        composer = self.registry["mail.compose.message"]
        with patch.object(composer, "_write_letters", return_value={}):
            self.assertEqual(texts, self.texts())

    def test_size_of_a_batch(self):
        """The composer takes all at once, unless the administrator says how many."""
        for size, expected in ((None, [len(NAMES)]), ("10", [10, len(NAMES) - 10])):
            self.env["ir.config_parameter"].set_param("mail.batch_size", size)
            sizes = []
            prepare = MailComposeMessage._prepare_mail_values

            def note(composer, res_ids, prepare=prepare, sizes=sizes):
                sizes.append(len(res_ids))
                return prepare(composer, res_ids)

            with (
                patch.object(MailComposeMessage, "_prepare_mail_values", note),
                self.subTest(size=size),
            ):
                self.compose()
                self.assertEqual(sizes, expected)


@tagged("post_install", "-at_install")
class TestHooks(CompositionCase):
    """What other addons do for an email by overriding Odoo's methods."""

    def watch(self, owner, name, see):
        """Have ``see`` called with arguments and result of each call of a method."""
        original = getattr(owner, name)

        def override(records, *args, **kwargs):
            result = original(records, *args, **kwargs)
            return see(records, result, *args, **kwargs) or result

        self.enterContext(patch.object(owner, name, override))

    def test_overrides_see_each_email(self):
        """Those of addons that are loaded before and after this one, with its own text."""
        seen = {}

        def by_record(name, values):
            seen.setdefault(name, {}).update(values)

        for place, registry in (("before", False), ("after", True)):

            def of(owner, registry=registry):
                return self.registry[owner._name] if registry else owner

            for name in ("_prepare_mail_values", "_prepare_mail_values_dynamic"):

                def see(_composer, result, _ids, name=(place, name)):
                    by_record(name, {res_id: vals["body"] for res_id, vals in result.items()})

                self.watch(of(MailComposeMessage), name, see)

            def see(_composer, result, field, *_args, name=(place, "_render_field"), **_options):
                if field == "body":
                    by_record(name, result)

            self.watch(
                of(MailRenderMixin) if not registry else of(MailComposeMessage),
                "_render_field",
                see,
            )

            for owner, text in ((MailMail, "body_html"), (MailMessage, "body")):

                def see(_model, result, _vals_list, name=(place, owner._name), text=text):
                    by_record(name, {mail.res_id: mail[text] for mail in result})

                self.watch(of(owner), "create", see)

            def see(_model, result, _vals_list, name=(place, "mailing.trace")):
                by_record(name, dict.fromkeys(result.mapped("res_id"), "Ann"))

            self.watch(of(MailingTrace), "create", see)

        contacts = self.contacts[:3]
        contacts.write({"name": "Ann"})
        self.compose(contacts)
        self.assertEqual(len(seen), 12)
        for name, texts in seen.items():
            with self.subTest(hook=name):
                self.assertEqual(sorted(texts), contacts.ids)
                for text in texts.values():
                    self.assertIn("Ann", text)

    def test_texts_that_are_rendered_otherwise(self):
        """By an addon, for each record: nobody gets what is another's."""
        name = "_render_template_qweb_regex"
        for owner in (MailRenderMixin, self.registry["mail.compose.message"]):
            original = getattr(owner, name)

            def override(composer, template, model, ids, original=original):
                texts = original(composer, template, model, ids)
                return {res_id: f"{text} Ref{res_id}." for res_id, text in texts.items()}

            with self.subTest(owner=owner.__name__), patch.object(owner, name, override):
                for mail in self.compose():
                    references = re.findall(r"Ref(\d+)\.", mail.body_html)
                    self.assertEqual(references, [str(mail.res_id)])

    def test_texts_that_are_changed_on_the_way(self):
        """By an addon, for each record."""

        def see(_model, result, _model_name, _rendered):
            return {
                res_id: text.replace("https://www.example.com", f"https://www.example.com/{res_id}")
                for res_id, text in result.items()
            }

        self.watch(MailRenderMixin, "_render_template_postprocess", see)
        self.compose()
        links = self.env["link.tracker"].search([("mass_mailing_id", "=", self.mailing.id)])
        self.assertEqual(
            set(links.mapped("url")),
            {f"https://www.example.com/{contact.id}/offer" for contact in self.contacts},
        )


@tagged("post_install", "-at_install")
class TestFiles(CompositionCase):
    """Each email has files of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = cls.env["ir.attachment"].create(
            [
                {"name": name, "datas": base64.b64encode(name.encode())}
                for name in ("Offer.txt", "Prices.txt")
            ]
        )
        cls.mailing.attachment_ids = [Command.set(cls.files.ids)]

    def test_each_has_its_own(self):
        mails = self.compose()
        files = mails.attachment_ids
        self.assertEqual(len(files), 2 * len(NAMES))
        self.assertFalse(files & self.files)
        for mail in mails:
            self.assertEqual(
                sorted(mail.attachment_ids.mapped("raw")), [b"Offer.txt", b"Prices.txt"]
            )
        mails[0].unlink()
        self.assertEqual(len(files.exists()), 2 * len(NAMES) - 2)
        mails[1:].unlink()
        self.assertFalse(files.exists())
        self.assertEqual(len(self.files.exists()), 2)

    def test_as_odoo_copies_them(self):
        """With the same values, for emails that are kept in the chatter, too."""

        def values():
            return [
                [
                    (file.name, file.raw, file.mimetype, file.res_model, file.res_id - mail.res_id)
                    for file in mail.attachment_ids.sorted("name")
                ]
                for mail in self.compose()
            ]

        for mode in ("new", "update"):
            self.mailing.write({"reply_to_mode": mode, "reply_to": "answers@example.com"})
            texts = values()
            with (
                patch.object(FileCopies, "are_of", return_value=False),
                self.subTest(mode=mode),
            ):
                self.assertEqual(texts, values())

    def test_statements(self):
        """More emails cost no more of them."""
        contacts = self.create_contacts(60)
        self.compose(contacts[:10])

        def count(contacts):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.compose(contacts)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self.assertEqual(count(contacts[10:20]), count(contacts[20:]))

    def test_other_copies(self):
        """An addon that copies a file for an email gets one copy."""
        other = self.env["ir.attachment"].create({"name": "Terms.txt", "raw": b"Terms"})
        made = []

        def copy_more(composer, res_ids):
            made.append(other.with_env(composer.env).copy())
            return prepare(composer, res_ids)

        prepare = MailComposeMessage._prepare_mail_values_dynamic
        with patch.object(MailComposeMessage, "_prepare_mail_values_dynamic", copy_more):
            self.compose()
        self.assertEqual(self.env["ir.attachment"].search_count([("name", "=", "Terms.txt")]), 2)
        self.assertEqual(len(made), 1)
        self.assertEqual(made[0].raw, b"Terms")

    def test_overrides_see_each_file(self):
        names = []
        create = IrAttachment.create

        def note(model, vals_list):
            names.extend(vals["name"] for vals in vals_list)
            return create(model, vals_list)

        with patch.object(IrAttachment, "create", note):
            self.compose()
        self.assertEqual(sorted(names), sorted(["Offer.txt", "Prices.txt"] * len(NAMES)))
