"""Marked-up words as people read them: the words, with small notes where something is done to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from dashboard.lib.ssml import Document, Element, Tag
from dashboard.lib.ssml.model import Node
from dashboard.lib.ssml.tags import break_ms

#: A page needs no more to be read; the rest is counted.
MOST_PIECES = 400
EMOTIONS = {"HAPPY": _lazy("happy"), "SAD": _lazy("sad"), "CALM": _lazy("calm"), "ANGER": _lazy("angry")}
READINGS = {
    "money": _lazy("as money"),
    "date": _lazy("as a date"),
    "figure": _lazy("as a number"),
    "phone": _lazy("as a phone number"),
    "english": _lazy("as an English word"),
    "spell": _lazy("letter by letter"),
}
STRENGTHS = {
    "none": _lazy("no pause"),
    "x-weak": _lazy("very short pause"),
    "weak": _lazy("short pause"),
    "medium": _lazy("pause"),
    "strong": _lazy("long pause"),
    "x-strong": _lazy("very long pause"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Words, words with a note on how they are said, or (without words) something between them."""

    words: str
    note: str = ""


def pieces_of(document: Document) -> tuple[tuple[Piece, ...], int]:
    """What a person reads, and how many pieces were left off."""
    found = list(_pieces(document.children))
    return tuple(found[:MOST_PIECES]), max(0, len(found) - MOST_PIECES)


def _pieces(nodes: tuple[Node, ...]) -> Iterator[Piece]:
    for node in nodes:
        if isinstance(node, str):
            yield Piece(node)
        elif node.tag is Tag.EMOTION:
            yield Piece("", str(EMOTIONS[node.attributes["type"]]))
            yield from _pieces(node.children)
            yield Piece("", _("usual"))
        else:
            yield Piece(_words(node), _note(node))


def _words(element: Element) -> str:
    if element.tag is Tag.SUB:
        return element.attributes["alias"]
    return "".join(child for child in element.children if isinstance(child, str))


def _note(element: Element) -> str:
    given = element.attributes
    if element.tag is Tag.BREAK:
        if (milliseconds := break_ms(given.get("time", ""))) is not None:
            return _("%(seconds)g s pause") % {"seconds": milliseconds / 1000}
        return str(STRENGTHS[given.get("strength", "medium")])
    if element.tag is Tag.SAY_AS:
        return str(READINGS[given["interpret-as"]])
    if element.tag is Tag.PROSODY:
        return _("speed %(rate)s %%") % {"rate": given["rate"]}
    if element.tag is Tag.SUB:
        return _("for “%(written)s”") % {"written": "".join(one for one in element.children if isinstance(one, str))}
    if element.tag is Tag.INSERT_ACTION:
        return _("action %(name)s") % {"name": given.get("name") or given.get("tag") or given["id"]}
    return given["ph"]
