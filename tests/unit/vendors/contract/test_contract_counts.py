"""A whole reading of the documents holds exactly this much; less means that the extractor lost something."""

from collections import Counter

import pytest

from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.model import Field

META = contract("metastudio")
SOFT = contract("softsugar")


def test_metastudio_prints_65_endpoints_and_the_token_request():
    assert len([one for one in META.endpoints if one.path.startswith("/v1/")]) == 65
    assert [one.id for one in META.endpoints if not one.path.startswith("/v1/")] == ["create_token"]


def test_metastudio_rows_and_tables_as_printed():
    assert META.printed == {"field_rows": 3232, "field_names": 400, "object_tables": 101}


def test_metastudio_errors_and_limits():
    assert len(META.errors) == 457
    assert len({row.code for row in META.errors}) == 446
    assert len(META.rate_limits) == 55
    assert {tuple(row.per_region) for row in META.rate_limits} == {("cn-north-4", "cn-east-3", "ap-southeast-3")}
    # One row names an API that is documented nowhere; eleven documented ones have no row.
    assert [row.title for row in META.rate_limits if not row.endpoint] == [
        "Checking Language Consistency Between Timbre and Text"
    ]
    assert len([one for one in META.endpoints if one.rate_limit is None and one.id != "create_token"]) == 11


def test_each_error_says_what_it_means_and_what_to_do():
    assert [row.code for row in META.errors if not (row.message and row.description and row.remedy)] == []
    # 21 refusals are printed with status 200 (A75).
    assert Counter(row.status for row in META.errors) == {
        200: 21, 400: 186, 401: 13, 403: 39, 404: 6, 429: 5, 500: 182, 503: 5,
    }  # fmt: skip
    # One code has two statuses, and ten pairs are printed twice.
    assert len({(row.code, row.status) for row in META.errors}) == 447


def test_each_limit_has_a_number_for_each_region():
    assert sum(len(row.per_region) for row in META.rate_limits) == 55 * 3
    assert all(number > 0 for row in META.rate_limits for number in row.per_region.values())
    ids = {one.id for one in META.endpoints}
    assert {row.endpoint for row in META.rate_limits if row.endpoint} <= ids


def test_the_tags_have_their_attributes_and_limits():
    attributes = {
        term.value: {row.name: row for row in META.object(term.ref).fields} if term.ref else {}
        for term in META.vocabulary("ssml_tags")
    }
    assert {tag: sorted(rows) for tag, rows in attributes.items()} == {
        "speak": [],
        "break": ["strength", "time"],
        "phoneme": ["ph"],
        "say-as": ["interpret-as"],
        "sub": ["alias"],
        "prosody": ["rate"],
        "emotion": ["type"],
        "insert-action": ["id", "name", "tag"],
    }
    rate = attributes["prosody"]["rate"]
    assert (rate.minimum, rate.maximum) == (50, 200)
    assert len(attributes["break"]["strength"].enum) == 6
    assert len(attributes["emotion"]["type"].enum) == 4
    assert attributes["break"]["time"].pattern


@pytest.mark.parametrize(
    ("vocabulary", "size"),
    [
        ("auth_types", 4),
        ("live_event_types", 6),
        ("live_commands", 8),
        ("rtsa_states", 6),
        ("rtsa_commands", 6),
        ("rtsa_timings", 2),
        ("ssml_tags", 8),
        ("live_warnings", 5),
        ("live_job_states", 6),
        ("live_callback_events", 3),
        ("rtc_callback_events", 2),
        ("room_types", 3),
        ("play_types", 3),
        ("reply_modes", 4),
        ("rtc_user_types", 6),
    ],
)
def test_metastudio_vocabularies(vocabulary: str, size: int):
    terms = META.vocabulary(vocabulary)
    assert len({term.value for term in terms}) == len(terms) == size
    assert all(term.meaning and term.source.line for term in terms)


def test_metastudio_callbacks():
    assert Counter(one.transport for one in META.callbacks) == {"http": 4, "rtc": 2}
    assert len([one for one in META.callbacks if one.transport == "http" and one.id != "video_job"]) == 3


def test_softsugar_is_whole():
    assert len(SOFT.endpoints) == 14
    assert [one.id for one in SOFT.sockets] == ["takeover_socket"]
    assert Counter(frame.direction for frame in SOFT.frames) == {"up": 5, "down": 12}
    assert len(SOFT.status_codes) == 22
    assert len(SOFT.callback("status_callback").fields) == 10
    assert sum(len(table.fields) for name, table in SOFT.objects.items() if name.startswith("LiveScript")) == 61
    assert sum(len(table.fields) for name, table in SOFT.objects.items() if name.startswith("ControlScript")) == 36


@pytest.mark.parametrize("vendor", ["metastudio", "softsugar"])
def test_every_reference_leads_to_a_table(vendor: str):
    book = contract(vendor)
    rows: list[Field] = [row for table in book.objects.values() for row in table.fields]
    for endpoint in (*book.endpoints, *book.sockets):
        rows += [*endpoint.body, *endpoint.query, *endpoint.path_params, *endpoint.headers]
        rows += [row for answer in endpoint.responses.values() for row in answer]
    rows += [row for one in (*book.frames, *book.callbacks) for row in one.fields]
    wanted = {row.ref for row in rows if row.ref} | {name for row in rows for _, name in row.refs}
    wanted |= {name for terms in book.vocabularies.values() for term in terms for name in (term.ref, term.result_ref)}
    assert wanted - {None} <= set(book.objects)


@pytest.mark.parametrize("vendor", ["metastudio", "softsugar"])
def test_every_row_says_where_it_is_printed(vendor: str):
    book = contract(vendor)
    files = {"metastudio": {"000", "002"}, "softsugar": {"004"}}[vendor]
    rows = [row for table in book.objects.values() for row in table.fields]
    assert {row.source.file for row in rows} <= files
    assert all(row.source.line > 0 for row in rows)
    assert all(one.source.line > 0 for one in (*book.endpoints, *book.errors, *book.status_codes))
