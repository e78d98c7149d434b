"""How a region's HTML looks, in a few bytes: whether it has news for who shows it, or only what each second tells."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

_NUMBER = re.compile(r' data-seq="\d+"')
#: Numbers of the audience, and ages: pages show them with a second of their own (static/js/live.js).
_EACH_SECOND = re.compile(r"<(\w+) [^>]*data-each-second.*?</\1>|<time [^>]*data-at=.*?</time>", re.DOTALL)
_IS_EACH_SECOND = re.compile(r"\s*<\w+ [^>]*data-each-second")


class Mark(NamedTuple):
    #: Of all but the region's number.
    whole: str
    #: Of it without what each second tells; empty where there is nothing else.
    lasting: str


def mark_of(html: str) -> Mark:
    plain = _NUMBER.sub("", html)
    return Mark(_digest(plain), "" if _IS_EACH_SECOND.match(plain) else _digest(_EACH_SECOND.sub("", plain)))


def can_wait(mark: Mark, before: Mark | None) -> bool:
    """Whether who shows `before` misses nothing until the page's next second."""
    return not mark.lasting or (before is not None and mark.lasting == before.lasting)


def _digest(text: str) -> str:
    # Not hash(): each process has its own.
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
