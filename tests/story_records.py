"""Records of a story, what happens to them, and how they come in."""

from datetime import timedelta

from .reference import Record
from .story_picks import Picks

# Kinds of addresses: why no mail, and no text message, can be sent.
ADDRESSES = {
    "own": (None, None),
    "shared": (None, None),
    "named": (None, None),
    "several": (None, None),
    "partly": (None, None),
    "missing": ("mail_email_missing", "sms_number_missing"),
    "invalid": ("mail_email_invalid", "sms_number_format"),
    "blocked": ("mail_bl", "sms_blacklist"),
}
# Those that are addresses, be they blocked.
REACHABLE = ADDRESSES.keys() - {"missing", "invalid"}
# Contacts of a story have this reference while they match the campaign's filter.
REFERENCE = "story"
# What waits of a story wait for.
DATE_FIELD = "calendar_last_notif_ack"


class Records(Picks):
    """A part of :class:`.story.Story`."""

    def do_record(self, values):
        """A record comes to be."""
        key = len(self.records)
        phone = {
            "missing": False,
            "invalid": "12",
            "blocked": f"+3247099{key:04d}",
        }.get(values["phone"], f"+3247000{key:04d}")
        record = Record(
            key,
            no_sms=ADDRESSES[values["phone"]][1],
            breaks_actions=values["broken"],
            matches=values["matches"],
            active=values["active"],
            color=values["color"],
            moment=self._get_moment(values.get("date")),
            created=self.now,
            timezone=values.get("timezone"),
        )
        email = self._get_address(record, values["email"])
        record.addresses["sms"] = frozenset({phone} if values["phone"] in REACHABLE else ())
        self.records[record] = self.env["res.partner"].create(
            {
                "name": f"{'Broken' if values['broken'] else 'Record'} {key}",
                "phone": phone,
                "color": values["color"],
                "active": values["active"],
                "ref": REFERENCE if values["matches"] else "other",
                DATE_FIELD: record.moment or False,
                "email": email,
                "tz": record.timezone or False,
            }
        )
        entry = self.model.others.get("color")
        if entry and entry.color == record.color:
            self.model.notice(record, "color", self.now)
        if values["phone"] == "blocked":
            self.env["phone.blacklist"].add(phone)

    def _get_address(self, record, kind):
        """Give the reference model's record an address of a kind, and return it."""
        key = record.key
        own, shared, blocked = f"record{key}@example.com", "shared@example.com", f"bl{key}@x.com"
        email, identities = {
            "own": (own, {own}),
            "shared": (f" Shared@Example.{'COM' if key % 2 else 'com'} ", {shared}),
            "named": ('"Shared, Ann" <SHARED@example.com>', {shared}),
            "several": (f"{own}; Shared@example.com", {own, shared}),
            "partly": (f"{blocked}, shared@example.com", {blocked, shared}),
            "missing": (False, set()),
            "invalid": (f"no address {key}", {f"no address {key}"}),
            "blocked": (blocked, {blocked}),
        }[kind]
        if kind in ("blocked", "partly"):
            self.env["mail.blacklist"]._add(blocked)
        record.identities = frozenset(identities)
        record.addresses["email"] = frozenset(identities if kind != "invalid" else ())
        record.no_mail = ADDRESSES[kind][0]
        return email

    def _get_moment(self, hours):
        return None if hours is None else self.now + timedelta(hours=hours)

    def _get_entry_values(self, entry):
        """A way in of the engine that is like this one of the reference model."""
        values = {"entry_type": "event", "is_keyed_by_source": entry.is_keyed}
        if entry.kind == "date":
            field = self.env["ir.model.fields"]._get("res.partner", DATE_FIELD)
            return {
                "entry_type": "date",
                "date_field_id": field.id,
                "date_number": entry.offset[0],
                "date_type": entry.offset[1],
                "time_of_day": entry.hour,
            }
        if entry.kind == "color":
            domain = repr([("color", "=", entry.color)])
            return {**values, "event": "matched", "event_domain": domain}
        if entry.kind == "tag":
            tag = self.test.tag
            return {**values, "event": "tag", "event_ref": f"{tag._name},{tag.id}"}
        model = self.env["ir.model"]._get("crm.lead")
        return {
            **values,
            "event": "created",
            "event_model_id": model.id,
            "source_field": "partner_id",
        }

    def _get_kind(self, entry_type, event):
        """What the reference model calls a way in of the engine."""
        kinds = {"matched": "color", "created": "lead"}
        return kinds.get(event, event) or entry_type or ""

    def do_delete(self, number):
        record, partner = self._pick_record(number)
        if record:
            partner.unlink()
            self.model.delete(record)

    def do_toggle(self, number):
        """A record no longer matches the campaign's filter, or does again."""
        record, partner = self._pick_record(number)
        if record:
            record.matches = not record.matches
            partner.ref = REFERENCE if record.matches else "other"

    def do_archive(self, number):
        """A record is archived, or comes back."""
        record, partner = self._pick_record(number)
        if record:
            record.active = not record.active
            partner.active = record.active

    def do_color(self, number, color):
        """A record now passes other activities' filters."""
        record, partner = self._pick_record(number)
        if record:
            partner.color = color
            self.model.paint(record, color, self.now)

    def do_tag(self, number):
        """A record gets a tag, or loses it."""
        record, partner = self._pick_record(number)
        if record:
            record.is_tagged = not record.is_tagged
            partner.category_id = self.test.tag if record.is_tagged else False
            if record.is_tagged:
                self.model.notice(record, "tag", self.now)

    def do_lead(self, number):
        """Somebody creates a lead of a record."""
        record, partner = self._pick_record(number)
        if record:
            lead = self.env["crm.lead"].create({"name": "Lead", "partner_id": partner.id})
            self.model.notice(record, "lead", self.now, f"crm.lead,{lead.id}")

    def do_address(self, number, kind):
        """A record gets another address; who took part with the old one does so for good."""
        record, partner = self._pick_record(number)
        if record:
            partner.email = self._get_address(record, kind)

    def do_date(self, number, hours):
        """A record gets another date, or none."""
        record, partner = self._pick_record(number)
        if record:
            record.moment = self._get_moment(hours)
            partner[DATE_FIELD] = record.moment or False

    def do_zone(self, number, timezone):
        """A record moves to another time zone, or to one that is not known."""
        record, partner = self._pick_record(number)
        if record:
            record.timezone = timezone
            partner.tz = timezone or False

    def do_merge(self, number, other):
        """Two records turn out to be one; what is known of the one that is left stays."""
        source, target = self._pick_record(number)[0], self._pick_record(other)[0]
        if source is target or any(run.forgotten for run in self.model.runs_of(target)):
            return
        moving = self.model.get_moving(source, target)
        staying = [run for run in self.model.runs_of(source) if run not in moving]
        if moving and any(not run.forgotten for run in staying):
            return  # Which of them has left which note is not known.
        if "color" in self.model.others and source.color and not target.color:
            return  # A merge fills in what is empty, which is an event.
        partners = self.records[source], self.records[target]
        notes = [partner.function or "" for partner in partners]
        names = ["name", "email", "phone", "color", "ref", "active", "tz", DATE_FIELD]
        [values] = partners[1].read(names)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            [partner.id for partner in partners], partners[1]
        )
        self.env.invalidate_all()
        target.is_tagged |= source.is_tagged
        self.model.merge(source, target)
        partners[1].write({**values, "function": "".join(notes if moving else notes[1:])})

    def do_mend(self, number):
        """Server actions fail no longer for a record, or do from now on."""
        record, partner = self._pick_record(number)
        if record:
            record.breaks_actions = not record.breaks_actions
            partner.name = f"{'Broken' if record.breaks_actions else 'Record'} {record.key}"
