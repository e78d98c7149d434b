"""Which Chromium tests drive, and how it is started."""

from __future__ import annotations

import shutil

from dev import BROWSERS

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


def chromium_on_path() -> str | None:
    """None: Playwright's own. Never skipped: without one the tests fail."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)
