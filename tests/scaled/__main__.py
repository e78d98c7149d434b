"""`make scaled`: the fleet of stack.py with the demo team, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import tempfile
from pathlib import Path

import django


def main() -> None:
    parser = argparse.ArgumentParser(prog="make scaled")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--sandbox-port", type=int, default=8900)
    options = parser.parse_args()
    django.setup()
    from tests.scaled.stack import fleet

    port = options.port
    ports = {
        "web-1": port,
        "web-2": port + 1,
        "relay-1": port + 2,
        "relay-2": port + 3,
        "sandbox": options.sandbox_port,
    }
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="talkback-scaled-") as folder:
        try:
            with fleet(Path(folder), ports) as running:
                print(running.log("demo"))
                print(
                    f"Two consoles: {running.url('web-1')} and {running.url('web-2')}. Logs are in {folder}.",
                    flush=True,
                )
                signal.pause()
        except KeyboardInterrupt:
            print("Stopped. Database and Redis of this fleet are gone with it.")


if __name__ == "__main__":
    main()
