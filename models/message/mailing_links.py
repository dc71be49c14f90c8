import re

from lxml import html

from odoo import api, models
from odoo.tools import is_html_empty
from odoo.tools.mail import TEXT_URL_REGEX, URL_SKIP_PROTOCOL_REGEX

from odoo.addons.link_tracker.tools.html import find_links_with_urls_and_labels

# Placeholders of the pages of a mail's footer, which Odoo replaces when it is sent.
FOOTER_PAGES = ["/unsubscribe_from_list", "/view"]
# Directives that may bring a link into the body.
ADDRESS_DIRECTIVES = ("t-att", "t-call", "t-raw")


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    @api.model
    def _shorten_links(self, html, link_tracker_vals, blacklist=None, base_url=None):
        """In campaigns all links are tracked but Odoo's own pages: Odoo looks for their names at
        the end of any address."""
        mailing = self.env["mailing.mailing"].browse(link_tracker_vals.get("mass_mailing_id"))
        if blacklist and mailing.sudo().use_in_marketing_automation:
            blacklist = mailing.sudo()._get_untracked_addresses(base_url)
        return super()._shorten_links(html, link_tracker_vals, blacklist, base_url)


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _get_untracked_addresses(self, base_url=None):
        """Patterns of the addresses that are left as they are, in the form that Odoo's shortener
        takes: it appends what may follow a path.

        :param str base_url: of the records, if it is another one than the mailing's
        """
        hosts = {self.get_base_url(), base_url or self.env["mail.thread"].get_base_url()}
        return [
            pattern
            for host in map(re.escape, hosts)
            for pattern in (
                *(rf"^{host}{page}(?=[?#]|$)" for page in FOOTER_PAGES),
                rf"^{host}/cards(?=/)",  # of Marketing Card, which counts by itself
            )
        ]

    def _can_be_clicked(self):
        """Whether the message has a link that is tracked, or a placeholder that may bring one.

        :rtype: bool
        """
        self.ensure_one()
        if self.mailing_type == "sms":
            text = self.body_plaintext or ""
            return "{{" in text or bool(re.search(TEXT_URL_REGEX, text))
        if is_html_empty(self.body_html):
            return False
        body = html.fromstring(self.body_html)
        links, _urls = find_links_with_urls_and_labels(
            body,
            self.get_base_url(),
            skip_regex=rf"^{URL_SKIP_PROTOCOL_REGEX}",
            skip_list=self._get_untracked_addresses(),
        )
        return bool(links) or any(map(self._may_bring_link, body.iter(html.etree.Element)))

    def _may_bring_link(self, element):
        """Whether a placeholder in the body may become a link; plain fields do not."""
        if any(name.startswith(ADDRESS_DIRECTIVES) for name in element.attrib):
            return True
        expression = element.get("t-out") or element.get("t-esc") or ""
        if not expression:
            return False
        path = re.fullmatch(r"\s*object\.(\w+)\s*", expression)
        field = path and self.env[self.mailing_model_real]._fields.get(path[1])
        return not field or field.type == "html"
