"""Marked-up words at the console's edge: refused with the place, kept on the page, said in the vendor's own dialect."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dashboard.jobs.models import Job
from dashboard.lib.errors import Conflict, Invalid
from dashboard.lib.ssml.tags import LONGEST
from dashboard.live.relay.outcomes.items import said
from dashboard.takeover.models import Kind, Takeover
from dashboard.takeover.services import ask
from dashboard.takeover.states import Mode
from dashboard.takeover.wish import Wish, wish_of
from dashboard.vendors.metastudio import ssml as metastudio
from dashboard.vendors.models import Command, VendorKind
from dashboard.vendors.port import Accepted, PlayAt, Rejected, SaidRef, Say
from dashboard.vendors.softsugar import ssml as softsugar
from tests import cast as make
from tests.cast import Cast
from tests.unit.lib.test_ssml import BOMBS, WRONG

pytestmark = pytest.mark.django_db

RICH = (
    '<speak>大家好！<break time="1s"/><emotion type="HAPPY">今天到手价<say-as interpret-as="money">199</say-as>元。'
    '</emotion><sub alias="小样">赠品</sub>都有，<prosody rate="80">慢慢看</prosody>。</speak>'
)
HEARD = "大家好！今天到手价199元。小样都有，慢慢看。"


def on_air(cast: Cast, vendor: str, **config: object) -> Job:
    room = make.room(make.account(cast.alpha, vendor))
    room.config = {**room.config, **config}
    room.save(update_fields=["config"])
    return make.on_air(room, cast.oki)


def request(job: Job, cast: Cast, text: str, key: str = "k", **params: object) -> Takeover:
    wish = Wish(text, Mode.APPEND, kind=Kind.SSML, params=params)
    return ask.request_takeover(job=job, wish=wish, user=cast.oki.user, actor=cast.oki.actor, key=key)


def post(client: Client, name: str, job: Job, **data: Any) -> HttpResponse:
    url = reverse(name, args=["alpha", job.room.code])
    return client.post(url, data, headers={"HX-Request": "true", "Idempotency-Key": "k"})


@pytest.mark.parametrize("vendor", VendorKind)
def test_marked_up_words_are_kept_as_written_and_shown_as_heard(cast: Cast, vendor: str) -> None:
    item = request(on_air(cast, vendor), cast, RICH)
    assert (item.kind, item.text, item.words) == (Kind.SSML, RICH, HEARD)
    text = make.takeover(item.job, cast.oki, text=HEARD)
    # SoftSugar gets the words alone, so no pause is heard there.
    assert item.estimate_ms - text.estimate_ms == (
        0 if vendor == VendorKind.SOFTSUGAR else pytest.approx(1300, abs=300)
    )
    assert Command.objects.get(trace_id=item.trace_id).kind == "say"


def test_what_softsugar_is_not_given_is_not_offered_and_named_while_it_is_typed(cast: Cast, sign_in: Any) -> None:
    pages = {vendor: on_air(cast, vendor) for vendor in VendorKind}
    client = sign_in(cast.oki)
    shown = {
        vendor: client.get(reverse("console:desk", args=["alpha", job.room.code])).content.decode()
        for vendor, job in pages.items()
    }
    assert shown[VendorKind.SOFTSUGAR].count("data-ssml-untaken") == 6
    assert 'data-ssml-tool="sub"' in shown[VendorKind.SOFTSUGAR]
    assert 'data-ssml-tool="break"' not in shown[VendorKind.SOFTSUGAR]
    assert 'data-ssml-tool="break"' in shown[VendorKind.METASTUDIO]
    assert "data-ssml-untaken" not in shown[VendorKind.METASTUDIO]
    read = {
        vendor: post(client, "takeover:read_ssml", job, text=RICH).content.decode() for vendor, job in pages.items()
    }
    assert "SoftSugar gets the words without: Pause, Read as, Speed, Emotion" in read[VendorKind.SOFTSUGAR]
    assert "1 s pause" not in read[VendorKind.SOFTSUGAR]
    assert "1 s pause" in read[VendorKind.METASTUDIO]
    assert "gets the words without" not in read[VendorKind.METASTUDIO]


def test_the_desk_shows_the_words_and_not_the_tags(cast: Cast, sign_in: Any) -> None:
    job = on_air(cast, VendorKind.SOFTSUGAR)
    request(job, cast, RICH)
    page = sign_in(cast.oki).get(reverse("console:desk", args=["alpha", job.room.code])).content.decode()
    assert HEARD in page
    assert "&lt;emotion" not in page


@pytest.mark.parametrize(("source", "code", "there"), [one for one in WRONG if one[0].strip()])
def test_what_is_wrong_is_refused_with_its_place_and_nothing_is_written(
    cast: Cast, source: str, code: str, there: str
) -> None:
    job = on_air(cast, VendorKind.METASTUDIO)
    before = Takeover.objects.count(), Command.objects.count()
    with pytest.raises(Invalid, match=r"line \d+, character \d+: ") as refused:
        request(job, cast, source)
    assert refused.value.field == "text"
    assert (Takeover.objects.count(), Command.objects.count()) == before


HOSTILE = {
    **BOMBS,
    "131,072 characters": "<speak>" + "好" * (LONGEST - 15) + "</speak>",
    "one more": "<speak>" + "好" * (LONGEST - 14) + "</speak>",
    "right to left": '<speak>مرحبا <break time="1s"/>بالعالم</speak>',
    "emoji": "<speak>👩🏽‍🚀😀 大家好，欢迎来到直播间</speak>",
    "bell": "<speak>a\x07b</speak>",
    "nothing": "",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("view", ["takeover:read_ssml", "takeover:create"])
def test_hostile_words_leave_the_page_alive(cast: Cast, sign_in: Any, name: str, view: str) -> None:
    job = on_air(cast, VendorKind.METASTUDIO)
    answer = post(sign_in(cast.oki), view, job, text=HOSTILE[name], kind="ssml", mode="append", key="k")
    is_fine = name in ("131,072 characters", "right to left", "emoji")
    assert answer.status_code == (200 if view.endswith("read_ssml") else 204 if is_fine else 422)
    assert ("X-Draft-Done" in answer) == (is_fine and view.endswith("create"))  # else the page keeps the words


@pytest.mark.parametrize("view", ["takeover:read_ssml", "takeover:create"])
def test_broken_utf8_leaves_the_page_alive(cast: Cast, sign_in: Any, view: str) -> None:
    job = on_air(cast, VendorKind.METASTUDIO)
    url = reverse(view, args=["alpha", job.room.code])
    words = b"<speak>\xff\xfe\xe5\xa5</speak>"
    head = b'--x\r\nContent-Disposition: form-data; name="'
    bodies = {
        "application/x-www-form-urlencoded": b"kind=ssml&mode=append&key=k&text=%3Cspeak%3E%ff%fe%e5%a5%3C%2Fspeak%3E",
        "multipart/form-data; boundary=x": head + b'text"\r\n\r\n' + words + b"\r\n--x--\r\n",
    }
    for kind, body in bodies.items():
        answer = sign_in(cast.oki).post(url, body, content_type=kind, headers={"HX-Request": "true"})
        assert answer.status_code in (200, 204, 422)


def test_reading_leads_to_the_fault_in_the_browsers_own_counting(cast: Cast, sign_in: Any) -> None:
    job = on_air(cast, VendorKind.METASTUDIO)
    answer = post(sign_in(cast.vic), "takeover:read_ssml", job, text='<speak>😀\r\n<break time="1ms"/></speak>')
    page = answer.content.decode()
    assert 'data-ssml-goto="23"' in page  # an emoji is two units to a browser
    assert "line 2, character 14" in page


def test_reading_shows_what_is_heard(cast: Cast, sign_in: Any) -> None:
    page = post(
        sign_in(cast.vic), "takeover:read_ssml", on_air(cast, VendorKind.METASTUDIO), text=RICH
    ).content.decode()
    assert "1 s pause" in page
    assert "<ruby>199<rp>(</rp><rt>as money</rt>" in page
    assert "speed 80 %" in page
    assert not Takeover.objects.exists()


def test_softsugar_counts_the_words_alone(cast: Cast) -> None:
    job = on_air(cast, VendorKind.SOFTSUGAR)
    with pytest.raises(Invalid, match="10 characters or more"):
        request(job, cast, '<speak>大家好<break time="1s"/></speak>')


# ------------------------------------------------------------------------------------------------ the vendors' dialects


def say(text: str, **more: Any) -> Say:
    return Say("t", text, PlayAt.END, ssml=True, **more)


def test_metastudio_takes_the_dialect_with_one_spelling_of_the_root() -> None:
    assert metastudio.words_of(say("<speack>你好<break time='1s'/><!-- so --></speack>")) == (
        '<speak>你好<break time="1s"/></speak>',
        (),
    )


def test_what_a_voice_does_not_know_is_left_out_and_told() -> None:
    text, removed = metastudio.words_of(say(RICH, lacks=("emotion", "prosody", "sub")))  # type: ignore[misc]
    assert removed == ("prosody", "emotion")
    assert text.startswith(
        '<speak>大家好！<break time="1s"/>今天到手价<say-as interpret-as="money">199</say-as>元。小样'
    )
    plain, all_gone = metastudio.words_of(say('<speak>好<break time="1s"/></speak>', lacks=("break",)))  # type: ignore[misc]
    assert (plain, all_gone) == ("好", ("break",))


def test_softsugar_is_given_the_words() -> None:
    assert softsugar.words_of(say(RICH)) == (HEARD, ("break", "say-as", "prosody", "emotion"))
    assert softsugar.words_of(Say("t", "<b>", PlayAt.END)) == ("<b>", ())


@pytest.mark.parametrize("dialect", [metastudio.words_of, softsugar.words_of])
def test_broken_words_never_go_on_air(dialect: Any) -> None:
    assert isinstance(dialect(say("<speak>")), Rejected)


def test_the_queue_says_what_was_left_out_and_sending_again_is_the_same_wish(cast: Cast, sign_in: Any) -> None:
    job = on_air(cast, VendorKind.SOFTSUGAR)
    item = request(job, cast, RICH)
    before = wish_of(item).digest
    said(
        item,
        Command.objects.get(trace_id=item.trace_id),
        Accepted(SaidRef("", ("break", "emotion"))),
        written_only=True,
    )
    item = Takeover.objects.get(pk=item.pk)
    assert item.removed == ["break", "emotion"]
    assert wish_of(item).digest == before
    page = sign_in(cast.oki).get(reverse("console:desk", args=["alpha", job.room.code])).content.decode()
    assert "said without &lt;break&gt; &lt;emotion&gt;, which SenseTime SoftSugar does not know here" in page


# ---------------------------------------------------------------------------------------------------------- the co-host


def test_a_co_host_speaks_where_the_room_has_one(cast: Cast) -> None:
    item = request(on_air(cast, VendorKind.METASTUDIO, co_voice_asset_id="voice-2"), cast, RICH, role="co_streamer")
    assert item.role == "co_streamer"


@pytest.mark.parametrize("vendor", VendorKind)
def test_nobody_speaks_as_a_co_host_that_is_not_there(cast: Cast, vendor: str) -> None:
    with pytest.raises(Conflict, match=r"Not sent: .*co-host|Not sent: .*one host"):
        request(on_air(cast, vendor), cast, RICH, role="co_streamer")
