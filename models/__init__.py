from . import marketing_campaign
from . import marketing_activity
from . import step_type
from . import step_email
from . import step_sms
from . import step_action
from . import marketing_participant
from . import marketing_participant_mixin
from . import marketing_trace

# The steps of the engine and other subjects of these models
from . import marketing_campaign_delivery
from . import marketing_campaign_search
from . import marketing_campaign_enrol
from . import marketing_campaign_execute
from . import marketing_campaign_jobs
from . import marketing_campaign_queue
from . import marketing_campaign_senders
from . import marketing_campaign_unicity
from . import marketing_campaign_templates
from . import marketing_campaign_template_catalog
from . import marketing_campaign_template_records
from . import marketing_campaign_navigation
from . import marketing_campaign_problems
from . import marketing_campaign_mailing_lists
from . import marketing_campaign_responsible
from . import marketing_campaign_update
from . import marketing_activity_figures
from . import marketing_activity_metrics
from . import marketing_activity_problems
from . import marketing_activity_run
from . import marketing_activity_runaway
from . import marketing_activity_tree
from . import marketing_activity_workflow
from . import marketing_participant_journey
from . import marketing_trace_schedule
from . import marketing_trace_settle
from . import marketing_campaign_sending
from . import marketing_handover
from . import marketing_mark

# What is added to Odoo's models
from . import crm_lead
from . import ir_actions_server
from . import ir_attachment
from . import ir_http
from . import ir_model_fields
from . import link_tracker
from . import link_tracker_click
from . import mail_mail
from . import mail_message
from . import mail_personal_servers
from . import mail_sender
from . import mail_sender_marks
from . import mail_template
from . import mail_thread
from . import set_writing
from . import mailing_contact
from . import mailing_hold
from . import mailing_mailing
from . import mailing_mailing_figures
from . import mailing_mailing_links
from . import mailing_trace
from . import res_config_settings
from . import res_partner
from . import sms_sender
from . import sms_sender_marks
from . import sms_template
from . import sms_tracker
from . import utm_campaign

# On top of these: robots, exclusion lists, rights and privacy
from . import audit_trail
from . import link_scanner
from . import marketing_activity_authorship
from . import marketing_campaign_acceptance
from . import sent_content
from . import signed_links
from . import unwanted_messages
from . import marketing_identity
from . import marketing_participant_privacy
from . import marketing_participant_retention

# Before all of these: what clients may write
from . import marketing_input_mixin
