"""The help page of error codes: found by code, by words of either language, never anything but text."""

from __future__ import annotations

import gzip
import re
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from dashboard.vendors import help as codes
from dashboard.vendors import words
from dashboard.vendors.port import Vendor
from dashboard.vendors.said import help_url
from tests.cast import Cast, Person

pytestmark = pytest.mark.django_db
URL = "/t/alpha/help/errors"
_NAMED = re.compile(r'<article class="vcode" id="([^"]+)"')


def page(who: Person, **query: object) -> str:
    client = Client()
    client.force_login(who.user)
    answer = client.get(URL, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def found(who: Person, **query: object) -> list[str]:
    return _NAMED.findall(page(who, **query))


def test_a_code_is_found_and_explained(cast: Cast) -> None:
    html = page(cast.vic, q="MSS.20010053")
    assert _NAMED.findall(html) == ["metastudio-MSS.20010053"]
    for text in (
        "HTTP 500",
        "Invalid command, please check your command",
        "MetaStudio does not know this command.",
        "Nothing was heard.",
        "This is a fault of Talkback; report it with the request ID.",
        'id="found-count" role="status">1 code<',
    ):
        assert text in html


def test_the_code_itself_comes_first_however_it_is_written(cast: Cast) -> None:
    assert found(cast.oki, q="20010074")[0] == "metastudio-MSS.20010074"
    assert found(cast.oki, q="softsugar 97")[0] == "softsugar-97"
    assert found(cast.oki, q="97", vendor="softsugar")[0] == "softsugar-97"
    assert found(cast.oki, q="channel 5")[0] == "softsugar-socket_5"
    assert found(cast.oki, q="http 401", vendor="softsugar")[0] == "softsugar-http_401"


def test_words_of_either_language_find_it_in_either_language(cast: Cast) -> None:
    in_english, in_chinese = found(cast.oki, q="concurrent live jobs"), found(cast.oki, q="直播并发数")
    assert "metastudio-MSS.20010065" in in_english
    assert "metastudio-MSS.20010065" in in_chinese
    assert found(cast.oki, q="insufficient resource live concurrent") == ["metastudio-MSS.20010065"]  # the vendor's own


def test_the_page_speaks_the_viewers_language(cast: Cast) -> None:
    cast.oki.user.language = "zh-hans"
    cast.oki.user.save()
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(cast.oki.user)
    html = client.get(URL, {"q": "MSS.20010065"}).content.decode()
    assert "该账号的直播并发数已用满。" in html
    assert "All concurrent live jobs" not in html
    assert '<q lang="en">insufficient resource live concurrent quota</q>' in html


def test_one_code_with_two_meanings_shows_both(cast: Cast) -> None:
    html = page(cast.oki, q="MSS.41000002")
    assert _NAMED.findall(html) == ["metastudio-MSS.41000002"]
    assert "HTTP 400" in html
    assert "HTTP 403" in html


def test_the_vendor_filter_leaves_only_that_vendor(cast: Cast) -> None:
    assert {one.split("-")[0] for one in found(cast.oki, vendor="softsugar")} == {"softsugar"}
    assert {one.split("-")[0] for one in found(cast.oki, vendor="metastudio")} == {"metastudio"}
    assert found(cast.oki, vendor="no-such") == []


@pytest.mark.parametrize(
    "hostile",
    ['"><script>alert(1)</script>', "' OR 1=1 --", "{{ 7|add:7 }}", "%s %(x)s {0}", "\x07", "(" * 90, "[", "\\"],
)
def test_a_hostile_search_is_only_text(cast: Cast, hostile: str) -> None:
    html = page(cast.vic, q=hostile, vendor=hostile, page=hostile)
    assert "<script>alert" not in html
    assert 'value="14"' not in html
    assert html.count('<form class="tools"') == 1


def test_nothing_found_says_what_to_do(cast: Cast) -> None:
    html = page(cast.vic, q="no such thing anywhere")
    assert _NAMED.findall(html) == []
    assert "No code fits this search." in html
    assert f'href="{URL}"' in html


def test_all_codes_are_on_the_pages_once(cast: Cast) -> None:
    total = len(codes.search(""))
    pages = -(-total // codes.CODES_PER_PAGE)
    shown = [anchor for number in range(1, pages + 1) for anchor in found(cast.vic, page=number)]
    assert len(shown) == len(set(shown)) == total
    assert set(shown) == {entry.anchor for vendor in Vendor for entry in words.entries(vendor)}


def test_a_page_of_codes_stays_small(cast: Cast) -> None:
    for number in (1, 5):
        assert len(gzip.compress(page(cast.vic, page=number).encode())) < 40_000


def test_paging_and_links_keep_the_search(cast: Cast) -> None:
    assert "?q=MetaStudio&amp;vendor=metastudio&amp;page=2" in page(cast.vic, q="MetaStudio", vendor="metastudio")


def test_every_link_to_a_code_lands_on_it(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.vic.user)
    for vendor, code, anchor in (
        (Vendor.METASTUDIO, "MSS.20010053", "metastudio-MSS.20010053"),
        (Vendor.METASTUDIO, "no_script", "metastudio-no_script"),
        (Vendor.METASTUDIO, "MSS.77", "metastudio-other"),
        (Vendor.SOFTSUGAR, "97", "softsugar-97"),
        (Vendor.SOFTSUGAR, "socket_5", "softsugar-socket_5"),
        (Vendor.SOFTSUGAR, "envelope_40001", "softsugar-envelope"),
        (Vendor.SOFTSUGAR, "http_302", "softsugar-http"),
    ):
        url = help_url("alpha", vendor, code)
        assert (urlsplit(url).path, urlsplit(url).fragment) == (reverse("vendors:help_errors", args=["alpha"]), anchor)
        assert f'id="{anchor}"' in client.get(url.partition("#")[0]).content.decode()


def test_every_code_is_found_by_its_own_name() -> None:
    with translation.override("en"):
        for vendor in Vendor:
            for entry in words.entries(vendor):
                first = codes.search(entry.code, str(vendor))[0]
                assert entry in first, entry.label
