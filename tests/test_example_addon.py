"""An addon with a type of steps of its own is one file; it is installed, tried and uninstalled."""

import re
import socket
import subprocess
import sys
from pathlib import Path

from odoo.tests import BaseCase, tagged
from odoo.tools import config
from odoo.tools.misc import exec_pg_environ, find_pg_tool

EXAMPLES = Path(__file__).parent / "addons"
ADDON = "marketing_letter"
PROBLEM = re.compile(r"^\S+ \S+ \d+ (?:WARNING|ERROR|CRITICAL) .*$", re.MULTILINE)


@tagged("post_install", "-at_install")
class TestExampleAddon(BaseCase):
    """In a copy of the database, with servers of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        [source] = config["db_name"]
        cls.database = f"{source}_letter"
        cls.drop()
        cls.addClassCleanup(cls.drop)
        cls.run_tool("createdb", cls.database)
        dump = subprocess.Popen(
            [find_pg_tool("pg_dump"), "--no-owner", source],
            env=exec_pg_environ(),
            stdout=subprocess.PIPE,
        )
        cls.run_tool("psql", "--quiet", "--dbname", cls.database, stdin=dump.stdout)

    @classmethod
    def drop(cls):
        cls.run_tool("dropdb", "--if-exists", "--force", cls.database)

    @classmethod
    def run_tool(cls, name, *arguments, **options):
        subprocess.run(
            [find_pg_tool(name), *arguments],
            env=exec_pg_environ(),
            check=True,
            stdout=subprocess.DEVNULL,
            **options,
        )

    def odoo(self, *arguments):
        """Odoo's own command line on the copy.

        :return: its log
        """
        paths = ",".join([*config["addons_path"], str(EXAMPLES)])
        done = subprocess.run(
            [
                *(sys.executable, "-m", "odoo", f"--addons-path={paths}", *arguments),
                *("-c", config["config"], "-d", self.database),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        log = done.stderr + done.stdout
        self.assertFalse(done.returncode, log[-3000:])
        return log

    def test_from_the_form_to_the_figures(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        log = self.odoo(
            "server",
            *("-i", ADDON, "--test-tags", f"/{ADDON}", "--stop-after-init"),
            *("--http-port", str(port)),
        )
        self.assertFalse(PROBLEM.findall(log))
        self.assertRegex(log, r"0 failed, 0 error\(s\) of [1-9]\d* tests")
        log = self.odoo("module", "uninstall", ADDON)
        self.assertFalse(PROBLEM.findall(log))
