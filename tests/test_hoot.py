from odoo.tests import HttpCase, no_retry, tagged

from odoo.addons.web.tests.test_js import unit_test_error_checker


def get_suite_id(name):
    """The id of a suite of the web client's test runner: a hash of its name."""
    value = 0
    for char in name:
        value = ((value << 5) - value + ord(char)) & 0xFFFFFFFF
    return f"{value:08x}"


@tagged("post_install", "-at_install")
class TestHoot(HttpCase):
    """The tests of the web client, in a browser."""

    @no_retry
    def test_desktop(self):
        self.run_suite("desktop")

    @no_retry
    def test_mobile(self):
        self.browser_size = "375x667"
        self.touch_enabled = True
        self.run_suite("mobile")

    def run_suite(self, preset):
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000"
            f"&id={get_suite_id('@marketing_automation')}",
            "",
            "",
            login="admin",
            timeout=600,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=unit_test_error_checker,
        )
