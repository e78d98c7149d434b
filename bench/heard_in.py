"""How right "heard in" is over the real processes: sixty takeovers in a room of each vendor, by the sandbox's record.

The world goes `SPEED` times as fast as life. `tests/props/heard.py` plays the same at the speed of life, many times.
Prints its lines for `run.py`; ends with 1 when a goal is missed.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from datetime import UTC, datetime

from stack import Stack
from table import ROOT, Line, load, note, report

sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

import django

django.setup()

from tests import heard_in  # noqa: E402  reads the modes of takeovers, which are the product's

SPEED = 6.0
#: What counts as right shrinks with the world, though not as much: the machine's own delays do not shrink.
SLACK_MS = 120.0
SEED = 3
ROOMS = {"softsugar": "K7Q", "metastudio": "P9X"}
OPEN = (
    "SELECT count(*) FROM takeover_takeover item JOIN rooms_room room ON room.id = item.room_id"
    " WHERE room.code = ? AND item.source = 'person'"
    " AND item.state NOT IN ('done', 'failed', 'rejected', 'cancelled', 'expired')"
)
PROMISED = (
    "SELECT item.text, item.mode, item.promised_ms, item.requested_at FROM takeover_takeover item"
    " JOIN rooms_room room ON room.id = item.room_id WHERE room.code = ? AND item.source = 'person' ORDER BY item.id"
)


def main() -> int:
    before = load()
    with Stack() as stack:
        stack.wait(lambda: set(ROOMS.values()) <= set(stack.live_rooms()), "both rooms are on air", 60)
        stack.set_audience(0.0, speed=SPEED)
        stack.post("team/undo-window", admin="0", producer="0", operator="0")
        stack.sandbox.put("/sandbox/clock", json={"speed": SPEED}).raise_for_status()
        people = [threading.Thread(target=operate, args=(stack, vendor)) for vendor in ROOMS]
        for one in people:
            one.start()
        for one in people:
            one.join()
        heard = {vendor: heard_in.judged(held_against(stack, vendor)) for vendor in ROOMS}
    report([line(vendor, heard[vendor], before) for vendor in ROOMS])
    return int(any(heard_in.rate(one, SLACK_MS) < heard_in.GOAL for one in heard.values()))


def operate(stack: Stack, vendor: str) -> None:
    code = ROOMS[vendor]
    for number, press in enumerate(heard_in.presses(vendor, SEED), start=1):
        most = press.most
        stack.wait(lambda most=most: stack.rows(OPEN, code)[0][0] <= most, f"{code}: at most {most} are open", 120)
        time.sleep(press.pause_s / SPEED)
        stack.say(code, press.text, press.mode).raise_for_status()
        if number % 20 == 0:
            note(f"{vendor}: {number} said")
    stack.wait(lambda: stack.rows(OPEN, code)[0][0] == 0, f"{code}: all was heard", 120)


def held_against(stack: Stack, vendor: str) -> list[heard_in.Heard]:
    rows = stack.sandbox.get("/sandbox/audible").json()["heard"]
    begins = {row["text"]: row["started_real"] for row in reversed(rows) if row["vendor"] == vendor}
    found = []
    for number, (text, mode, promised_ms, requested_at) in enumerate(stack.rows(PROMISED, ROOMS[vendor]), start=1):
        if text in begins and promised_ms is not None:
            pressed = datetime.fromisoformat(requested_at).replace(tzinfo=UTC)
            heard_ms = (datetime.fromisoformat(begins[text]) - pressed).total_seconds() * 1000
            found.append(heard_in.Heard(number, mode, float(promised_ms), heard_ms))
    return found


def line(vendor: str, heard: list[heard_in.Heard], before: float) -> Line:
    rate = heard_in.rate(heard, SLACK_MS)
    note(heard_in.told(vendor, heard, SLACK_MS))
    return Line(
        f"heard-{vendor}",
        f'"heard in" of items {heard_in.FIRST_JUDGED} to {heard_in.ITEMS}, world × {SPEED:.0f}',
        f"{rate:.0%} within {heard_in.SHARE:.0%} or {SLACK_MS:.0f} ms",
        goal=f"≥ {heard_in.GOAL:.0%}",
        verdict="met" if rate >= heard_in.GOAL else "MISSED",
        load_before=before,
        load_after=load(),
        detail={"items": [[one.number, one.mode, one.promised_ms, round(one.heard_ms)] for one in heard]},
    )


if __name__ == "__main__":
    sys.exit(main())
