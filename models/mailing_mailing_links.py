import re

from lxml import html

from odoo import models
from odoo.tools import is_html_empty
from odoo.tools.mail import TEXT_URL_REGEX, URL_SKIP_PROTOCOL_REGEX

from odoo.addons.link_tracker.tools.html import find_links_with_urls_and_labels

# Pages of a mail's footer: Odoo does not track them.
FOOTER_PAGES = ["/unsubscribe_from_list", "/view"]
# Directives that may bring a link into the body.
ADDRESS_DIRECTIVES = ("t-att", "t-call", "t-raw")


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

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
            skip_list=FOOTER_PAGES,
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
