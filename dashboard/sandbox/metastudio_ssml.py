"""Reads SSML as 10.5 and 10.7 of the reference describe it (002:14027, 002:14149-14303).

A reader of our own, because the vendor's dialect is small and an XML library would also read what it must not
(entities, doctypes). Readings A24 to A27, A48: three spellings of the root, prosody inside it, `<sub alias>`.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

ROOTS = ("speak", "speake", "speack")
# 002:14185: 200 ms to 10 s.
SHORTEST_BREAK_MS, LONGEST_BREAK_MS = 200, 10_000
STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2}
EMOTIONS = ("HAPPY", "SAD", "CALM", "ANGER")
READINGS = ("money", "date", "figure", "phone", "english", "spell")
SLOWEST, FASTEST = 50, 200

TOKEN = re.compile(r"<!--.*?-->|<[^<>]*>|[^<>]+|[<>]", re.DOTALL)
TAG = re.compile(r"<(?P<close>/)?\s*(?P<name>[A-Za-z][\w-]*)(?P<attributes>[^<>]*?)\s*(?P<empty>/)?>", re.DOTALL)
ATTRIBUTE = re.compile(r"""\s*([A-Za-z][\w-]*)\s*=\s*("([^"]*)"|'([^']*)')""")
BREAK_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s)")
# In these, 002 allows text but no other tag.
TEXT_ONLY = ("phoneme", "say-as", "sub")


class SsmlError(ValueError):
    """Tags that do not fit together ("xml parse fail", MSS.20010015)."""


class SsmlValueError(SsmlError):
    """Well-formed, but a value is outside what is documented."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words that are heard, the same with its pauses in place, and how fast beside the voice's own speed."""

    text: str
    timed: str
    rate: float


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of spoken text at one speed, or (without text) a silence."""

    text: str
    rate: float = 1.0
    silence_s: float = 0.0


def read(text: str) -> Spoken:
    """What of `text`, plain or SSML, is heard. Raises SsmlError."""
    found = runs(text)
    heard = "".join(run.text for run in found)
    timed = "".join(run.text or f'<break time="{run.silence_s * 1000:.0f}ms"/>' for run in found)
    weight = sum(len(run.text) / run.rate for run in found)
    return Spoken(heard, timed if found != [Run("")] else "", len(heard) / weight if weight else 1.0)


def runs(text: str) -> list[Run]:
    first = TAG.match(text.lstrip())
    if first is None or first["name"] not in ROOTS:
        return [Run(text)]
    return _Reader().read(text.strip())


class _Reader:
    def __init__(self) -> None:
        self.open: list[str] = []
        self.rates: list[float] = [1.0]
        self.alias: str | None = None
        self.found: list[Run] = []

    def read(self, text: str) -> list[Run]:
        finished = False
        for token in TOKEN.findall(text):
            if token.startswith("<!--"):
                continue
            if finished and token.strip():
                raise SsmlError("nothing may follow the root tag")
            if token.startswith("<"):
                self._tag(token)
                finished = not self.open
            elif self.open:
                self._text(html.unescape(token))
        if self.open:
            raise SsmlError(f"<{self.open[-1]}> is not closed")
        return self.found or [Run("")]

    def _text(self, text: str) -> None:
        # An alias is read instead of what stands between its tags (002:14280).
        if self.alias is None:
            self.found.append(Run(text, self.rates[-1]))

    def _tag(self, token: str) -> None:
        tag = TAG.fullmatch(token)
        if tag is None:
            raise SsmlError(f"{token[:40]!r} is not a tag")
        name = tag["name"]
        if tag["close"]:
            self._close(name)
            return
        if self.open and self.open[-1] in TEXT_ONLY:
            raise SsmlError(f"<{self.open[-1]}> holds text only")
        attributes = attributes_of(tag["attributes"])
        self._value(name, attributes)
        if not tag["empty"]:
            self._open(name, attributes)

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("break", "insert-action"):
            raise SsmlError(f"<{name}> must be empty")
        self.open.append(name)
        rate = float(attributes["rate"]) / 100 if name == "prosody" else 1.0
        self.rates.append(self.rates[-1] * rate)
        if name == "sub":
            self.alias = attributes["alias"]
            self.found.append(Run(self.alias, self.rates[-1]))

    def _close(self, name: str) -> None:
        if not self.open or self.open.pop() != name:
            raise SsmlError(f"</{name}> closes nothing")
        self.rates.pop()
        if name == "sub":
            self.alias = None

    def _value(self, name: str, attributes: dict[str, str]) -> None:
        if not self.open and name not in ROOTS:
            raise SsmlError("the root must be <speak>")
        if name == "break":
            self.found.append(Run("", silence_s=break_seconds(attributes)))
        elif name == "emotion":
            allowed(name, "type", attributes, EMOTIONS)
        elif name == "say-as":
            allowed(name, "interpret-as", attributes, READINGS)
        elif name == "prosody":
            rate = attributes.get("rate", "")
            if not rate.isdigit() or not SLOWEST <= int(rate) <= FASTEST:
                raise SsmlValueError("prosody rate is 50 to 200")
        elif name in ("phoneme", "sub"):
            wanted = {"phoneme": "ph", "sub": "alias"}[name]
            if not attributes.get(wanted):
                raise SsmlValueError(f"<{name}> needs {wanted}")
        elif name not in (*ROOTS, "insert-action") or (name in ROOTS and self.open):
            raise SsmlError(f"<{name}> is not known here")


def attributes_of(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    rest = text
    while rest.strip():
        match = ATTRIBUTE.match(rest)
        if match is None:
            raise SsmlError(f"{rest.strip()[:40]!r} is not an attribute")
        found[match[1]] = html.unescape(match[3] if match[3] is not None else match[4])
        rest = rest[match.end() :]
    return found


def allowed(name: str, attribute: str, attributes: dict[str, str], values: tuple[str, ...]) -> None:
    if attributes.get(attribute) not in values:
        raise SsmlValueError(f"<{name}> {attribute} is one of {', '.join(values)}")


def break_seconds(attributes: dict[str, str]) -> float:
    """Outside 200 ms to 10 s is an error, not a clamp (reading A25); without time the strength decides."""
    if "time" not in attributes:
        strength = attributes.get("strength", "medium")
        if strength not in STRENGTHS:
            raise SsmlValueError(f"break strength is one of {', '.join(STRENGTHS)}")
        return STRENGTHS[strength]
    match = BREAK_TIME.fullmatch(attributes["time"].strip())
    milliseconds = float(match[1]) * (1000 if match[2] == "s" else 1) if match else 0.0
    if not SHORTEST_BREAK_MS <= milliseconds <= LONGEST_BREAK_MS:
        raise SsmlValueError("break time is 200ms to 10s")
    return milliseconds / 1000
