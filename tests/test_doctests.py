"""The examples in docstrings of the tools are what comes out."""

import doctest
import importlib
import pkgutil

from odoo.tests import BaseCase, tagged

from .. import tools


@tagged("post_install", "-at_install")
class TestDoctests(BaseCase):
    def test_examples(self):
        number = 0
        for name in (module.name for module in pkgutil.iter_modules(tools.__path__)):
            with self.subTest(module=name):
                module = importlib.import_module(f"{tools.__name__}.{name}")
                result = doctest.testmod(module)
                self.assertFalse(result.failed)
                number += result.attempted
        self.assertGreater(number, 20)
