"""What a stack holds before its console starts: the demo's team, on the sandbox that it is told about.

A process of its own (`python -m tests.browser.seed`), because it belongs to the stack's database, not to the tests'.
It reads one JSON object from stdin: base_url, credentials; and prints one: callback_path, callback_key.
"""

from __future__ import annotations

import json
import os
import sys
from urllib.parse import urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
django.setup()

from django.core.management import call_command

from dashboard.accounts.models import Team
from dashboard.live.demo.team import make_team
from dashboard.live.relay.sessions import account_callback_url
from dashboard.vendors.models import VendorAccount, VendorKind
from tests.cast import undo_window


def main() -> None:
    wish = json.load(sys.stdin)
    call_command("migrate", verbosity=0, interactive=False)
    make_team(wish["base_url"], wish["credentials"])
    undo_window(Team.objects.get(), 0)  # most tests ask what follows once words have left
    account = VendorAccount.objects.get(vendor=VendorKind.SOFTSUGAR)
    json.dump(
        {"callback_path": urlsplit(account_callback_url(account)).path, "callback_key": account.callback_key},
        sys.stdout,
    )


if __name__ == "__main__":
    main()
