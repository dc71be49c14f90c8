"""Records of any model come into a mailing list, and out of it, by their addresses."""

from odoo import api, models, tools
from odoo.exceptions import UserError


class MailingList(models.Model):
    _inherit = "mailing.list"

    @api.model_create_multi
    def create(self, vals_list):
        lists = super().create(vals_list)
        if any(vals.get("contact_ids") for vals in vals_list):
            lists.env["mailing.subscription"]._tell_new("list_id", lists)
        return lists

    def write(self, vals):
        subscriptions = self.env["mailing.subscription"]
        known = subscriptions._get_known("list_id", self) if "contact_ids" in vals else None
        res = super().write(vals)
        if "contact_ids" in vals:
            subscriptions._tell_new("list_id", self, known)
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_running_campaign(self):
        """Without its list a campaign would mail for all lists of its contacts."""
        campaign = (
            self.env["marketing.campaign"]
            .sudo()
            .search([("state", "=", "running"), ("mailing_list_ids", "in", self.ids)], limit=1)
        )
        if campaign:
            raise UserError(
                self.env._(
                    "“%(list)s” cannot be deleted: the running campaign “%(campaign)s” mails for"
                    " it. Choose another list there first, or stop the campaign.",
                    list=(campaign.mailing_list_ids & self)[0].name,
                    campaign=campaign.name,
                )
            )

    def _add_records(self, records):
        """Subscribe the mailing contacts of these records; who has none yet gets one.

        Whose address has opted out of the list stays out, who has no address is left out.

        :param records: of any model, in the environment of who may read their addresses
        """
        self.ensure_one()
        addresses = self._get_addresses(records)
        subscriptions = self.env["mailing.subscription"].sudo()
        known = subscriptions.search(
            [
                ("list_id", "=", self.id),
                ("contact_id.email_normalized", "in", [*set(addresses.values())]),
            ]
        )
        if records._name == "mailing.contact":
            # Each is in the list by itself, also beside another one with the same address.
            leaving = set(known.filtered("opt_out").contact_id.mapped("email_normalized"))
            contacts = (records - known.contact_id).filtered(
                lambda contact: contact.id in addresses and addresses[contact.id] not in leaving
            )
        else:
            members = set(known.contact_id.mapped("email_normalized"))
            contacts = self._find_or_create_contacts(
                {
                    address: records.browse(res_id)
                    # The first one with an address gives the name.
                    for res_id, address in reversed(addresses.items())
                    if address not in members
                }
            )
        subscriptions.create(
            [{"contact_id": contact.id, "list_id": self.id} for contact in contacts]
        )
        # Odoo does not know that this many2many is made of subscriptions.
        contacts.invalidate_recordset(["list_ids"])
        self.invalidate_recordset(["contact_ids"])

    def _remove_records(self, records):
        """Take these records, and all mailing contacts with their addresses, out of the list.

        That somebody has opted out is not forgotten.

        :param records: as for :meth:`_add_records`
        """
        self.ensure_one()
        contacts = self.env["mailing.contact"].sudo()
        contacts = contacts.search(
            [("email_normalized", "in", [*set(self._get_addresses(records).values())])]
        )
        if records._name == "mailing.contact":
            contacts |= records
        self.env["mailing.subscription"].sudo().search(
            [
                ("list_id", "=", self.id),
                ("contact_id", "in", contacts.ids),
                ("opt_out", "=", False),
            ]
        ).unlink()
        contacts.invalidate_recordset(["list_ids"])
        self.invalidate_recordset(["contact_ids"])

    def _find_or_create_contacts(self, records):
        """A mailing contact for each address: the oldest one that has it, else a new one.

        :param dict records: the record with an address, by the address
        """
        contacts = self.env["mailing.contact"].sudo()
        found = contacts.search([("email_normalized", "in", list(records))], order="id desc")
        by_address = {contact.email_normalized: contact.id for contact in found}
        missing = {
            address: record for address, record in records.items() if address not in by_address
        }
        names = self._get_names(missing)
        new = contacts.with_context(mail_create_nosubscribe=True).create(
            [{"name": names[address], "email": address} for address in missing]
        )
        return contacts.browse(by_address.values()) | new

    def _get_addresses(self, records):
        """The first address of each of these records, as Odoo normalises it.

        :return: address by id of the record; those without one are left out
        :rtype: dict[int, str]
        """
        if "email_normalized" in records._fields:
            addresses = {record.id: record.email_normalized for record in records}
        else:
            addresses = {
                res_id: tools.email_normalize(
                    ",".join(
                        recipients["email_to_lst"]
                        or recipients["partners"].filtered("email").mapped("email")
                    ),
                    strict=False,
                )
                for res_id, recipients in records._message_add_default_recipients().items()
            }
        return {res_id: address for res_id, address in addresses.items() if address}

    def _get_names(self, records):
        """What the people behind these records are called.

        :param dict records: the record with an address, by the address
        :rtype: dict[str, str]
        """
        names = {}
        for address, record in records.items():
            customer = record._mail_get_partners()[record.id]._filtered_access("read")
            customer = customer.filtered(
                lambda partner, address=address: partner.email_normalized == address
            )
            values = record._get_customer_information() if "message_ids" in record._fields else {}
            names[address] = (
                customer[:1].name or values.get(address, {}).get("name") or record.display_name
            )
        return names
