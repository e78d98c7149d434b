"""Settings as an installation uses them: in a process of their own, with nothing but the documented variables."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

from tests.architecture.budgets import ROOT

PRODUCTION = {"TALKBACK_PUBLIC_URL": "https://live.example.com", "TALKBACK_ALLOWED_HOSTS": "live.example.com"}


def manage(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TALKBACK_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, "TALKBACK_VAR": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def value(folder: Path, expression: str, **variables: str) -> str:
    code = f"from django.conf import settings; print('value:', {expression})"
    done = manage(folder, "shell", "--no-imports", "-c", code, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("value: ")[1].strip()


def test_deploy_check_finds_no_error(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "ERROR", **PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_https_address_makes_cookies_secure_and_pins_the_browser(tmp_path: Path) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "DEBUG")
    expression = ", ".join(f"settings.{name}" for name in names)
    assert value(tmp_path, expression, **PRODUCTION) == "True True 31536000 False"


def test_first_start_makes_keys_that_only_the_owner_reads(tmp_path: Path) -> None:
    first = value(tmp_path, "settings.SECRET_KEY")
    assert len(first) >= 64
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir() if path.is_file()}
    assert modes == {"secret-key": 0o600, "encryption-keys": 0o600}
    assert value(tmp_path, "settings.SECRET_KEY") == first


def test_a_misspelt_switch_stops_the_start(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", TALKBACK_DEBUG="maybe")
    assert done.returncode != 0
    assert "TALKBACK_DEBUG must be true or false, not 'maybe'." in done.stderr
