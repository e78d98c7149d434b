"""Clips of the library: what can't be played is refused with a sentence; only the team and a signed address hear."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import reverse

from dashboard.audit.models import AuditEntry
from dashboard.lib.errors import Invalid
from dashboard.library import addresses, files
from dashboard.library.models import Clip
from dashboard.library.services import clips as services
from dashboard.library.services.clips import ClipDraft, add_clip, remove_clip
from dashboard.library.waveforms import waveform
from dashboard.takeover.models import Kind, Takeover
from dashboard.takeover.services import ask
from dashboard.takeover.wish import Wish
from dashboard.vendors.models import Command, VendorKind
from tests import cast as make
from tests.cast import METASTUDIO, Cast
from tests.sounds import wav

pytestmark = pytest.mark.django_db


def add(cast: Cast, data: bytes, file_name: str = "a.wav") -> Clip:
    draft = ClipDraft("叮咚", "欢迎光临", file_name, [data])
    return add_clip(team=cast.alpha, draft=draft, user=cast.pia.user, actor=cast.pia.actor)


def body(answer: HttpResponse | Iterable[bytes]) -> bytes:
    return b"".join(answer)


@pytest.mark.parametrize(
    ("seconds", "rate", "channels"), [(2.0, 44_100, 2), (1.5, 8_000, 1), (0.5, 48_000, 1), (3.0, 16_000, 1)]
)
def test_any_rate_becomes_16_khz_mono(cast: Cast, seconds: float, rate: int, channels: int) -> None:
    clip = add(cast, wav(seconds, rate=rate, channels=channels))
    pcm = files.sound(clip.stored_as).read_bytes()
    assert clip.duration_ms == pytest.approx(seconds * 1000, abs=30)
    assert len(pcm) == pytest.approx(seconds * 32_000, abs=1000)
    assert clip.form == "wav"
    assert 20 <= max(clip.peaks) <= 40
    assert len(clip.peaks) <= 200
    assert AuditEntry.objects.get(action="add_clip").target_id == clip.pk


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\x00.wav", "<script>.mp3", "名" * 400, "con.wav\r\nX: y", ""])
def test_a_hostile_file_name_is_only_text(cast: Cast, name: str) -> None:
    clip = add(cast, wav(0.5), name)
    assert clip.file_name == name.replace("\x00", "")[:255]
    for path in (files.original(clip.stored_as), files.sound(clip.stored_as)):
        assert path.parent == files.folder()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.folder().stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF" + b"\0" * 200,
        b"ID3" + b"x" * 5000,
        b"\xff\xfb\x90\x00" * 50,
        b"<html>",
        b"#!/bin/sh\nrm -rf /\n",
        wav(0.0),
    ],
)
def test_what_is_no_sound_is_refused_and_leaves_nothing(cast: Cast, data: bytes) -> None:
    before = set(files.folder().iterdir())
    with pytest.raises(Invalid) as refused:
        add(cast, data)
    assert refused.value.field == "file"
    assert set(files.folder().iterdir()) == before
    assert not Clip.objects.exists()


def test_too_much_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "LARGEST", 50_000)
    with pytest.raises(Invalid, match="larger than"):
        add(cast, wav(2.0))
    monkeypatch.setattr(services, "LARGEST", 10_000_000)
    monkeypatch.setattr(services, "LONGEST_S", 1)
    with pytest.raises(Invalid, match="may last"):
        add(cast, wav(2.0))
    assert not list(files.folder().glob("*.tmp"))
    assert not Clip.objects.exists()


def test_a_producer_uploads_and_everybody_of_the_team_listens(cast: Cast, sign_in: Any) -> None:
    url, add_url = (reverse(f"library:{name}", args=["alpha"]) for name in ("clips", "add_clip"))
    upload = SimpleUploadedFile("../x.wav", wav(1.0))
    answer = sign_in(cast.pia).post(add_url, {"file": upload, "name": "片头", "transcript": "叮咚"})
    assert answer.status_code == 302
    clip = Clip.objects.get()
    page = sign_in(cast.vic).get(url).content.decode()
    assert "片头" in page
    assert reverse("library:listen", args=["alpha", clip.pk]) in page
    sound = sign_in(cast.vic).get(reverse("library:listen", args=["alpha", clip.pk]))
    assert (sound["Content-Type"], sound["X-Content-Type-Options"]) == ("audio/wav", "nosniff")
    assert body(sound) == files.original(clip.stored_as).read_bytes()
    bad = sign_in(cast.pia).post(add_url, {"file": SimpleUploadedFile("x.mp3", b"no"), "name": "没有声音"})
    assert bad.status_code == 422
    assert "MP3, WAV, FLAC and OGG can." in bad.content.decode()


def test_a_player_gets_the_part_it_asks_for(cast: Cast, sign_in: Any) -> None:
    clip = make.clip(cast.alpha, cast.pia)
    url, whole = reverse("library:listen", args=["alpha", clip.pk]), files.original(clip.stored_as).read_bytes()
    for wanted, first, last in (
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, len(whole) - 1),
        ("bytes=-10", len(whole) - 10, len(whole) - 1),
    ):
        answer = sign_in(cast.vic).get(url, headers={"Range": wanted})
        assert (answer.status_code, answer["Content-Range"]) == (206, f"bytes {first}-{last}/{len(whole)}")
        assert body(answer) == whole[first : last + 1]
    assert sign_in(cast.vic).get(url, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416


def test_a_vendor_fetches_by_a_signed_address_that_ends(
    cast: Cast, sign_in: Any, settings: Any, monkeypatch: Any
) -> None:
    settings.PUBLIC_URL = "https://talkback.example"
    clip = make.clip(cast.alpha, cast.pia)
    url = addresses.fetch_url(clip.pk, make.account(cast.alpha, METASTUDIO))
    path = url.removeprefix("https://talkback.example")
    assert body(sign_in().get(path)) == files.original(clip.stored_as).read_bytes()
    assert sign_in().get(path[:-1] + "x").status_code == 404
    monkeypatch.setattr(addresses, "VALID_S", timedelta(seconds=-1))
    assert sign_in().get(path).status_code == 404


def test_what_the_vendors_documents_do_not_name_is_fetched_as_wav(cast: Cast, sign_in: Any, settings: Any) -> None:
    settings.PUBLIC_URL = "https://talkback.example"
    clip = make.clip(cast.alpha, cast.pia)
    Clip.objects.filter(pk=clip.pk).update(form="flac")
    answer = sign_in().get(
        addresses.fetch_url(clip.pk, make.account(cast.alpha, METASTUDIO)).removeprefix("https://talkback.example")
    )
    sound = body(answer)
    assert answer["Content-Type"] == "audio/wav"
    assert sound == files.wav_header(len(sound) - 44) + files.sound(clip.stored_as).read_bytes()
    assert sound[:4] == b"RIFF"


@pytest.mark.parametrize("vendor", VendorKind)
def test_a_clip_is_one_takeover_with_its_words_and_length(cast: Cast, settings: Any, vendor: str) -> None:
    settings.PUBLIC_URL = "https://talkback.example"
    job = make.on_air(make.room(make.account(cast.alpha, vendor)), cast.oki)
    clip = make.clip(cast.alpha, cast.pia, transcript="欢迎光临", seconds=2.0)
    wish = Wish("", kind=Kind.AUDIO, params={"clip": clip.pk})
    first, second = (
        ask.request_takeover(job=job, wish=wish, user=cast.oki.user, actor=cast.oki.actor, key="k") for _ in range(2)
    )
    assert first.pk == second.pk
    assert (first.text, first.estimate_ms) == ("开场音乐: 欢迎光临", 2000)
    assert Command.objects.get(trace_id=first.trace_id).kind == "sound"


def test_what_cannot_be_played_is_refused_before_anything_is_written(cast: Cast, settings: Any) -> None:
    settings.PUBLIC_URL = ""
    job = make.on_air(make.room(make.account(cast.alpha, VendorKind.METASTUDIO)), cast.oki)
    theirs = make.clip(cast.omega, cast.zoe)
    removed = make.clip(cast.alpha, cast.pia)
    remove_clip(clip=removed, actor=cast.pia.actor)
    for pk, why in (
        (theirs.pk, "public address|no longer"),
        (removed.pk, "public address|no longer"),
        (10**9, "public address|no longer"),
        (make.clip(cast.alpha, cast.pia).pk, "public address"),
    ):
        with pytest.raises(Exception, match=why):
            ask.request_takeover(
                job=job,
                wish=Wish("", kind=Kind.AUDIO, params={"clip": pk}),
                user=cast.oki.user,
                actor=cast.oki.actor,
                key="k",
            )
    assert not Takeover.objects.exists()


def test_a_waveform_is_a_small_picture() -> None:
    assert waveform([0, 50, 100]) == "M0.5 49v2M1.5 25v50M2.5 0v100"
