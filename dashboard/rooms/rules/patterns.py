"""Regular expressions that people write for strangers' comments: each takes time that grows with the comment alone.

RE2 has no backtracking, so no pattern can hang, and the same pattern and text give the same answer however busy the
machine is. What can't be run so (look-around, back-references) is refused when it is written. A search costs at most
the pattern's instructions times the text's characters: under 10 ms for the worst pattern that is taken.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import re2

LONGEST_PATTERN = 500
#: At most this much of a text is looked at.
LONGEST_SUBJECT = 500
#: Bytes that one compiled pattern may take; what needs more would also be slow.
_MEMORY = 1 << 18
_KEPT = 2_000
#: Instructions of one compiled pattern; 150 Chinese words of three characters are 1,100.
LARGEST_PATTERN = 1_200
#: And of all patterns of a rule set together: 70 ms for an event at the very worst.
LARGEST_SET = 8_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a pattern is none, in RE2's own words."""

    told: str


def fault_in(pattern: str) -> Fault | None:
    """What keeps `pattern` from being run, or None."""
    found = _compiled(pattern)
    return found if isinstance(found, Fault) else None


def size_of(pattern: str) -> int:
    """Instructions of a pattern; 0 where it is none."""
    found = _compiled(pattern)
    return 0 if isinstance(found, Fault) else int(found.programsize)


def finds(pattern: str, subject: str) -> bool | None:
    """Whether the pattern is found anywhere in the subject; None where it is no pattern."""
    compiled = _compiled(pattern)
    if isinstance(compiled, Fault):
        return None
    return compiled.search(_plain(subject[:LONGEST_SUBJECT])) is not None


class Bundle:
    """Many patterns run over one text in about the time of one: what none of their words stands in is never run.

    RE2 gathers the words that a pattern can't do without, and runs only the patterns whose words were found.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._filters: list[tuple[re2.Filter, list[str]]] = []
        size = LARGEST_SET
        for pattern in dict.fromkeys(patterns):
            if fault_in(pattern) is not None:
                continue  # it is none, so it is found nowhere
            # Where many need more memory than they have together, RE2 finds nothing and does not say so.
            if size + size_of(pattern) > LARGEST_SET:
                self._filters.append((re2.Filter(), []))
                size = 0
            filtered, held = self._filters[-1]
            filtered.Add(_plain(pattern), _options())
            held.append(pattern)
            size += size_of(pattern)
        for filtered, _ in self._filters:
            filtered.Compile()

    def found_in(self, subject: str) -> Iterator[str]:
        """Those of the patterns that are found anywhere in the subject."""
        looked_at = _plain(subject[:LONGEST_SUBJECT])
        for filtered, held in self._filters:
            for number in filtered.Match(looked_at) or ():
                yield held[number]


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem, options.log_errors = _MEMORY, False
    return options


@functools.lru_cache(maxsize=_KEPT)
def _compiled(pattern: str) -> re2._Regexp | Fault:
    if len(pattern) > LONGEST_PATTERN:
        return Fault(f"more than {LONGEST_PATTERN} characters")
    try:
        compiled = re2.compile(_plain(pattern), _options())
    except re2.error as error:
        told = error.args[0] if error.args else ""
        return Fault(told.decode(errors="replace") if isinstance(told, bytes) else str(told))
    if compiled.programsize > LARGEST_PATTERN:
        return Fault("too large")
    return compiled


def _plain(text: str) -> str:
    """Half a surrogate pair, which JSON may hold, is no text for RE2."""
    return text.encode(errors="replace").decode()
