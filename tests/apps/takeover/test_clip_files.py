"""The files of a clip that was taken from the library go once nothing may play it any more, and not before."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.lib.clock import ManualClock
from dashboard.library import addresses, files
from dashboard.library.models import Clip
from dashboard.library.services.clips import remove_clip
from dashboard.live.relay.sweep import sweep
from dashboard.takeover.models import Kind as ItemKind
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import ask, clip_files, settle
from dashboard.takeover.wish import Wish
from dashboard.vendors.models import VendorKind
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
RELAY = "relay-of-the-test"
LONG = clip_files.GRACE_S + 1


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    return make.on_air(make.room(make.account(cast.alpha)), cast.oki)


def play(job: Job, cast: Cast, clip: Clip) -> Takeover:
    wish = Wish("", kind=ItemKind.AUDIO, params={"clip": clip.pk})
    return ask.request_takeover(job=job, wish=wish, user=cast.oki.user, actor=cast.oki.actor, key=f"play-{clip.pk}")


def is_there(clip: Clip) -> bool:
    paths = [files.original(clip.stored_as), files.sound(clip.stored_as)]
    found = {path.exists() for path in paths}
    assert len(found) == 1
    return found == {True}


def test_what_nothing_plays_goes_a_while_after_it_was_removed(cast: Cast, manual_clock: ManualClock) -> None:
    kept, removed = make.clip(cast.alpha, cast.pia), make.clip(cast.alpha, cast.pia)
    remove_clip(clip=removed, actor=cast.pia.actor)
    sweep(RELAY)
    assert is_there(removed)  # somebody may have chosen it in this moment
    manual_clock.advance(LONG)
    sweep(RELAY)
    assert (is_there(kept), is_there(removed)) == (True, False)
    removed.refresh_from_db()
    assert (removed.name, removed.files_gone_at) == ("开场音乐", manual_clock.now())
    manual_clock.advance(LONG)
    assert clip_files.forget_unused() == 0


def test_what_a_takeover_still_needs_stays_until_that_is_over(cast: Cast, job: Job, manual_clock: ManualClock) -> None:
    clip, other = make.clip(cast.alpha, cast.pia), make.clip(cast.alpha, cast.pia)
    item = play(job, cast, clip)
    play(job, cast, other)
    remove_clip(clip=clip, actor=cast.pia.actor)
    manual_clock.advance(LONG)
    clip_files.forget_unused()
    assert is_there(clip)
    settle.cancel_takeover(item=item, user=cast.oki.user, actor=cast.oki.actor)
    clip_files.forget_unused()
    assert (is_there(clip), is_there(other)) == (False, True)


def test_what_may_still_be_heard_stays_until_its_job_ends(cast: Cast, job: Job, manual_clock: ManualClock) -> None:
    clip = make.clip(cast.alpha, cast.pia)
    make.happened(play(job, cast, clip), Kind.ITEM_SENDING, Kind.ITEM_UNSURE, why="timeout")
    remove_clip(clip=clip, actor=cast.pia.actor)
    manual_clock.advance(LONG)
    clip_files.forget_unused()
    assert is_there(clip)
    Job.objects.filter(pk=job.pk).update(state="ended")
    clip_files.forget_unused()
    assert not is_there(clip)


def test_nobody_finds_it_any_more(cast: Cast, sign_in: Any, settings: Any, manual_clock: ManualClock) -> None:
    settings.PUBLIC_URL = "https://talkback.example"
    clip = make.clip(cast.alpha, cast.pia)
    fetch = addresses.fetch_url(clip.pk, make.account(cast.alpha, VendorKind.METASTUDIO)).removeprefix(
        "https://talkback.example"
    )
    listen = reverse("library:listen", args=["alpha", clip.pk])
    assert [sign_in(cast.vic).get(url).status_code for url in (fetch, listen)] == [200, 200]
    remove_clip(clip=clip, actor=cast.pia.actor)
    manual_clock.advance(LONG)
    clip_files.forget_unused()
    assert [sign_in(cast.vic).get(url).status_code for url in (fetch, listen)] == [404, 404]
