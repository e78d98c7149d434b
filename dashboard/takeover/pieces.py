"""Marked-up words as people read them: the words, with small notes where something is done to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashboard.lib.ssml import Document, Element, Tag
from dashboard.lib.ssml.model import Node
from dashboard.lib.ssml.tags import break_ms
from dashboard.vendors.models import VendorKind

#: A page needs no more to be read; the rest is counted.
MOST_PIECES = 400
EMOTIONS = {"HAPPY": _("happy"), "SAD": _("sad"), "CALM": _("calm"), "ANGER": _("angry")}
READINGS = {
    "money": _("as money"),
    "date": _("as a date"),
    "figure": _("as a number"),
    "phone": _("as a phone number"),
    "english": _("as an English word"),
    "spell": _("letter by letter"),
}
STRENGTHS = {
    "none": _("no pause"),
    "x-weak": _("very short pause"),
    "weak": _("short pause"),
    "medium": _("pause"),
    "strong": _("long pause"),
    "x-strong": _("very long pause"),
}


#: Tags by the names of their buttons.
NAMES = {
    Tag.BREAK: _("Pause"),
    Tag.EMOTION: _("Emotion"),
    Tag.INSERT_ACTION: _("Action"),
    Tag.PHONEME: _("Pronunciation"),
    Tag.SAY_AS: _("Read as"),
    Tag.PROSODY: _("Speed"),
    Tag.SUB: _("Alias"),
}


def untaken(vendor: str) -> tuple[Tag, ...]:
    """Tags that `vendor` is not given: its documents don't name those it knows (004:239). An alias is written out."""
    return tuple(tag for tag in NAMES if tag is not Tag.SUB) if vendor == VendorKind.SOFTSUGAR else ()


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
            yield Piece("", gettext("usual"))
        else:
            yield Piece(_words(node), _note(node))


def _words(element: Element) -> str:
    if element.tag is Tag.SUB:
        return element.attributes["alias"]
    return _text(element)


def _text(element: Element) -> str:
    return "".join(child for child in element.children if isinstance(child, str))


def _note(element: Element) -> str:
    given = element.attributes
    if element.tag is Tag.BREAK:
        if (milliseconds := break_ms(given.get("time", ""))) is not None:
            return gettext("%(seconds)g s pause") % {"seconds": milliseconds / 1000}
        return str(STRENGTHS[given.get("strength", "medium")])
    if element.tag is Tag.SAY_AS:
        return str(READINGS[given["interpret-as"]])
    if element.tag is Tag.PROSODY:
        return gettext("speed %(rate)s %%") % {"rate": given["rate"]}
    if element.tag is Tag.SUB:
        return gettext("for “%(written)s”") % {
            "written": "".join(one for one in element.children if isinstance(one, str))
        }
    if element.tag is Tag.INSERT_ACTION:
        return gettext("action %(name)s") % {"name": given.get("name") or given.get("tag") or given["id"]}
    return given["ph"]
