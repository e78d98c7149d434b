"""`make bench`: every measurement beside its baseline of the same run, as one table; kept as JSON in var/bench/."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict

from table import RESULTS, ROOT, Line, show

#: Each program prints its lines as JSON on its last line.
PROGRAMS = (
    "fan_out.py",
    "ingest.py",
    "pages.py",
    "start.py",
    "frame_to_dom.py",
    "thousand_rooms.py",
    "scale_out.py",
    "sandbox_load.py",
    "sandbox_with_console.py",
    "rules.py",
    "heard_in.py",
)


def main() -> int:
    lines: list[Line] = []
    failed = 0
    for program in PROGRAMS:
        done = subprocess.run([sys.executable, str(ROOT / "bench" / program)], stdout=subprocess.PIPE, check=False)
        told = done.stdout.decode().strip().splitlines()
        if not told:
            print(f"{program} failed", file=sys.stderr)
            failed = 1
            continue
        lines += [Line(**fields) for fields in json.loads(told[-1])]  # also of one whose goal was missed
    print(show(lines))
    RESULTS.mkdir(parents=True, exist_ok=True)
    kept = RESULTS / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    kept.write_text(json.dumps([asdict(line) for line in lines], indent=1, ensure_ascii=False), encoding="utf-8")
    return failed or int(any(line.verdict == "MISSED" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
