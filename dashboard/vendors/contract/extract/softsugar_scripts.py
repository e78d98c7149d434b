"""The two script definitions inside document 004: what a live room shows, and how a running one is changed."""

from __future__ import annotations

import re

from dashboard.vendors.contract.extract.reader import Document, Raw

# Rows whose indentation the document lost, by line, and the row they hang under ("" is the top).
PARENTS = {
    "LiveScript": {
        "digital_role": "sceneList",
        "digital_role_sublist": "sceneList",
        "effects": "sceneList",
        "auto_fill_silence": "",
        "file_preload_list": "",
    },
    "ControlScript": {},
}
EFFECTS = ("version", "beautify")
_ROW = re.compile(
    r"^(?P<indent>\s*)(?P<name>[A-Za-z]\w*) (?P<type>(?:String|Integer|Int|Float|Boolean|Object)(?: Array)?)"
    r"(?: (?P<rest>.*))?$"
)
_SAMPLE = re.compile(r'^("[^"]*"|\[[^\]]*\]|-?[\d.]+(?=\s|$)|True|False|true|false|rtmp://\S+)(?:\s+|$)')
_UNIT_RANGE = re.compile(r"^\[(-?[\d.]+), ?(-?[\d.]+)\]")
_DEFAULT = re.compile(r"默认值\s*为?\s*(-?[\d.]+\d)")
_CHOICES = re.compile(r"(\d)\(")


def tables(document: Document) -> tuple[dict[str, list[Raw]], dict[str, str]]:
    """Object tables by name, and the line that each starts at."""
    found: dict[str, list[Raw]] = {}
    sources: dict[str, str] = {}
    for name, heading in (("LiveScript", "脚本json定义"), ("ControlScript", "控制json定义")):
        start = document.find(heading, document.find("# Super Live Room Pro" + heading))
        _nest(document, name, document.find("# JSON Parameter Description", start), found, sources)
    return found, sources


def _nest(document: Document, root: str, start: int, found: dict[str, list[Raw]], sources: dict[str, str]) -> None:
    """Turn the indented rows below `start` into one table per object, named root + path ("LiveScriptSceneList…")."""
    sources[root] = document.at(start + 1)
    # Open tables from the top down: (indent of their rows, table name).
    stack = [(0, root)]
    names: dict[str, str] = {"": root}
    found[root] = []
    for number, line in document.between(start + 2, len(document.lines) + 1):
        if line.startswith("# "):
            break
        match = _ROW.match(line)
        if not match:
            # The one continued cell: how version 0.0.1 reads `resolution`.
            if found[root] and line.strip():
                found[root][-1]["description"] += "\n" + line.strip()
            continue
        row = _row(document, number, match)
        indent = len(match["indent"])
        if indent == 0:
            stack = [(0, names[_parent(root, row["name"], names)])]
        while stack[-1][0] > indent:
            stack.pop()
        owner = stack[-1][1]
        found[owner].append(row)
        if row["type"] == "object" or row.get("items") == "object":
            child = owner + camel(row["name"])
            row["ref"] = child
            found[child] = []
            sources[child] = row["source"]
            names.setdefault(row["name"], child)
            stack.append((indent + 1, child))


def _parent(root: str, name: str, names: dict[str, str]) -> str:
    if root == "LiveScript" and "effects" in names and name in EFFECTS:
        return "effects"
    return PARENTS[root].get(name, "")


def camel(name: str, dropped: str = "List") -> str:
    """`digital_role` as DigitalRole. A sceneList holds scenes, so its items are called Scene."""
    return "".join(part[:1].upper() + part[1:] for part in name.removesuffix(dropped).split("_"))


def _row(document: Document, number: int, match: re.Match[str]) -> Raw:
    kind = match["type"].lower()
    row: Raw = {"name": match["name"], "source": document.at(number), "type": kind}
    if kind.endswith(" array"):
        item = kind.removesuffix(" array")
        row.update(type="array", items={"int": "integer"}.get(item, item))
    rest = (match["rest"] or "").removeprefix("包含内容如下").strip()
    if sample := _SAMPLE.match(rest):
        rest = rest[sample.end() :].strip()
    row["description"] = rest
    if kind in ("float", "integer"):
        row.update(_limits(rest, kind))
    return row


def _limits(text: str, kind: str) -> Raw:
    limits: Raw = {}
    if found := _UNIT_RANGE.match(text):
        limits.update(minimum=float(found[1]), maximum=float(found[2]))
        if default := _DEFAULT.search(text):
            limits["default"] = float(default[1])
    elif kind == "integer" and len(choices := _CHOICES.findall(text)) > 1:
        limits["enum"] = [int(choice) for choice in choices]
    return limits
