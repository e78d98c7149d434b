"""Document 002: request throttling (1.5), error codes (10.2), and the tables of the live commands (10.5)."""

from __future__ import annotations

import re

from dashboard.vendors.contract.extract import metastudio_tables
from dashboard.vendors.contract.extract.metastudio_cells import clean
from dashboard.vendors.contract.extract.metastudio_tables import Section
from dashboard.vendors.contract.extract.reader import Document, Raw
from dashboard.vendors.contract.extract.readings import Tables

REGIONS = ("cn-north-4", "cn-east-3", "ap-southeast-3")
# Rows of the throttling table whose title differs from the overview's; "" where no such API is documented (A72).
TITLES = {
    "Querying Virtual Human Intelligent Livestreaming Tasks": "list_smart_live_jobs",
    "Checking Language Consistency Between Timbre and Text": "",
}
_OVERVIEW = re.compile(r"^(GET|POST|PUT|DELETE) (/v1/\S+)\t(.+)$")
_RATE = re.compile(r"^(\d+) times/second$")


def rate_limits(document: Document, endpoints: dict[tuple[str, str], str]) -> list[Raw]:
    """Table 1-2. Its titles are those of the overview in chapter 2, which gives the paths."""
    titles = dict(TITLES)
    routes = {**endpoints, ("POST", "/v1/{project_id}/digital-assets/summaries"): "list_asset_summarys"}
    for _, line in document.between(document.find("2 API Overview", 200), document.find("3 Calling APIs", 200)):
        if found := _OVERVIEW.match(line):
            titles[found[3].strip()] = routes[(found[1], found[2])]
    rows: list[Raw] = []
    category = ""
    for number, line in document.between(document.find("Table 1-2 API", 160), document.find("1.6 Concepts", 160)):
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != 5 or not _RATE.match(cells[2]):
            continue
        category = cells[0] or category
        rates = [int(_RATE.sub(r"\1", cell)) for cell in cells[2:]]
        rows.append(
            {
                "category": category,
                "title": cells[1],
                "endpoint": titles[cells[1]],
                "per_region": dict(zip(REGIONS, rates, strict=True)),
                "source": document.at(number),
            }
        )
    return rows


def errors(document: Document) -> list[Raw]:
    """Table 10.2. A blank inside a code is a line break of the page; `printed_code` keeps it (A77)."""
    first = document.find("10.2 Error Codes", 13000)
    rows: list[Raw] = []
    for number, line in document.between(first, document.find("10.3 Obtaining a Project ID", first)):
        cells = [clean(cell) for cell in line.split("\t")]
        if len(cells) != 5 or cells[0] == "Status Code":
            continue
        if not cells[0].isdigit():
            raise ValueError(f"{document.at(number)}: not an error row: {line[:60]!r}")
        rows.append(
            {
                "code": cells[1].replace(" ", ""),
                "status": int(cells[0]),
                "message": cells[2],
                "description": cells[3],
                "remedy": cells[4],
                "source": document.at(number),
                "printed_code": cells[1],
            }
        )
    return rows


def command_tables(document: Document, tables: Tables, sources: dict[str, str]) -> None:
    """Section 10.5. Its tables refer to each other by number instead of by name."""
    first = document.find("10.5 HTTP Commands", 13000)
    section = Section("10.5", "HTTP Commands", first, document.find("10.6 RTSA Commands", first))
    found = list(metastudio_tables.tables(document, section))
    names = {f"Table {table.number}": table.caption for table in found}
    for table in found:
        for row in table.rows:
            if row.get("ref") in names:
                row["ref"] = names[row["ref"]]
        tables[f"{table.caption}@commands@{table.number}"] = table.rows
        sources.setdefault(table.caption, table.source)
