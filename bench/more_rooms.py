"""More rooms of the demo team, once: `python bench/more_rooms.py 16`, beside its console or before it starts."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import django


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    sys.path.insert(0, str(Path(__file__).parents[1]))
    django.setup()
    from dashboard.audit.trail import CONSOLE
    from dashboard.live.demo import content
    from dashboard.live.demo.team import room_draft
    from dashboard.rooms.models import RuleSet
    from dashboard.rooms.services.edit import create_room
    from dashboard.vendors.models import VendorAccount

    accounts = {one.vendor: one for one in VendorAccount.objects.filter(team__slug=content.TEAM)}
    rules = RuleSet.objects.get(team__slug=content.TEAM, name=content.RULES_NAME)
    for number in range(count):
        like = content.ROOMS[number % len(content.ROOMS)]
        room = replace(like, code=f"X{number:02d}", name=f"{like.name} {number + 2}")
        draft = room_draft(room, accounts[like.vendor], number % len(content.ROOMS), rules)
        create_room(draft=draft, user=None, actor=CONSOLE)


if __name__ == "__main__":
    main(int(sys.argv[1]))
