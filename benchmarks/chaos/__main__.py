"""Pulls plugs: python -m benchmarks.chaos -d DATABASE [--kills N] [--seed N] [--only FAULT]

Opens the database itself and starts two servers on it. Ends with 1 when something
is lost, stuck or done twice.
"""

import argparse
import logging
import random
import sys
import time
from unittest.mock import patch

from odoo.modules.registry import Registry
from odoo.tools import config

from odoo.addons.link_tracker.models.link_tracker import LinkTracker

from .. import servers
from ..data import no_title
from ..harness import Bench
from .checks import check, check_clicks, click_in_parallel
from .faults import WEIGHTS, Faults
from .smtp import MOODS, MailServer
from .world import World

WAVE = 40  # contacts that are added before each fault or two
FINISH_TIMEOUT = 300  # seconds


def parse_arguments():
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__.splitlines()[0])
    parser.add_argument("-d", "--database", required=True, help="with the addon installed")
    parser.add_argument("--kills", type=int, default=20, help="of servers and connections")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        choices=[*WEIGHTS, *MOODS],
        help="this fault, or mood of the mail server; may be repeated. Without kills among them"
        " others are counted",
    )
    return parser.parse_args()


def finish(world):
    """Let everything come to its end, failures retried as people would."""
    end = time.monotonic() + FINISH_TIMEOUT
    world.wake()
    quiet, left = 0, world.left()
    while quiet < 3 and time.monotonic() < end:
        before = left
        world.poll()
        time.sleep(3)
        left = world.left()
        quiet = 0 if any(left) else quiet + 1
        if left == before or quiet:
            world.retry_failed()
    while any(left) and time.monotonic() < end + FINISH_TIMEOUT / 5:
        time.sleep(1)
        left = world.left()
    return left


def main():
    arguments = parse_arguments()
    config.parse_config(["-d", arguments.database, "--log-level=critical"], setup_logging=True)
    logging.disable(logging.CRITICAL)
    random.seed(arguments.seed)
    bench = Bench(Registry(arguments.database), 1)
    ports = servers.free_ports(4)
    moods = [mood for mood in MOODS if not arguments.only or mood in arguments.only]
    mail_server = MailServer(ports[2:], moods or MOODS)
    mail_server.start()
    with patch.object(LinkTracker, "_get_title_from_url", no_title):
        world = World(bench)
        faults = Faults(world, mail_server, ports[:2], arguments.only)
        try:
            faults.start()
            while faults.kills < arguments.kills:
                world.add_contacts(WAVE)
                world.poll()
                for _number in range(random.randint(1, 3)):
                    time.sleep(random.uniform(0.1, 2))
                    faults.strike()
            mail_server.mood = MOODS[0]
            print(f"{faults.kills} faults, {world.contacts} participants; finishing", flush=True)
            left = finish(world)
            wrong = click_in_parallel(world, ports[0])
            finish(world)
            wrong += check_clicks(world)
        finally:
            faults.stop()
            mail_server.drop()
    found, notes = check(world, mail_server, faults.strikes)
    wrong += found
    if any(left):
        wrong.append(f"stuck: {left} due traces, queued messages, records not enrolled, steering")
    for mood in {*arguments.only} & {*MOODS[1:]}:
        if not mail_server.answers[mood]:
            wrong.append(f"the mail server never {mood}")
    print(f"Seed {arguments.seed}; {world.contacts} participants; {dict(faults.done)}")
    print(f"Mail server: {dict(mail_server.answers)}")
    for line in notes:
        print(line)
    for line in wrong:
        print(f"WRONG: {line}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
