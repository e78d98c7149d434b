"""The extractor on scraps of text; the documents themselves are not needed."""

import json
import pathlib

import pytest

from dashboard.vendors.contract import catalogue
from dashboard.vendors.contract.extract import emit, metastudio_appendix, metastudio_cells, metastudio_tables, readings
from dashboard.vendors.contract.extract.metastudio_tables import Section
from dashboard.vendors.contract.extract.reader import Document, read


def document(text: str) -> Document:
    return Document("002", tuple(text.split("\n")))


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("String", {"type": "string"}),
        ("Array of strings", {"type": "array", "items": "string"}),
        ("Array of LiveEvent objects", {"type": "array", "items": "object", "ref": "LiveEvent"}),
        ("VideoConfig object", {"type": "object", "ref": "VideoConfig"}),
        ("Array of SystemPrope rty objects", {"type": "array", "items": "object", "ref": "SystemProperty"}),
        ("LiveEventCallbackConfig object", {"type": "object", "ref": "LiveEventCallBackConfig"}),
        ("Array of Table 10-6", {"type": "array", "items": "object", "ref": "Table 10-6"}),
    ],
)
def test_type_cells(cell: str, wanted: dict[str, str]):
    assert metastudio_cells.type_of(cell) == wanted


def test_an_unknown_type_stops_the_run():
    with pytest.raises(ValueError, match="unknown type 'Blob'"):
        metastudio_cells.type_of("Blob")


MANDATORY = "This parameter is mandatory when kind is set to X."
SIZES = "- LANDSCAPE: wide\n- VERTICAL: tall"


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        ("integer", "The value ranges from 40 to 30,000.", {"minimum": 40, "maximum": 30000}),
        ("integer", "The value defaults to 9 and ranges from 5 to 20.", {"minimum": 5, "maximum": 20, "default": 9}),
        ("string", "The value contains 1 to 131,072 characters.", {"min_length": 1, "max_length": 131072}),
        ("string", f"Default value: VERTICAL\n{SIZES}", {"enum": ["LANDSCAPE", "VERTICAL"], "default": "VERTICAL"}),
        ("boolean", "The default value is false.", {"default": False}),
        ("array", "Array length: 0–100", {"min_length": 0, "max_length": 100}),
        ("string", "Several: use commas (,) to separate them.", {"separator": ","}),
        ("string", f"A URL. {MANDATORY}", {"condition": MANDATORY}),
        ("string", "NOTE: see https://a.b", {}),
    ],
)
def test_limits_in_prose(kind: str, text: str, wanted: dict[str, object]):
    assert metastudio_cells.limits_of(kind, text) == wanted


def test_cells_lose_their_markup():
    cell = '<p>Mode.</p> <ul style="x"> ● A: one ● B: two </ul> Set it to <b>A</b> .'
    assert metastudio_cells.clean(cell) == "Mode.\n- A: one\n- B: two\nSet it to A."


def test_a_table_goes_on_over_a_page():
    text = """6.9.9 Doing a Thing
Table 6-1 Request body parameters

Parameter\tMandatory\tType\tDescription
streamer_acti on\tYes\tString\tFirst.

Parameter\tMandatory\tType\tDescription
\t\t\tSecond half.
other\tNo\tInteger\tThe value ranges from 1 to 2.
Status code: 400**Table 6-2** Response body parameters

Parameter\tType\tDescription
error_code\tString\tError code.
Example Requests
not\ta\ttable"""
    found = list(metastudio_tables.tables(document(text), Section("6.9.9", "Doing", 1, 99)))
    assert [(one.caption, one.status, [row["name"] for row in one.rows]) for one in found] == [
        ("Request body parameters", 0, ["streamer_action", "other"]),
        ("Response body parameters", 400, ["error_code"]),
    ]
    first, second = found[0].rows
    assert (first["mandatory"], first["description"], first["source"]) == (True, "First.\nSecond half.", "002:5")
    assert (second["minimum"], second["maximum"]) == (1, 2)


def test_a_line_that_is_no_row_stops_the_run():
    text = "Table 1-1 Request body parameters\nname\tString"
    with pytest.raises(ValueError, match="002:2: not a row"):
        list(metastudio_tables.tables(document(text), Section("1.1", "", 1, 9)))


def test_error_rows_keep_the_printed_code():
    text = "10.2 Error Codes\n400\tMSS.1000000 1\tno\tno\tdo\n10.3 Obtaining a Project ID"
    padded = document("\n" * 12999 + text)
    assert metastudio_appendix.errors(padded) == [
        {
            "code": "MSS.10000001",
            "status": 400,
            "message": "no",
            "description": "no",
            "remedy": "do",
            "source": "002:13001",
            "printed_code": "MSS.1000000 1",
        }
    ]


def test_readings_rename_set_and_respell():
    tables = {
        "Config@one@1": [{"name": "is_able", "type": "boolean"}],
        "Config@two@1": [{"name": "is_enabled", "type": "boolean"}],
        "Other": [{"name": "kind", "type": "string", "enum": ["A", "BUSI"]}],
    }
    readings.apply(
        [
            {"item": "A1", "at": ["Config#is_able", "Config#is_enabled"], "rename": "is_enable"},
            {"item": "A2", "at": "*#kind", "values": {"BUSI": "BUSINESS"}, "set": {"default": "A"}},
            {"item": "A3", "at": "Other", "add": {"name": "more", "type": "any"}},
            {"item": "A4", "at": "Other#kind", "unset": ["default"]},
        ],
        tables,
    )
    assert tables["Config@two@1"] == [
        {"name": "is_enable", "type": "boolean", "aliases": ["is_enabled"], "readings": ["A1"]}
    ]
    assert tables["Other"] == [
        {
            "name": "kind",
            "type": "string",
            "enum": ["A", "BUSINESS"],
            "enum_aliases": ["BUSI"],
            "readings": ["A2", "A4"],
        },
        {"name": "more", "type": "any", "readings": ["A3"]},
    ]


def test_a_reading_that_fits_nothing_stops_the_run():
    with pytest.raises(LookupError, match="reading A9 at Gone#x fits nothing"):
        readings.apply([{"item": "A9", "at": "Gone#x", "set": {}}], {"Other": []})


@pytest.mark.parametrize("vendor", ["metastudio", "softsugar"])
def test_every_reading_names_its_note(vendor: str):
    loaded = readings.load(vendor)
    prefix = {"metastudio": ("A", "C"), "softsugar": ("B",)}[vendor]
    assert all(one["item"].startswith(prefix) for one in loaded["readings"])


def test_a_document_is_found_by_its_number(tmp_path: pathlib.Path):
    (tmp_path / "004_abc.txt").write_text("a\u00a0b\nc", encoding="utf-8")
    assert read(tmp_path, "004").lines == ("a b", "c")
    with pytest.raises(LookupError, match=r"0 documents 005_\*\.txt"):
        read(tmp_path, "005")
    with pytest.raises(LookupError, match="has no line with 'x'"):
        read(tmp_path, "004").find("x")


def test_a_field_is_one_line_and_keys_have_one_order(tmp_path: pathlib.Path):
    rows = [{"source": "002:1", "type": "string", "name": "a", "description": "", "mandatory": True}]
    data = emit.contract({"objects": {"Table": ("002:1", rows)}})
    emit.write(tmp_path / "data.json", data)
    text = (tmp_path / "data.json").read_text(encoding="utf-8")
    assert '{"name": "a", "type": "string", "mandatory": true, "source": "002:1"}' in text
    assert json.loads(text) == data


def test_a_key_that_the_model_lacks_stops_the_run():
    with pytest.raises(ValueError, match="field a has keys that the model lacks: \\['depth'\\]"):
        emit.field({"name": "a", "depth": 1})


@pytest.mark.parametrize("name", [name for names in catalogue.FILES.values() for name in names])
def test_checked_in_data_is_as_the_extractor_writes_it(name: str, tmp_path: pathlib.Path):
    """Nobody edits the data by hand: laid out again it is the same text."""
    text = (catalogue.DATA / name).read_text(encoding="utf-8")
    emit.write(tmp_path / name, json.loads(text))
    assert (tmp_path / name).read_text(encoding="utf-8") == text
