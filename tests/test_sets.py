"""Lists as values of statements."""

from datetime import datetime

from odoo.tests import TransactionCase
from odoo.tools import SQL

from ..tools.sets import to_array


class TestArrays(TransactionCase):
    """PostgreSQL reads what was meant."""

    def _read(self, values, array_type):
        query = SQL("SELECT %s::%s", to_array(values), SQL(array_type))
        return self.env.execute_query(query)[0][0]

    def test_values(self):
        moment = datetime(2025, 3, 30, 1, 59, 59, 999999)
        odd = ["", "NULL", "null", " a ", "a,b", "{a}", '"', "\\", '\\"', "'", "%s", "a\nb", "é🙂"]
        for values, array_type in [
            ([], "integer[]"),
            ([3, None, -1, 3], "integer[]"),
            ([True, False, None], "boolean[]"),
            ([moment, None], "timestamp[]"),
            ([*odd, None, *odd], "varchar[]"),
        ]:
            with self.subTest(values):
                self.assertEqual(self._read(values, array_type), values)
