"""All who take part are identified, by what their records have now, in batches.

At the end, since the targets of campaigns may belong to any addon. What an interruption leaves
over, the enrolment does before it takes anybody in.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for campaign in env["marketing.campaign"].with_context(active_test=False).search([]):
        while campaign._identify_next():
            pass
