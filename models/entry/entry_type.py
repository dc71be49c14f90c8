"""What a way into a campaign can be: one object for each type, in a file of its own."""

from odoo import api, models


class EntryType:
    """A type of ways in: whom they let in when, and how people see it.

    The engine, the form and the canvas read it. An addon adds one by extending
    :meth:`marketing.campaign.entry._get_entry_types`.

    Who may enter by any of them is the campaign's filter; all hand over whom they want to
    :meth:`marketing.campaign._admit`.

    :cvar str key: value of ``entry_type``
    :cvar str label: the choice in the form
    :cvar str icon: Font Awesome class
    :cvar str description: what it is for, in a sentence
    :cvar tuple form_fields: fields that only this type has
    :cvar tuple filter_fields: those of them with a filter: of each entry it is noted who wrote it
        last (``filter_user_id``)
    :cvar bool is_single: whether a campaign has no use for a second one
    :cvar bool has_moments: whether it lets a person in once for each moment, be it with several
        records
    :cvar bool is_limited: whether those with a key of their own, too, are let in a limited number
        of times a day
    """

    key = None
    label = None
    icon = "fa-sign-in"
    description = None
    form_fields = ()
    filter_fields = ()
    is_single = False
    has_moments = False
    is_limited = False

    def get_problems(self, entry):
        """What keeps an entry of this type from letting anybody in, as sentences that say what to
        do.

        :rtype: list[str]
        """
        return []

    def describe(self, entry):
        """Who comes in, and when, in a few words."""
        return entry.env._(self.label)

    def foresee(self, entry, moment):
        """Who comes in here if the campaign starts at a moment, in a few words; by default just
        that it lets in from then on.

        :param datetime moment: in UTC
        :rtype: str
        """
        return entry.env._("from the start on")

    def start(self, entry):
        """An active entry of this type lets in from now on: it was made or activated in a campaign
        that runs, or its campaign has started, after a stop too."""

    def adapt(self, entry):
        """What stands behind an entry of this type follows: it, or whether it lets in (see
        ``_is_open``), or what its campaign does for whom, may have changed."""

    def remove(self, entry):
        """An entry of this type is about to be deleted."""

    def is_polled(self, entry):
        """Whether somebody may be let in whom nobody hands over."""
        return False

    def look(self, entry):
        """Let in all that have come to be due at this entry, as one set.

        :return: the number of new participants
        """
        return 0


class GoneEntry(EntryType):
    """A way in whose addon was uninstalled."""

    icon = "fa-question"

    def get_problems(self, entry):
        return [
            entry.env._(
                "“%(entry)s”: the app of its type was uninstalled. Delete it.",
                entry=entry.display_name,
            )
        ]

    def describe(self, entry):
        return entry.env._("Of an app that was uninstalled")


class MarketingCampaignEntry(models.Model):
    _inherit = "marketing.campaign.entry"

    @api.model
    def _get_entry_types(self):
        """Types of ways in by key; each type extends the result.

        :rtype: dict[str, EntryType]
        """
        return {}

    @api.model
    def _get_entry_rules(self):
        """The types of ways in, for the web client.

        :rtype: list[dict]
        """
        return [
            {
                "key": key,
                "label": self.env._(kind.label),
                "icon": kind.icon,
                "description": self.env._(kind.description),
                "is_single": kind.is_single,
            }
            for key, kind in self._get_entry_types().items()
        ]

    @api.model
    def _selection_entry_type(self):
        return [(key, self.env._(kind.label)) for key, kind in self._get_entry_types().items()]

    def _get_entry_type(self):
        """The type of this entry.

        :rtype: EntryType
        """
        self.ensure_one()
        return self._get_entry_types().get(self.entry_type) or GoneEntry()
