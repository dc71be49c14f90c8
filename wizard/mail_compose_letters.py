"""What the emails of a batch have in common is composed once."""

import itertools
import re

from odoo import api, models

from ..tools.letters import Form, Letter, is_plain, mark
from ..tools.run import MarketingRun

# A field of the record, with a text for those without; in any other form it is left to Odoo.
PLACEHOLDER = re.compile(r"""<t\s+t-out=(["'])([\w.]+)\1\s*(?:/>|>\s*([^<>&"'|{}]*?)\s*</t>)""")
SHIELD = '<t data-value="{}"></t>'
SHIELDED = re.compile(SHIELD.format(r"(\d+)"))
SEPARATOR = "\x1f"


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    @api.model
    def _render_template_qweb_regex(self, template_src, model, res_ids):
        """The fields of each record are filled in one text, as far as they are plain texts."""
        letters = {}
        if MarketingRun.of(self.env).traces:
            letters = self._write_letters(str(template_src), model, res_ids)
            # What another addon makes of a record's text must not get into the texts of others.
            ends = [*letters][:1] + [*letters][1:][-1:]
            alone = super()._render_template_qweb_regex(template_src, model, ends)
            if any(str(alone[res_id]) != str(letters[res_id]) for res_id in ends):
                letters = {}
        others = [res_id for res_id in res_ids if res_id not in letters]
        return letters | super()._render_template_qweb_regex(template_src, model, others)

    def _write_letters(self, template, model, res_ids):
        """
        :rtype: dict[int, Letter]
        """
        placeholders = [(match[2], match[3] or "") for match in PLACEHOLDER.finditer(template)]
        form = self._get_form(template, model, res_ids[0])
        if not form or not form.is_sound(len(placeholders)):
            return {}
        fields = SEPARATOR.join(f"{{{{{path}|||{default}}}}}" for path, default in placeholders)
        rows = self._render_template_inline_template_regex(fields, model, res_ids)
        letters = {}
        for res_id, row in rows.items():
            values = row.split(SEPARATOR) if placeholders else []
            if len(values) == len(placeholders) and all(map(is_plain, values)):
                letters[res_id] = form.filled_in(values)
        return letters

    def _get_form(self, template, model, res_id):
        """What Odoo makes of the template before it fills in the fields, if these can be shielded
        from it.

        :param int res_id: of any record
        """
        numbers = itertools.count()
        shielded = PLACEHOLDER.sub(lambda _match: SHIELD.format(next(numbers)), template)
        if "t-out" in shielded.lower():
            return None
        odoo = super(MailComposeMessage, self.with_context(marketing_run=None))
        text = odoo._render_template_qweb_regex(shielded, model, [res_id])[res_id]
        return Form(SHIELDED.sub(lambda match: mark(match[1]), str(text)))

    def _replace_local_links(self, html, base_url=None):
        replace = super()._replace_local_links
        if isinstance(html, Letter) and html.form:
            return html.changed(replace, base_url)
        return replace(html, base_url)

    @api.model
    def _shorten_links(self, html, link_tracker_vals, blacklist=None, base_url=None):
        shorten = super()._shorten_links
        if isinstance(html, Letter) and html.form:
            return html.changed(shorten, link_tracker_vals, blacklist, base_url)
        return shorten(html, link_tracker_vals, blacklist, base_url)


class IrQweb(models.AbstractModel):
    _inherit = "ir.qweb"

    @api.model
    def _render(self, template, values=None, **options):
        """What surrounds the texts of a mailing is the same for all, if that is just more text."""
        render = super()._render
        letter = (values or {}).get("body")
        if not (isinstance(letter, Letter) and letter.form):
            return render(template, values, **options)
        if not isinstance(template, int | str):
            return render(template, values, **options)
        others = {name: value for name, value in values.items() if name != "body"}
        if not all(isinstance(value, str) for value in others.values()):
            return render(template, values, **options)

        def surrounded(text, template, others, options):
            return render(template, {**others, "body": text}, **options)

        return letter.changed(surrounded, template, others, options)
