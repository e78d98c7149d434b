"""How long 200 interaction rules take for 10,000 events of an audience, on one core; and what the worst pattern takes.

Prints its lines for `run.py`; ends with 1 when a goal is missed.
"""

from __future__ import annotations

import sys

from table import ROOT, Line, load, note, report

sys.path.insert(0, str(ROOT))

from tests import crowded_show as show


def main() -> int:
    before = load()
    took, answered = show.measure()
    pattern_s, pattern = show.worst(show.CATASTROPHES)
    bomb_s, bomb = show.worst(show.BOMBS)
    note(f"{show.EVENTS} events × {show.RULES} rules in {took:.2f} s of one core; {answered} answered")
    note(f"worst pattern {pattern_s * 1000:.1f} ms ({pattern}); worst too large {bomb_s * 1000:.1f} ms ({bomb})")
    is_met = took <= show.GOAL_S
    slow = max(pattern_s, bomb_s)
    detail: dict[str, object] = {"rules": show.RULES, "events": show.EVENTS, "answered": answered}
    patterns: dict[str, object] = {"pattern": pattern, "too large": bomb}
    report(
        [
            Line(
                "rules-1",
                f"{show.EVENTS:,} audience events × {show.RULES} rules, one core",
                f"{took:.2f} s",
                goal=f"≤ {show.GOAL_S:.0f} s",
                verdict="met" if is_met else "MISSED",
                load_before=before,
                load_after=load(),
                detail=detail,
            ),
            Line(
                "rules-2",
                "the pattern that takes longest, read and run once",
                f"{slow * 1000:.1f} ms",
                goal="≤ 100 ms",
                verdict="met" if slow <= show.GOAL_PATTERN_S else "MISSED",
                load_before=before,
                load_after=load(),
                detail=patterns,
            ),
        ]
    )
    return int(not is_met or slow > show.GOAL_PATTERN_S)


if __name__ == "__main__":
    sys.exit(main())
