"""A rejected, failed or doubtful takeover says whether viewers heard it and what to do, with the vendor's code."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from dashboard.events.kinds import Kind
from dashboard.events.record import record_many
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.takeover.facts import item_fact
from dashboard.vendors.metastudio import errors as metastudio
from dashboard.vendors.port import VendorError
from dashboard.vendors.softsugar import errors as softsugar
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
#: Of the takeover channel (004:275-362) and of a session (004:1089-1115): rejected, failed, or cut while it played.
SOFTSUGAR = {
    "4": softsugar.of_socket(4),
    "5": softsugar.of_socket(5),
    "6": softsugar.of_socket(6),
    "7": softsugar.of_socket(7),
    "39": softsugar.of_status(39, heard="maybe"),
}
#: What a live command may be answered with (002, 10.2): code and HTTP status.
METASTUDIO = (
    ("MSS.00000001", 401),
    ("MSS.00000003", 400),
    ("MSS.00000004", 500),
    ("MSS.20010001", 500),
    ("MSS.20010007", 500),
    ("MSS.20010008", 400),
    ("MSS.20010053", 500),
    ("MSS.20010055", 500),
    ("MSS.20010056", 403),
    ("MSS.20010057", 500),
    ("MSS.20010058", 500),
    ("MSS.20010059", 500),
    ("MSS.20010060", 500),
    ("MSS.20010066", 400),
    ("MSS.20010067", 400),
    ("MSS.20010070", 400),
    ("MSS.20010073", 400),
    ("MSS.20010074", 400),
    ("MSS.20010101", 400),
    ("MSS.20010103", 400),
    ("MSS.20010104", 400),
    ("MSS.20010105", 400),
    ("MSS.20010108", 400),
    ("MSS.20010109", 400),
)
HEARD = {
    "en": {"nothing": "Nothing was heard.", "maybe": "Viewers may have heard part of it."},
    "zh-hans": {"nothing": "观众没有听到任何内容。", "maybe": "观众可能已听到一部分。"},
}


def _text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def _pages(cast: Cast, code: str, language: str) -> list[str]:
    client = Client(headers={"accept-language": language})
    user = cast.vic.user
    user.language = language
    user.save(update_fields=["language"])
    client.force_login(user)
    client.cookies["django_language"] = language
    return [_text(client.get(f"/t/alpha/{path}").content.decode()) for path in (f"rooms/{code}", "takeovers")]


def _check(cast: Cast, vendor: str, error: VendorError, label: str, language: str, *kinds: Kind) -> None:
    job = make.on_air(make.room(make.account(cast.alpha, vendor)), cast.oki)
    *before, last = kinds
    item = make.happened(make.takeover(job, cast.oki), *before)
    record_many([item_fact(item, last, error=error, request_id="req-1")], PROJECTIONS)
    index = 0 if language == "en" else 1
    heard = HEARD[language][error.heard]
    for shown in _pages(cast, job.room.code, language):
        assert error.happened[index] in shown
        assert heard in shown
        assert error.todo[index] in shown
        assert label in shown
        assert shown.index(error.happened[index]) < shown.index(heard)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("code", SOFTSUGAR)
def test_softsugar(cast: Cast, code: str, language: str) -> None:
    error = SOFTSUGAR[code]
    failed = (Kind.ITEM_SENDING, Kind.ITEM_STARTED, Kind.ITEM_FAILED)
    refused = (Kind.ITEM_SENDING, Kind.ITEM_REFUSED)
    label = "SoftSugar 39" if code == "39" else f"SoftSugar channel {code}"
    _check(cast, make.SOFTSUGAR, error, label, language, *(failed if error.heard == "maybe" else refused))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("code", "status"), METASTUDIO)
def test_metastudio(cast: Cast, code: str, status: int, language: str) -> None:
    error = metastudio.of_answer(code, status, "the vendor's own words")
    _check(cast, make.METASTUDIO, error, f"MetaStudio {code}", language, Kind.ITEM_SENDING, Kind.ITEM_REFUSED)


def test_each_of_them_has_words_of_its_own() -> None:
    """Not the sentence that stands for all codes without a row."""
    general = metastudio.of_answer("MSS.99999999", 400, "")
    own = {metastudio.of_answer(code, status, "").happened for code, status in METASTUDIO}
    assert general.happened not in own


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("The vendor did not answer in time.", "Check again")), ("zh-hans", ("厂商", "再查一次"))],
)
def test_unknown(cast: Cast, language: str, words: tuple[str, ...]) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    make.unknown(job, cast.oki)
    for shown in _pages(cast, job.room.code, language):
        assert all(word in shown for word in words)
