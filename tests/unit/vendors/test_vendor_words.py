"""The words of every code: equal to the contract, whole in both languages, and fit to be read by an operator."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboard.vendors import words
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.metastudio import errors as metastudio
from dashboard.vendors.port import Vendor, VendorError
from dashboard.vendors.softsugar import errors as softsugar

ROOT = Path(words.__file__).parent
METASTUDIO, SOFTSUGAR = Vendor.METASTUDIO, Vendor.SOFTSUGAR
ENTRIES = [entry for vendor in Vendor for entry in words.entries(vendor)]
_IDS = [entry.label + (f"/{entry.status}" if entry.status else "") for entry in ENTRIES]
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Four words in a row are a sentence that was left over; product names and permissions have fewer.
_ENGLISH = re.compile(r"(?:[A-Za-z']+ ){3,}[A-Za-z']+")
_TWO_SENTENCES = re.compile(r"[.?]\s+[A-Z]|。.")
#: What only the vendor's developers know, or nobody should be told.
_NOT_OURS = re.compile(r"\bdac\b|\bsfs\b|\bRPC\b|tenant|!|！|您|\{|\}|successfully|below|下方|  ", re.IGNORECASE)


def keys(vendor: Vendor, group: str) -> set[str]:
    return {
        entry.code + (f"/{entry.status}" if entry.status else "")
        for entry in words.entries(vendor)
        if entry.group == group
    }


def test_the_table_holds_every_documented_error_and_no_other() -> None:
    documents = contract("metastudio")
    assert len(documents.errors) == 457
    assert keys(METASTUDIO, "codes") == {f"{row.code}/{row.status}" for row in documents.errors}
    assert keys(METASTUDIO, "generic") == {f"{row.code}/{row.status}" for row in documents.generic_errors}


def test_the_table_holds_every_status_and_every_code_of_the_socket() -> None:
    documents = contract("softsugar")
    assert len(documents.status_codes) == 22
    assert keys(SOFTSUGAR, "status") == {str(row.code) for row in documents.status_codes}
    told = {frame.code for frame in documents.frames if frame.direction == "down"}
    assert keys(SOFTSUGAR, "socket") == {f"socket_{code}" for code in told}


@pytest.mark.parametrize("entry", ENTRIES, ids=_IDS)
def test_its_sentences_are_whole_in_both_languages(entry: words.Entry) -> None:
    english, chinese = entry.words.en, entry.words.zh
    assert [text for text in english if not text.endswith(".") or _CHINESE.search(text)] == []
    assert [text for text in chinese if not text.endswith("。") or not _CHINESE.search(text)] == []
    assert [text for text in chinese if _ENGLISH.search(text)] == []
    assert [text for text in (english[0], chinese[0]) if _TWO_SENTENCES.search(text)] == []
    assert [text for text in (*english, *chinese) if _NOT_OURS.search(text)] == []
    assert [text for text in (*english, *chinese) if text != text.strip()] == []
    assert english[0] not in entry.said


def test_one_code_under_two_statuses_has_two_sentences() -> None:
    name, concurrency = (words.find(METASTUDIO, "MSS.41000002", status) for status in (400, 403))
    assert name is not None
    assert concurrency is not None
    assert name.anchor == concurrency.anchor
    assert name.words != concurrency.words
    assert words.find(METASTUDIO, "MSS.41000002") == name


def test_placeholders_of_the_vendors_templates_never_reach_a_screen() -> None:
    printed = [row.message for row in contract("metastudio").errors if "{" in row.message]
    assert len(printed) > 5
    assert [text for entry in ENTRIES for text in entry.said if "{" in text] == []
    assert words.clip("limit {0}M, now {1}M") == "limit …M, now …M"


def test_a_detail_tells_no_secret() -> None:
    assert "s3cret" not in words.clip("The URL is invalid! rtmp://push.example/live/s3cret")
    assert "s3cret" not in words.clip('{"stream_key": "s3cret"}')


@pytest.mark.parametrize(
    ("error", "code", "heard", "label"),
    [
        (metastudio.of_answer("MSS.20010053", 500, ""), "MSS.20010053", "nothing", "MetaStudio MSS.20010053"),
        (metastudio.of_job("MSS.20010053", ""), "MSS.20010053", "maybe", "MetaStudio MSS.20010053"),
        (metastudio.of_job("", ""), "failed", "maybe", "MetaStudio failed"),
        (metastudio.blocked("rude"), "blocked", "maybe", "MetaStudio blocked"),
        (metastudio.ours("no_script"), "no_script", "nothing", "Talkback no script"),
        (softsugar.of_status(97), "97", "nothing", "SoftSugar 97"),
        (softsugar.of_status(39, heard="maybe"), "39", "maybe", "SoftSugar 39"),
        (softsugar.of_status(50, heard=None), "50", "maybe", "SoftSugar 50"),
        (softsugar.of_status(99, heard=None), "99", "nothing", "SoftSugar 99"),
        (softsugar.of_status(1234), "1234", "nothing", "SoftSugar 1234"),
        (softsugar.of_socket(5), "socket_5", "maybe", "SoftSugar channel 5"),
        (softsugar.of_socket(6), "socket_6", "nothing", "SoftSugar channel 6"),
        (softsugar.of_envelope(97, "满"), "envelope_97", "nothing", "SoftSugar code 97"),
        (softsugar.of_http(401), "http_401", "nothing", "SoftSugar HTTP 401"),
        (softsugar.of_http(302), "http_302", "nothing", "SoftSugar HTTP 302"),
    ],
)
def test_a_refusal_says_whether_anything_was_heard(error: VendorError, code: str, heard: str, label: str) -> None:
    vendor = METASTUDIO if label.startswith(("MetaStudio", "Talkback")) else SOFTSUGAR
    assert (error.code, error.heard, words.label(vendor, code)) == (code, heard, label)


def test_a_number_of_an_envelope_is_no_status() -> None:
    """SoftSugar's envelope may say 97 and mean something else than status 97."""
    assert softsugar.of_envelope(97, "x").happened != softsugar.of_status(97).happened
    nearest = words.nearest(SOFTSUGAR, "envelope_97")
    assert nearest is not None
    assert nearest.code == "envelope"


def test_every_refusal_of_our_own_has_words() -> None:
    """A gateway that names a code without words would fail where it was to refuse."""
    for vendor in Vendor:
        sources = (ROOT / vendor).glob("*.py")
        named = {code for path in sources for code in re.findall(r'errors\.ours\("(\w+)"', path.read_text("utf-8"))}
        assert len(named) > 5
        assert {code for code in named if words.find(vendor, code) is None} == set()


def test_an_envelope_that_refuses_the_login_says_so() -> None:
    refused, gone = softsugar.of_envelope(401, "认证失败: token 无效"), softsugar.of_envelope(404, "session 不存在")
    assert refused.happened == softsugar.of_http(401).happened
    assert gone.happened != softsugar.of_http(404).happened
    assert words.nearest(SOFTSUGAR, refused.code) == words.find(SOFTSUGAR, "http_401")


def test_a_code_without_words_is_no_quiet_accident() -> None:
    with pytest.raises(KeyError):
        words.error(METASTUDIO, "no-such-thing")
