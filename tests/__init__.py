from importlib.util import find_spec

from . import common
from . import test_addresses
from . import test_bad_input
from . import test_campaign
from . import test_chaos
from . import test_chaos_duplicates
from . import test_concurrency
from . import test_concurrent_visitors
from . import test_deep_workflows
from . import test_enrolment
from . import test_execution
from . import test_figures
from . import test_filters
from . import test_hoot
from . import test_incoming_mail
from . import test_jobs
from . import test_mail_queue
from . import test_mailing_lists
from . import test_opt_out_never_fails
from . import test_messages_mail
from . import test_messages_mail_events
from . import test_messages_sms
from . import test_names
from . import test_platform
from . import test_reasons
from . import test_retention
from . import test_rpc
from . import test_running_campaign
from . import test_runaway
from . import test_schedule
from . import test_security_acceptance
from . import test_security_back_doors
from . import test_security_companies
from . import test_security_deliverability
from . import test_security_eyes
from . import test_security_guards
from . import test_security_privacy
from . import test_security_rights
from . import test_security_side_doors
from . import test_security_tokens
from . import test_server_actions
from . import test_template_filters
from . import test_templates
from . import test_test_runs
from . import test_tours
from . import test_visitors
from . import test_workflow_view

# They need packages that Odoo does without: see dev/requirements.txt.
if find_spec("aiosmtpd"):
    from . import test_acceptance
if find_spec("hypothesis"):
    from . import test_random_workflows
    from . import test_security_fuzz
