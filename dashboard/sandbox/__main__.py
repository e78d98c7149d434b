"""`python -m dashboard.sandbox`: the sandbox without Django. `manage.py sandbox` is the same."""

from __future__ import annotations

import argparse
from pathlib import Path

from dashboard.lib.garbage import look_seldom, settle_soon
from dashboard.sandbox.server import run


def main() -> None:
    look_seldom()
    parser = argparse.ArgumentParser(prog="sandbox", description="A local MetaStudio and SoftSugar.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument("--folder", type=Path, default=Path("var/sandbox"), help="where its state is kept")
    parser.add_argument("--quiet", action="store_true", help="do not print the credentials")
    options = parser.parse_args()
    settle_soon()
    run(options.host, options.port, options.folder, quiet=options.quiet)


if __name__ == "__main__":
    main()
