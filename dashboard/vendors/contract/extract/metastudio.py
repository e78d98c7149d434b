"""Document 002 as a whole: endpoints, object tables, appendix."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dashboard.vendors.contract.extract import (
    metastudio_appendix,
    metastudio_ids,
    metastudio_tables,
    metastudio_terms,
    readings,
)
from dashboard.vendors.contract.extract.metastudio_cells import SAME
from dashboard.vendors.contract.extract.metastudio_tables import Section, Table
from dashboard.vendors.contract.extract.reader import Document, Raw
from dashboard.vendors.contract.extract.readings import Tables

# Captions of the tables that belong to the endpoint itself; every other caption names an object.
PLACES = {
    "Path Parameters": "path",
    "Query Parameters": "query",
    "Request header parameters": "headers",
    "Request body parameters": "body",
    "Response header parameters": "response_headers",
    "Response body parameters": "response",
}
# Printed alike (or left out by mistake, A78) everywhere, so stored once under these names.
SHARED = {"headers": "RequestHeaders", "response_headers": "ResponseHeaders"}
# Keys that are printed in two spellings; each is one name.
MISPRINTS = {
    "asset_extra_metadata": "asset_extra_meta",
    "backup_mode_l_asset_ids": "backup_model_asset_ids",
    "is_subtitle_able": "is_subtitle_enabled",
    "video_multiple_part_count": "video_multipart_count",
}
_URI = re.compile(r"^(GET|POST|PUT|DELETE) (/v1/\S+)$")
_STATUS_ROW = re.compile(r"^(\d{3})\t(.+)$")
_EXAMPLE_STATUS = re.compile(r"^Status code: (\d{3})$")


def extract(document: Document) -> Raw:
    """Everything of document 002 but the error table, corrected by the readings."""
    tables: Tables = {}
    sources: dict[str, str] = {}
    endpoints = [_endpoint(document, section, tables, sources) for section in _documented(document)]
    counts = _counts(tables, sources)
    metastudio_appendix.command_tables(document, tables, sources)
    words = readings.load("metastudio")
    for name, table in words["tables"].items():
        # One with a dot in its name is the body of an endpoint that has no table.
        tables[name] = table["fields"]
        if "." not in name:
            sources[name] = table["source"]
    readings.apply(words["readings"], tables)
    for variant in words["variants"]:
        _split(variant, tables, sources)
    objects = _merge(tables, sources)
    limits = metastudio_appendix.rate_limits(document, {(one["method"], one["path"]): one["id"] for one in endpoints})
    by_endpoint = {row["endpoint"]: row["per_region"] for row in limits}
    for endpoint in words["endpoints"]:
        endpoint["statuses"] = {int(status): text for status, text in endpoint["statuses"].items()}
    endpoints += words["endpoints"]
    for endpoint in endpoints:
        _fill(endpoint, tables)
        if endpoint["id"] in by_endpoint:
            endpoint["rate_limit"] = by_endpoint[endpoint["id"]]
    return {
        "printed": counts,
        "objects": objects,
        "endpoints": endpoints,
        "callbacks": words["callbacks"],
        "rate_limits": limits,
        "generic_errors": words["generic_errors"],
        "vocabularies": metastudio_terms.extract(document, objects, tables, words["terms"]),
    }


def _counts(tables: Tables, sources: dict[str, str]) -> dict[str, int]:
    """What chapters 4 to 9 print, before readings and merging: a whole reading can be told from a partial one."""
    names = {MISPRINTS.get(row["name"], row["name"]) for rows in tables.values() for row in rows}
    rows = sum(len(rows) for rows in tables.values())
    return {"field_rows": rows, "field_names": len(names), "object_tables": len(sources)}


def _documented(document: Document) -> Iterator[Section]:
    first = document.find("4.1.1 Creating an Asset", 400)
    for section in metastudio_tables.sections(document, first, document.find("10.1 Status Codes", first)):
        if any(_URI.match(line) for _, line in document.between(section.first, section.last)):
            yield section


def _endpoint(document: Document, section: Section, tables: Tables, sources: dict[str, str]) -> Raw:
    number, method, path = _uri(document, section)
    identifier, aliases = metastudio_ids.BY_SECTION[section.number], metastudio_ids.PATH_ALIASES.get(section.number, [])
    if aliases:
        # The other print of the path is the right one, or also in use (A69, A70).
        path, aliases = aliases[0], [path, *aliases[1:]]
        aliases = [one for one in aliases if one != path]
    endpoint: Raw = {
        "id": identifier,
        "method": method,
        "path": path,
        "section": section.number,
        "title": section.title,
        "source": document.at(number),
        "path_aliases": aliases,
        "statuses": dict(_statuses(document, section)),
        "examples": list(_examples(document, section)),
    }
    for table in metastudio_tables.tables(document, section):
        _file(identifier, table, tables, sources)
    return endpoint


def _uri(document: Document, section: Section) -> tuple[int, str, str]:
    for number, line in document.between(section.first, section.last):
        if found := _URI.match(line):
            path = found[2]
            # A long path goes on in the next line.
            return number, found[1], path + (document.line(number + 1).strip() if path.endswith("/") else "")
    raise LookupError(f"section {section.number} has no URI")


def _file(identifier: str, table: Table, tables: Tables, sources: dict[str, str]) -> None:
    place = PLACES.get(table.caption)
    if place in SHARED:
        # Kept for the count of rows; the shared table is in the readings.
        tables[f"{identifier}.{place}.{table.status}"] = table.rows
    elif place == "response":
        tables[f"{identifier}.response.{table.status}"] = table.rows
    elif place:
        tables[f"{identifier}.{place}"] = table.rows
    else:
        name = SAME.get(table.caption, table.caption)
        tables[f"{name}@{identifier}@{table.number}"] = table.rows
        sources.setdefault(name, table.source)


def _statuses(document: Document, section: Section) -> Iterator[tuple[int, str]]:
    inside = False
    for _, line in document.between(section.first, section.last):
        inside = inside or line.startswith("Status Code\tDescription")
        if inside and (found := _STATUS_ROW.match(line)):
            yield int(found[1]), found[2].strip()


def _examples(document: Document, section: Section) -> Iterator[Raw]:
    """JSON bodies of the printed requests and responses; what is printed around them is dropped."""
    status, start, began = 0, 0, False
    taken: list[str] = []
    for number, line in document.between(section.first, section.last):
        if line.strip() == "Example Requests":
            began, start = True, number
        elif began and (line.strip() == "Status Codes" or line.strip() == "Example Responses"):
            yield from _example(document, status, start, taken)
            taken, start = [], number
            if line.strip() == "Status Codes":
                return
        elif began and (found := _EXAMPLE_STATUS.match(line)):
            yield from _example(document, status, start, taken)
            status, start, taken = int(found[1]), number, []
        elif began and (line.startswith(("{", " ", "}", "[", "]")) or taken):
            taken.append(line)


def _example(document: Document, status: int, start: int, lines: list[str]) -> Iterator[Raw]:
    text = "\n".join(line.rstrip() for line in lines if not line.startswith("```")).strip()
    # Error bodies are the same four everywhere; they are not worth 200 copies.
    if text.startswith("{") and status < 400:
        yield {"status": status, "text": text, "source": document.at(start)}


def _split(variant: Raw, tables: Tables, sources: dict[str, str]) -> None:
    """Where one name means two things, give the tables of some endpoints another name, and follow their references."""
    for key in sorted(tables):
        name, _, rest = key.partition("@")
        identifier = rest.partition("@")[0] if rest else key.partition(".")[0]
        if identifier not in variant["endpoints"]:
            continue
        for row in tables[key]:
            if row.get("ref") == variant["name"]:
                row["ref"] = variant["as"]
        if name == variant["name"]:
            tables[f"{variant['as']}@{rest}"] = tables.pop(key)
            sources.setdefault(variant["as"], tables[f"{variant['as']}@{rest}"][0]["source"])
            for row in tables[f"{variant['as']}@{rest}"]:
                row.update(variant["set"].get(row["name"], {}))


def _merge(tables: Tables, sources: dict[str, str]) -> dict[str, tuple[str, list[Raw]]]:
    """One table per object name. Prints of one name must agree on keys and types; a request's print wins, since only
    requests say what is mandatory."""
    merged: dict[str, tuple[str, list[Raw]]] = {}
    for name, source in sources.items():
        prints = [rows for key, rows in sorted(tables.items()) if key.partition("@")[0] == name]
        prints.sort(key=lambda rows: (not any(row.get("mandatory") for row in rows), _line(rows)))
        first = prints[0]
        for other in prints[1:]:
            if (ours := _shape(first)) != (theirs := _shape(other)):
                raise ValueError(f"{name} is printed in two shapes: {sorted(ours ^ theirs)}")
        merged[name] = (source, first)
    return merged


def _line(rows: list[Raw]) -> int:
    return int(rows[0]["source"].partition(":")[2])


def _shape(rows: list[Raw]) -> set[tuple[str, str, str]]:
    return {(row["name"], row["type"], str(row.get("ref"))) for row in rows}


def _fill(endpoint: Raw, tables: Tables) -> None:
    identifier = endpoint["id"]
    endpoint.setdefault("headers", SHARED["headers"])
    for place, key in (("path", "path_params"), ("query", "query"), ("body", "body")):
        if rows := tables.get(f"{identifier}.{place}"):
            endpoint[key] = rows
    if any(row.get("mandatory") for row in endpoint.get("body", [])):
        endpoint["body_mandatory"] = True
    responses: dict[int, list[Raw] | str] = {}
    for status in endpoint["statuses"]:
        rows = tables.get(f"{identifier}.response.{status}")
        if rows:
            is_error = [row["name"] for row in rows] == ["error_code", "error_msg"]
            responses[status] = "ErrorResponse" if is_error else rows
    if responses:
        endpoint["responses"] = responses
