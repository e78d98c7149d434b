"""Document 004: headings, an URL line per endpoint, and tables of blank-separated cells."""

from __future__ import annotations

import re

from dashboard.vendors.contract.extract import readings, softsugar_frames, softsugar_scripts
from dashboard.vendors.contract.extract.reader import Document, Raw
from dashboard.vendors.contract.extract.readings import Tables

IDS = {
    "/api/2dvh/v2/material/live/channel/create": "channel_create",
    "/api/2dvh/v1/material/live/channel/heartbeat": "channel_heartbeat",
    "/api/2dvh/v1/material/live/channel/start": "channel_start",
    "/api/2dvh/v1/material/live/super/pro/channel/control": "super_control",
    "/api/2dvh/v1/material/live/channel/command/warmed/file/add": "warmed_file_add",
    "/api/2dvh/v1/material/live/channel/command/queue/reorder": "queue_reorder",
    "/api/2dvh/v1/material/live/channel/command/cancel": "command_cancel",
    "/api/2dvh/v1/material/live/channel/command/queue/list": "queue_list",
    "/api/2dvh/v1/material/live/channel/close": "channel_close",
    "/api/2dvh/v1/material/live/channel/stat": "channel_stat",
    "/api/2dvh/v1/material/live/channel/running/list": "running_list",
    "/api/2dvh/v1/material/live/channel/history/list": "history_list",
    "/api/2dvh/v1/material/rtc/token/audience": "rtc_token_audience",
    "/api/2dvh/v1/material/rtc/token/host/renew": "rtc_token_host_renew",
    "/api/live-takeover-cc/v1/material/live/channel/command/microphone": "takeover_socket",
}
TYPES = {
    "string": ("string", None),
    "integer": ("integer", None),
    "int": ("integer", None),
    "number": ("integer", None),
    "boolean": ("boolean", None),
    "object": ("object", None),
    "pagination": ("object", None),
    "array": ("array", "string"),
    "string array": ("array", "string"),
}
CALLBACK = "Live Stream Status Callback Parameters"
_URL = re.compile(r"^(GET|POST|WebSocket) (/api/[^?\s]+)(?:\?(\S+))?$")
_ROW = re.compile(
    r"^(?P<indent>[ -]*)(?P<name>[A-Za-z]\w*) "
    r"(?P<type>String Array|String|Integer|int|Number|Boolean|boolean|Object|pagination|Array)"
    r" (?P<required>True|False|false)(?: (?P<description>.*))?$"
)
_NOT_TITLES = ("API Description", "Request URL")


def extract(document: Document) -> Raw:
    """The whole of document 004 as rows, corrected by the readings."""
    endpoints, tables = _endpoints(document)
    tables["status_callback"] = rows(document, document.find(f"# {CALLBACK}"))
    tables["takeover_frame"] = rows(document, document.find("# Request Example(上行消息)"))
    scripts, sources = softsugar_scripts.tables(document)
    tables.update(scripts)
    for name in ("takeover_frame", "status_callback"):
        _unfold(name, tables, sources)
    for endpoint in endpoints:
        _unfold(endpoint["id"], tables, sources)
    frames = softsugar_frames.downstream(document, tables, sources)
    status_codes = softsugar_frames.status_codes(tables)
    words = readings.load("softsugar")
    for name, table in words["tables"].items():
        tables[name], sources[name] = table["fields"], table["source"]
    readings.apply(words["readings"], tables)
    callback = {"id": "status_callback", "name": CALLBACK, "transport": "http", "fields": tables["status_callback"]}
    return {
        "objects": {name: (source, tables[name]) for name, source in sources.items()},
        "endpoints": [_fill(one, tables) for one in endpoints if one["id"] != "takeover_socket"],
        "sockets": [_fill(one, tables) for one in endpoints if one["id"] == "takeover_socket"],
        "frames": softsugar_frames.upstream(document, tables["takeover_frame"]) + frames,
        "callbacks": [{**callback, "source": document.at(document.find(f"# {CALLBACK}"))}],
        "status_codes": status_codes,
    }


def _endpoints(document: Document) -> tuple[list[Raw], Tables]:
    everywhere = document.between(1, len(document.lines) + 1)
    starts = [(number, found) for number, line in everywhere if (found := _URL.match(line))]
    ends = [number for number, _ in starts[1:]] + [document.find(f"# {CALLBACK}")]
    endpoints: dict[str, Raw] = {}
    tables: Tables = {}
    for (number, found), end in zip(starts, ends, strict=True):
        identifier = IDS[found[2]]
        # queue/list is printed twice; the later print says more, so it wins.
        endpoints[identifier] = {
            "id": identifier,
            "method": found[1].upper(),
            "path": found[2],
            "section": _title(document, number),
            "title": _title(document, number),
            "source": document.at(number),
            "examples": _examples(document, number, end),
        }
        place = "body" if found[1] == "POST" else "query"
        tables[f"{identifier}.{place}"] = rows(document, document.find("# Request Parameters", number))
        if identifier != "takeover_socket":
            tables[f"{identifier}.response"] = rows(document, document.find("# Response Elements", number))
    return [endpoints[identifier] for identifier in sorted(endpoints)], tables


def _fill(endpoint: Raw, tables: Tables) -> Raw:
    identifier = endpoint["id"]
    filled = {
        **endpoint,
        "headers": "RequestHeaders",
        "statuses": {200: "The JSON envelope tells the outcome in code."},
    }
    if identifier == "takeover_socket":
        filled["body"] = tables["takeover_frame"]
    elif body := tables.get(f"{identifier}.body"):
        filled.update(body=body, body_mandatory=True)
    if query := tables.get(f"{identifier}.query"):
        filled["query"] = query
    if response := tables.get(f"{identifier}.response"):
        filled["responses"] = {200: response}
    return filled


def _title(document: Document, number: int) -> str:
    for above in range(number, 0, -1):
        line = document.line(above)
        if line.startswith("# ") and line[2:] not in _NOT_TITLES:
            return line[2:].replace("控制", " control")
    raise LookupError(f"no heading above {document.at(number)}")


def rows(document: Document, heading: int) -> list[Raw]:
    """The rows of the table under the heading at this line, up to the next heading."""
    found: list[Raw] = []
    part = 0
    for number, line in document.between(heading + 1, len(document.lines) + 1):
        if line.startswith(("# ", "The above covers")):
            break
        if line.startswith("Field Type"):
            part += 1
        elif match := _ROW.match(line):
            found.append(_row(document, number, match, part))
        elif found and line.strip() and not line.endswith("列表"):
            found[-1]["description"] += "\n" + line.strip()
    return found


def _row(document: Document, number: int, match: re.Match[str], part: int) -> Raw:
    kind, items = TYPES[match["type"].lower()]
    row: Raw = {"name": match["name"], "type": kind, "source": document.at(number)}
    if items:
        row["items"] = items
    if match["required"] == "True":
        row["mandatory"] = True
    row["description"] = (match["description"] or "").strip()
    # Where the row hangs: below the last object (indented), or in the n-th table under one heading.
    row["depth"], row["part"] = (1 if match["indent"] else 0), part
    return row


def _unfold(identifier: str, tables: Tables, sources: dict[str, str]) -> None:
    """Move the rows that describe an object's inside into a table of their own."""
    for place in (f"{identifier}.body", f"{identifier}.query", f"{identifier}.response", identifier):
        top: list[Raw] = []
        owners: dict[str, Raw] = {}
        for row in tables.get(place, []):
            parent = _parent(place, row.pop("depth"), row.pop("part"), owners)
            (_inside(identifier, owners[parent], tables, sources) if parent else top).append(row)
            if row["name"] == "result":
                row["type"], row["items"] = "array", "object"
            if row["type"] == "object" or row.get("items") == "object":
                owners[row["name"]] = row
        if place in tables:
            tables[place] = top


def _parent(place: str, depth: int, part: int, owners: dict[str, Raw]) -> str:
    """In responses every row after `data` belongs to it, although half of the tables lost the indentation, and a second
    table under the same heading describes the items of `result`."""
    if part > 1:
        return "result"
    if place.endswith(".response") and "data" in owners:
        return "data"
    return [*owners, ""][0] if depth else ""


def _inside(identifier: str, owner: Raw, tables: Tables, sources: dict[str, str]) -> list[Raw]:
    name = softsugar_scripts.camel(identifier, "") + softsugar_scripts.camel(owner["name"], "")
    owner["ref"], sources[name] = name, owner["source"]
    return tables.setdefault(name, [])


def _examples(document: Document, start: int, end: int) -> list[Raw]:
    found = []
    for heading, status in (("# Request Example", 0), ("# Response Example", 200)):
        number = document.find(heading, start)
        if number >= end or document.line(number) != heading:
            continue
        text = "\n".join(softsugar_frames.until_heading(document, number + 1)).strip()
        if text:
            found.append({"status": status, "text": text, "source": document.at(number)})
    return found
