"""Marked-up words in the one dialect that Talkback has inside; each vendor's own stays with its gateway. Pure.

    source ──read()──► Reading ─┬─ faults, each with line, character and offset
                                └─ Document ──► plain() · paced() · without() · write()

The dialect is what MetaStudio documents (002:14027, 002:14140-14303; readings A24 to A27, A48). See docs/ssml.md.
"""

from dashboard.lib.ssml.faults import Fault, Place
from dashboard.lib.ssml.model import Document, Element, Pace, paced, plain, tags_of, without
from dashboard.lib.ssml.reader import Reading, read
from dashboard.lib.ssml.tags import Tag
from dashboard.lib.ssml.writer import write

__all__ = [
    "Document",
    "Element",
    "Fault",
    "Pace",
    "Place",
    "Reading",
    "Tag",
    "paced",
    "plain",
    "read",
    "tags_of",
    "without",
    "write",
]
