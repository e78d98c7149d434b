"""What a measurement says: one `Line` per figure, printed as one table and kept as JSON."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "var" / "bench"
LATER = "not a goal of this release"
COLUMNS = ("id", "what", "figure", "baseline", "ratio", "goal", "verdict", "load before", "after")


@dataclass(slots=True)
class Line:
    id: str
    what: str
    figure: str
    baseline: str = ""
    ratio: str = ""
    goal: str = LATER
    verdict: str = ""
    load_before: float = 0.0
    load_after: float = 0.0
    #: Everything that was measured, for the JSON.
    detail: dict[str, object] = field(default_factory=dict)


def load() -> float:
    """Runnable processes of the last minute, as the machine tells it: who shares the machine shares the figures."""
    return round(os.getloadavg()[0], 2)


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    return quantile(values, 0.5)


def spread(values: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 and max, rounded to a hundredth."""
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {"n": len(values), **{name: round(quantile(values, share), 2) for name, share in shares.items()}}


def times(ratio: float) -> str:
    return f"× {ratio:.2f}" if ratio < 10 else f"× {ratio:.0f}"


def report(lines: Iterable[Line]) -> None:
    """How a measuring program hands its lines to `run.py`: JSON on its last line; prose goes to stderr before it.

    They are kept as `var/bench/<program>.json` too, whoever ran it.
    """
    told = json.dumps([asdict(line) for line in lines], ensure_ascii=False)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{Path(sys.argv[0]).stem}.json").write_text(told, encoding="utf-8")
    print(told, flush=True)


def show(lines: Sequence[Line]) -> str:
    rows = [
        (
            line.id,
            line.what,
            line.figure,
            line.baseline or "—",
            line.ratio or "—",
            line.goal,
            line.verdict or "—",
            f"{line.load_before:.2f}",
            f"{line.load_after:.2f}",
        )
        for line in lines
    ]
    widths = [max(_width(row[at]) for row in (COLUMNS, *rows)) for at in range(len(COLUMNS))]
    ruled = (COLUMNS, tuple("-" * width for width in widths), *rows)
    return "\n".join("  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)) for row in ruled)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
