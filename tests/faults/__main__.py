"""`make faults`: everything fails, in turn and at once, and the sandbox's own record says what came of it."""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import signal
import sys

import django


def main() -> int:
    parser = argparse.ArgumentParser(prog="make faults")
    parser.add_argument("--seed", type=int, default=None, help="play that run again")
    parser.add_argument("--rooms", type=int, default=24)
    parser.add_argument("--short", action="store_true", help="three minutes of it")
    parser.add_argument("--keep", action="store_true", help="leave the logs where they are, and say where")
    parser.add_argument("--plant", default="", help="put a bug of tests/props/plants.py into every process first")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else secrets.randbelow(1_000_000)
    print(f"seed {seed}", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # The servers first: settings name them, and are read once.
    from tests.faults.place import Place, servers

    with servers(keep=options.keep) as (folder, ports, postgres, redis):
        place = Place(folder, ports, postgres, redis)
        place.environment["FAULTS_PLANT"] = options.plant
        os.environ.update(place.environment)
        django.setup()
        from tests.faults.course import play

        try:
            place.open()
            return asyncio.run(play(place, seed, rooms=options.rooms, is_short=options.short))
        finally:
            place.stop_all()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    sys.exit(main())
