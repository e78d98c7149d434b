"""Reads marked-up words with a hardened parser: no DOCTYPE, no entities of their own, nothing fetched, no recursion.

Everything that is wrong is told with its place; whatever comes in, the answer is a Reading and no exception.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from xml.parsers.expat import errors as expat
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from dashboard.lib.ssml import phonemes
from dashboard.lib.ssml.faults import Fault, Place
from dashboard.lib.ssml.model import Document, Element, Node
from dashboard.lib.ssml.rules import value_fault
from dashboard.lib.ssml.tags import LONGEST, ROOTS, RULES, Holds, Tag

#: More than these help nobody, and a text made of mistakes must not cost more than one without.
MOST_FAULTS = 20
#: What ends a sentence (002 prints no list; the marks of both languages), and what may close behind it.
_SENTENCE_END = re.compile(r"[。！？!?；;.…\n][\s”’」』）)\"']*$")

_SYNTAX = {
    expat.XML_ERROR_SYNTAX: "no_root",
    expat.XML_ERROR_NO_ELEMENTS: "no_root",
    expat.XML_ERROR_TAG_MISMATCH: "not_open",
    expat.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: "two_roots",
    expat.XML_ERROR_INVALID_TOKEN: "not_a_tag",
    expat.XML_ERROR_UNCLOSED_TOKEN: "not_a_tag",
    expat.XML_ERROR_PARTIAL_CHAR: "character",
    expat.XML_ERROR_DUPLICATE_ATTRIBUTE: "twice",
    expat.XML_ERROR_UNDEFINED_ENTITY: "entity",
    expat.XML_ERROR_BAD_CHAR_REF: "character",
    expat.XML_ERROR_UNKNOWN_ENCODING: "unreadable",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """`document` is there only without faults."""

    document: Document | None
    faults: tuple[Fault, ...]


def read(source: str) -> Reading:
    text = Source(source)
    if len(text.text) > LONGEST:
        return Reading(None, (Fault("too_long", text.at(LONGEST), {"most": LONGEST}),))
    if (bad := _BAD_CHARACTER.search(text.text)) is not None:
        return Reading(None, (Fault("character", text.at(bad.start())),))
    parser = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    handler = _Handler(text, parser)
    parser.setContentHandler(handler)
    try:
        parser.feed(text.text)
        parser.close()
    except _Enough:
        pass
    except DefusedXmlException:
        handler.fault("forbidden", handler.here())
    except SAXParseException as problem:
        handler.broken(problem)
    document = Document(handler.children) if not handler.faults else None
    if document is not None and not handler.is_worth_saying:
        return Reading(None, (Fault("empty", text.at(0)),))
    return Reading(document, tuple(handler.faults))


#: What XML has no place for; lone surrogates also have none in UTF-8.
_BAD_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Source:
    """The text with its lines, so that any offset has a place."""

    def __init__(self, source: str) -> None:
        self.text = source.replace("\r\n", "\n").replace("\r", "\n")
        self._starts = [0, *(match.end() for match in re.finditer("\n", self.text))]

    def at(self, offset: int) -> Place:
        line = bisect_right(self._starts, offset)
        return Place(line, offset - self._starts[line - 1] + 1, offset)

    def of(self, line: int, column: int) -> Place:
        """What the parser calls `line` (from 1) and `column` (from 0)."""
        start = self._starts[min(line, len(self._starts)) - 1]
        return self.at(min(start + column, len(self.text)))

    def of_value(self, tag: Place, name: str) -> Place:
        """Where the value of the attribute `name` begins in the tag at `tag`."""
        found = re.compile(rf"\s{re.escape(name)}\s*=\s*[\"']").search(self.text, tag.offset)
        return self.at(found.end()) if found is not None else tag

    def of_name(self, tag: Place, name: str) -> Place:
        found = re.compile(rf"\s({re.escape(name)})\s*=").search(self.text, tag.offset)
        return self.at(found.start(1)) if found is not None else tag


class _Enough(Exception):
    """So many faults that nobody reads on."""


@dataclass(slots=True)
class _Open:
    tag: Tag | None  # None: the root, or a tag that is not known
    name: str
    place: Place
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)


class _Handler(ContentHandler):
    def __init__(self, source: Source, locator: Locator) -> None:
        super().__init__()
        self.source = source
        self.faults: list[Fault] = []
        self.children: tuple[Node, ...] = ()
        self.is_worth_saying = False
        self._open: list[_Open] = []
        self._locator = locator
        #: The last words before here, enough to see whether a sentence ended, and an emotion that ended inside one.
        self._before = ""
        self._cut_short: Place | None = None

    def here(self) -> Place:
        return self.source.of(self._locator.getLineNumber() or 1, self._locator.getColumnNumber() or 0)

    def fault(self, code: str, place: Place, **values: object) -> None:
        self.faults.append(Fault(code, place, values))
        if len(self.faults) >= MOST_FAULTS:
            raise _Enough

    def broken(self, problem: SAXParseException) -> None:
        """The parser can't go on: its last fault."""
        message = str(getattr(problem.getException(), "args", [""])[0]).partition(":")[0]
        code = _SYNTAX.get(message, "unreadable")
        place = self.source.of(problem.getLineNumber() or 1, problem.getColumnNumber() or 0)
        if self._open and (message == expat.XML_ERROR_NO_ELEMENTS or code == "not_open"):
            self.faults.append(Fault("not_closed", self._open[-1].place, {"tag": self._open[-1].name}))
        if code != "no_root" or not self._open:
            self.faults.append(Fault(code, place))

    # ------------------------------------------------------------------------------------------------------ the parser

    def startElement(self, name: str, attributes: AttributesImpl) -> None:
        place, given = self.here(), dict(attributes.items())
        if not self._open:
            if name not in ROOTS:
                self.fault("no_root", place)
            for attribute in given:
                self.fault("unknown_attribute", self.source.of_name(place, attribute), tag=name, attribute=attribute)
            self._open.append(_Open(None, name, place))
            return
        tag = Tag(name) if name in Tag.__members__.values() else None
        if tag is None:
            self.fault("inner_root" if name in ROOTS else "unknown_tag", place, tag=name, known=", ".join(Tag))
        else:
            self._check_within(tag, place)
            self._check_values(tag, given, place)
        self._open.append(_Open(tag, name, place, given))

    def endElement(self, name: str) -> None:
        done = self._open.pop()
        children = tuple(done.children)
        if done.tag is not None:
            self._check_inside(done, children)
        if done.tag is Tag.INSERT_ACTION:
            self.is_worth_saying = True
        if not self._open:
            self.children = children
        elif done.tag is not None:
            self._open[-1].children.append(Element(done.tag, done.attributes, children))

    def characters(self, content: str) -> None:
        if not self._open:
            return
        self._open[-1].children.append(content)
        if not content.strip():
            self._before = (self._before + content)[-40:]
            return
        self.is_worth_saying = True
        if self._cut_short is not None:
            self.fault("emotion_ends", self._cut_short)
            self._cut_short = None
        self._before = (self._before + content)[-40:]

    def processingInstruction(self, target: str, data: str) -> None:
        self.fault("forbidden", self.here())

    # ------------------------------------------------------------------------------------------------------ the dialect

    def _check_within(self, tag: Tag, place: Place) -> None:
        around = [one.tag for one in self._open if one.tag is not None]
        if around and RULES[around[-1]].holds is Holds.TEXT:
            self.fault("holds_text", place, tag=str(around[-1]))
        elif tag in around:
            self.fault("within_itself", place, tag=str(tag))
        if tag is Tag.EMOTION and self._is_mid_sentence():
            self.fault("emotion_begins", place)

    def _check_values(self, tag: Tag, given: dict[str, str], place: Place) -> None:
        known = RULES[tag].attributes
        for name, value in given.items():
            if name not in known:
                self.fault("unknown_attribute", self.source.of_name(place, name), tag=str(tag), attribute=name)
            elif value.strip() and (wrong := value_fault(tag, name, value)) is not None:
                self.fault(wrong[0], self.source.of_value(place, name), **wrong[1])
        for name, is_needed in known.items():
            if is_needed and not given.get(name, "").strip():
                self.fault("needs", place, tag=str(tag), attribute=name)

    def _check_inside(self, done: _Open, children: tuple[Node, ...]) -> None:
        if done.tag is None:
            return
        words = "".join(child for child in children if isinstance(child, str))
        is_text = all(isinstance(child, str) for child in children)
        holds = RULES[done.tag].holds
        if holds is Holds.NOTHING and children:
            self.fault("holds_nothing", done.place, tag=str(done.tag))
        elif holds is Holds.TEXT and is_text and not words.strip():
            self.fault("needs_text", done.place, tag=str(done.tag))
        if done.tag is Tag.PHONEME and words.strip() and done.attributes.get("ph", "").strip():
            self._check_sound(done, words)
        if done.tag is Tag.EMOTION and self._is_mid_sentence():
            self._cut_short = self.here()

    def _check_sound(self, done: _Open, words: str) -> None:
        wrong = phonemes.fault_of(done.attributes["ph"], words)
        if wrong is not None:
            self.fault(wrong[0], self.source.of_value(done.place, "ph"), **wrong[1])

    def _is_mid_sentence(self) -> bool:
        return bool(self._before.strip()) and _SENTENCE_END.search(self._before) is None
