"""Writes a document as one canonical text: <speak> around it, attributes in order, nothing that was only a comment."""

from __future__ import annotations

from xml.sax.saxutils import escape

from dashboard.lib.ssml.model import Document, Node
from dashboard.lib.ssml.tags import ROOTS, RULES

_IN_ATTRIBUTE = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def write(document: Document) -> str:
    return f"<{ROOTS[0]}>{_written(document.children)}</{ROOTS[0]}>"


def _written(nodes: tuple[Node, ...]) -> str:
    parts: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            parts.append(escape(node))
            continue
        values = ((name, node.attributes[name]) for name in RULES[node.tag].attributes if name in node.attributes)
        inside = "".join(f' {name}="{escape(value, _IN_ATTRIBUTE)}"' for name, value in values)
        if node.children:
            parts.append(f"<{node.tag}{inside}>{_written(node.children)}</{node.tag}>")
        else:
            parts.append(f"<{node.tag}{inside}/>")
    return "".join(parts)
