from odoo import api, models

from ...tools.run import MarketingRun

# PostgreSQL refuses it in texts.
NUL = "\0"


class LinkTracker(models.Model):
    _inherit = "link.tracker"

    @api.model
    def search_or_create(self, vals_list):
        """The messages of a campaign have their links in common: those of a run are looked up
        once instead of for each message."""
        run = MarketingRun.of(self.env)
        if not run.traces:
            return super().search_or_create(vals_list)
        keys = [repr(sorted(vals.items())) for vals in vals_list]
        new = {key: vals for key, vals in zip(keys, vals_list, strict=True) if key not in run.links}
        if new:
            run.links.update(zip(new, super().search_or_create([*new.values()])._ids, strict=True))
        return self.browse([run.links[key] for key in keys])

    @api.model
    def get_url_from_code(self, code):
        """No link has such a code: the visitor gets "not found" instead of a server error."""
        return None if NUL in code else super().get_url_from_code(code)
