"""Marked-up words as a tree, and what is asked of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from dashboard.lib.ssml.tags import STRENGTHS_MS, Tag, break_ms


@dataclass(frozen=True, slots=True)
class Element:
    tag: Tag
    attributes: dict[str, str] = field(default_factory=dict)
    children: tuple[Node, ...] = ()


#: Words as they stand, or a tag around some.
Node = str | Element


@dataclass(frozen=True, slots=True)
class Document:
    """What stands between the root's beginning and its end."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the words take beside saying `text` as it stands: `factor` times that, and `silence_ms` more."""

    text: str
    factor: float
    silence_ms: int


def plain(document: Document) -> str:
    """What viewers hear, as text: without tags, an alias in the place of what it stands for."""
    return "".join(words for words, _ in _runs(document.children, 1.0))


def paced(document: Document) -> Pace:
    runs = list(_runs(document.children, 1.0))
    text = "".join(words for words, _ in runs)
    weight = sum(len(words) / rate for words, rate in runs)
    silence = sum(_silence_ms(element) for element in elements(document.children) if element.tag is Tag.BREAK)
    return Pace(text, weight / len(text) if text else 1.0, round(silence))


def elements(nodes: tuple[Node, ...]) -> Iterator[Element]:
    for node in nodes:
        if isinstance(node, Element):
            yield node
            yield from elements(node.children)


def tags_of(document: Document) -> tuple[Tag, ...]:
    """The tags it has, each once, in the order of the dialect."""
    found = {element.tag for element in elements(document.children)}
    return tuple(tag for tag in Tag if tag in found)


def without(document: Document, tags: Collection[Tag]) -> Document:
    """The same words without these tags. An alias stays: it becomes the words themselves."""
    return Document(_without(document.children, tags))


def _without(nodes: tuple[Node, ...], tags: Collection[Tag]) -> tuple[Node, ...]:
    kept: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            kept.append(node)
        elif node.tag not in tags:
            kept.append(Element(node.tag, node.attributes, _without(node.children, tags)))
        elif node.tag is Tag.SUB:
            kept.append(node.attributes.get("alias", ""))
        else:
            kept.extend(_without(node.children, tags))
    return tuple(kept)


def _runs(nodes: tuple[Node, ...], rate: float) -> Iterator[tuple[str, float]]:
    """Words with their speed, 1 being the usual one."""
    for node in nodes:
        if isinstance(node, str):
            yield node, rate
        elif node.tag is Tag.SUB:
            yield node.attributes.get("alias", ""), rate
        elif node.tag is Tag.PROSODY:
            yield from _runs(node.children, rate * float(node.attributes.get("rate", "100")) / 100)
        else:
            yield from _runs(node.children, rate)


def _silence_ms(pause: Element) -> float:
    if (time := break_ms(pause.attributes.get("time", ""))) is not None:
        return time
    return STRENGTHS_MS[pause.attributes.get("strength", "medium")]
