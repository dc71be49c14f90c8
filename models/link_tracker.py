from odoo import api, models

# PostgreSQL refuses it in texts.
NUL = "\0"


class LinkTracker(models.Model):
    _inherit = "link.tracker"

    @api.model
    def get_url_from_code(self, code):
        """No link has such a code: the visitor gets "not found" instead of a server error."""
        return None if NUL in code else super().get_url_from_code(code)


class LinkTrackerClick(models.Model):
    _inherit = "link.tracker.click"

    @api.model
    def add_click(self, code, **route_values):
        return None if NUL in code else super().add_click(code, **route_values)
