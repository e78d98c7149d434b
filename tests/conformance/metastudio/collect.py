"""Writes examples.json: every printed request and response of the live calls and of the token call, with its line.

Run by hand when the vendor's documents change: python -m tests.conformance.metastudio.collect <their folder>.
Texts are kept as they are printed, also those that are no JSON.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dashboard.vendors.contract.catalogue import contract

HERE = Path(__file__).parent
SECTION = re.compile(r"(\d+\.\d+\.\d+) [A-Z]")
LIVE = ("6.1.", "6.2.")
STATUS = re.compile(r"Status code: (\d{3})")
CALL = re.compile(r"(POST|GET|PUT|DELETE) <?(https://[^\s>]+)")
# The pages hold one call each, without a chapter number.
PAGES = {"000": "6.1.4", "001": "6.2.1", "003": "6.2.2"}
TOKEN = "3.2"


def sections(short: str, lines: list[str]) -> Iterator[tuple[str, int, list[str]]]:
    """Chapter, first line (from 0) and the lines of each part that holds examples."""
    chapter = PAGES.get(short, "")
    for number, line in enumerate(lines):
        if short == "002" and (found := SECTION.match(line)):
            chapter = found[1] if found[1].startswith(LIVE) else ""
        if line.strip() == "Example Requests" and chapter:
            end = next(n for n in range(number, len(lines)) if lines[n].strip() == "Status Codes")
            yield chapter, number, lines[number:end]
            chapter = PAGES.get(short, "")


def examples(short: str, lines: list[str]) -> Iterator[dict[str, Any]]:
    for chapter, start, part in sections(short, lines):
        middle = next(n for n, line in enumerate(part) if line.strip() == "Example Responses")
        yield {"chapter": chapter, "status": 0, **body_of(short, start, part[:middle])}
        heads = [n for n, line in enumerate(part) if STATUS.match(line.strip()) and n > middle]
        for head, following in zip(heads, [*heads[1:], len(part)], strict=True):
            status = int(STATUS.match(part[head].strip())[1])  # type: ignore[index]
            yield {"chapter": chapter, "status": status, **body_of(short, start + head, part[head:following])}


def body_of(short: str, start: int, part: list[str]) -> dict[str, Any]:
    """The call, if one is named, and everything from the first brace on."""
    text = "\n".join(line.rstrip() for line in part if not line.startswith("```"))
    # The address of a request may go on in the next lines, and its placeholders are braces too.
    head, brace, rest = text.partition("\n{")
    while (joined := re.sub(r"(https://\S*[-/])\n(?=\S)", r"\1", head)) != head:
        head = joined
    joined = head + brace + rest
    call = CALL.search(joined)
    after = joined[call.end() :] if call else joined
    brace = after.find("{")
    line = start + next(
        (n for n, one in enumerate(part) if one.lstrip().startswith(("{", "POST", "GET", "PUT", "DEL"))), 0
    )
    return {
        "source": f"{short}:{line + 1}",
        "method": call[1] if call else "",
        "url": call[2] if call else "",
        "text": after[brace:].strip() if brace >= 0 else "",
    }


def token_example(lines: list[str]) -> dict[str, Any]:
    start = next(n for n, line in enumerate(lines) if line.startswith("IMS is a project-level service"))
    first = next(n for n in range(start, len(lines)) if lines[n].startswith("{"))
    last = next(n for n in range(first, len(lines)) if lines[n].startswith("```"))
    text = "\n".join(lines[first:last])
    return {"chapter": TOKEN, "status": 0, "source": f"002:{first + 1}", "method": "POST", "url": "", "text": text}


def main(folder: Path) -> None:
    ids = {one.section: one.id for one in contract("metastudio").endpoints}
    rows: list[dict[str, Any]] = []
    for short in ("000", "001", "002", "003"):
        text = next(folder.glob(f"{short}_*")).read_text(encoding="utf-8")
        rows += examples(short, text.splitlines())
        if short == "002":
            rows.append(token_example(text.splitlines()))
    for row in rows:
        row["endpoint"] = ids[row.pop("chapter")]
    (HERE / "examples.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
