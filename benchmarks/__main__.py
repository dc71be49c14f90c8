"""Measures the engine: python -m benchmarks -d DATABASE [--full] [--plans] [--json FILE] [NAME...]

Opens the database itself; no server is needed, and the database is left with contacts
that the benchmarks made.
"""

import argparse
import importlib
import json
import logging
import sys
from pathlib import Path

from odoo.modules.registry import Registry
from odoo.tools import config

from .harness import Bench

NAMES = [
    "enrolment",
    "dates",
    "identities",
    "synchronisation",
    "server_actions",
    "emails",
    "pressure",
    "sending",
    "senders",
    "texts",
    "end_to_end",
    "settling",
    "steering",
    "events",
    "screens",
    "workers",
]


def parse_arguments():
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which; all of {', '.join(NAMES)}"
    )
    parser.add_argument("-d", "--database", required=True, help="with the addon installed")
    parser.add_argument(
        "--full", action="store_true", help="large sizes: an hour instead of minutes"
    )
    parser.add_argument(
        "--size", type=int, action="append", help="this size instead, for all named"
    )
    parser.add_argument("--repeat", type=int, default=2, help="runs of each; the best counts")
    parser.add_argument(
        "--plans", action="store_true", help="print PostgreSQL's plans of the screens' slow queries"
    )
    parser.add_argument("--json", type=Path, help="file to write the results to")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return arguments


def main():
    arguments = parse_arguments()
    config.parse_config(["-d", arguments.database, "--log-level=warn"], setup_logging=True)
    # Mass mailing itself, a floor, calls what is deprecated in each of its batches.
    for name in ("odoo.tools.config", "py.warnings"):
        logging.getLogger(name).setLevel(logging.ERROR)
    bench = Bench(Registry(arguments.database), arguments.repeat, arguments.plans)
    for name in arguments.names or NAMES:
        module = importlib.import_module(f".{name}", __package__)
        module.run(bench, arguments.size or module.SIZES[arguments.full])
    if arguments.json:
        arguments.json.write_text(
            json.dumps([result.as_dict() for result in bench.results], indent=2) + "\n"
        )
    missed = [result.what for result in bench.results if result.is_reached is False]
    if missed:
        print(f"Not reached: {', '.join(missed)}", file=sys.stderr)


if __name__ == "__main__":
    main()
