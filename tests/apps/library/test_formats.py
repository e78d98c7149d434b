"""What people really upload: small encoded files of one tone (sounds/README.md) become the sound that is streamed."""

from __future__ import annotations

from array import array
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from dashboard.lib.errors import Invalid
from dashboard.library import addresses, files
from dashboard.library.models import Clip
from dashboard.library.services.clips import ClipDraft, add_clip
from dashboard.vendors.models import VendorKind
from tests import cast as make
from tests.cast import Cast

SOUNDS = Path(__file__).parent / "sounds"
FORMS = {"tone.mp3": "mp3", "tone.flac": "flac", "tone.ogg": "vorbis"}
TONE_HZ, LASTS_MS, PEAK = 440, 400, 27

pytestmark = pytest.mark.django_db


def add(cast: Cast, data: bytes, name: str) -> Clip:
    draft = ClipDraft("片头", "", name, [data[at : at + 1000] for at in range(0, len(data), 1000)])
    return add_clip(team=cast.alpha, draft=draft, user=cast.pia.user, actor=cast.pia.actor)


def pitch(pcm: bytes) -> float:
    """Waves a second: how often the sound rises through zero."""
    samples = array("h", pcm)
    rises = sum(before < 0 <= after for before, after in pairwise(samples))
    return rises * 16_000 / len(samples)


def stored() -> set[str]:
    return {path.stem for path in files.folder().iterdir()}


@pytest.mark.parametrize("name", FORMS)
def test_an_encoded_file_becomes_the_sound_it_holds(cast: Cast, name: str) -> None:
    clip = add(cast, (SOUNDS / name).read_bytes(), name)
    pcm = files.sound(clip.stored_as).read_bytes()
    assert clip.form == FORMS[name]
    assert clip.duration_ms == pytest.approx(LASTS_MS, abs=5)
    assert len(pcm) == pytest.approx(LASTS_MS * 32, abs=160)
    assert pitch(pcm) == pytest.approx(TONE_HZ, rel=0.02)
    assert max(clip.peaks) == pytest.approx(PEAK, abs=2)


@pytest.mark.parametrize("name", FORMS)
def test_its_name_proves_nothing(cast: Cast, name: str) -> None:
    assert add(cast, (SOUNDS / name).read_bytes(), "sound.wav").form == FORMS[name]


@pytest.mark.parametrize("name", FORMS)
def test_a_torn_file_is_what_is_left_of_it_or_refused(cast: Cast, name: str) -> None:
    whole, before = (SOUNDS / name).read_bytes(), stored()
    for part in (0.9, 0.7, 0.5, 0.2):
        torn = whole[: int(len(whole) * part)]
        try:
            clip = add(cast, torn, name)
        except Invalid:
            continue
        assert 200 <= clip.duration_ms <= LASTS_MS + 5
        assert files.sound(clip.stored_as).stat().st_size == pytest.approx(clip.duration_ms * 32, abs=32)
    assert stored() - before == {clip.stored_as for clip in Clip.objects.all()}  # what is refused leaves nothing


@pytest.mark.parametrize(("name", "kind"), [("tone.mp3", "audio/mpeg"), ("tone.flac", "audio/wav")])
def test_the_vendor_fetches_what_its_documents_name(
    cast: Cast, sign_in: Any, settings: Any, name: str, kind: str
) -> None:
    settings.PUBLIC_URL = "https://talkback.example"
    clip = add(cast, (SOUNDS / name).read_bytes(), name)
    url = addresses.fetch_url(clip.pk, make.account(cast.alpha, VendorKind.METASTUDIO)).removeprefix(
        "https://talkback.example"
    )
    fetched = sign_in().get(url)
    sound = b"".join(fetched)
    assert fetched["Content-Type"] == kind
    if name == "tone.mp3":
        assert sound == (SOUNDS / name).read_bytes()
    else:
        assert sound[44:] == files.sound(clip.stored_as).read_bytes()
    heard = sign_in(cast.vic).get(reverse("library:listen", args=["alpha", clip.pk]))
    assert b"".join(heard) == (SOUNDS / name).read_bytes()
