"""Each email has files of its own; those of a batch are copied at once."""

from odoo import models

from ...tools.run import FileCopies


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def copy(self, default=None):
        copies = self.env.context.get("marketing_files")
        if not isinstance(copies, FileCopies) or not copies.are_of(self, default):
            return super().copy(default)
        if copies.made is None:
            first = super().copy(default)
            copies.made = [first.ids, *self._copy_more(default, copies.count - 1)]
        return self.browse(copies.made.pop())

    def _copy_more(self, default, count):
        """Copy these files so many times.

        :return: ids of each copy of all of them
        """
        values = self.copy_data(default)
        files = self.create([dict(vals) for _number in range(count) for vals in values])
        size = len(self)
        return [files[number * size : (number + 1) * size].ids for number in range(count)]
