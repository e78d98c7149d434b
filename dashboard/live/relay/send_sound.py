"""Sends clips: MetaStudio is told where to fetch one; over SoftSugar's channel it is streamed like a voice (B32).

A streamed clip lasts longer than any answer may take, so the lane does not wait for it: what is said *now* meanwhile
must get through to cut it. The stream ends by itself, with its link, or by a cancel; it is never begun twice.
"""

from __future__ import annotations

import asyncio

from dashboard.lib.threads import in_thread
from dashboard.library import files
from dashboard.library.addresses import fetch_url
from dashboard.library.models import Clip
from dashboard.live.relay.outcomes import sounds
from dashboard.live.relay.outcomes.items import said
from dashboard.live.relay.ready import Ready
from dashboard.live.relay.sound import FRAME_BYTES, Voice, frames_of
from dashboard.vendors.port import Accepted, Gateway, Guard, Link, NotSent, PlayAt, PlayClip, Vendor

#: Streams that go on behind their lanes; each ends with its clip, its link or its relay.
_streams: set[asyncio.Task[None]] = set()


async def sound(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    item, command = ready.words, ready.command
    clip = await in_thread(Clip.objects.filter(pk=item.params.get("clip"), team_id=item.team_id).first)
    if clip is None:
        await in_thread(said, item, command, sounds.no_file(), written_only=False)
    elif gateway.vendor == Vendor.METASTUDIO:
        url = fetch_url(clip.pk, ready.job.account)
        at = PlayAt(command.body.get("at", PlayAt.NEXT))
        outcome = await gateway.play_clip(ready.session, PlayClip(item.trace_id, url, at, item.role), guard)
        await in_thread(said, item, command, outcome, written_only=False)
    else:
        await _stream(ready, clip, link, guard)


async def _stream(ready: Ready, clip: Clip, link: Link | None, guard: Guard) -> None:
    item, command = ready.words, ready.command
    try:
        pcm = await in_thread(files.sound(clip.stored_as).read_bytes)
    except OSError:
        await in_thread(said, item, command, sounds.no_file(), written_only=False)
        return
    if link is None or not guard():
        unsent = NotSent("link_down" if link is None else "overtaken")
        await in_thread(said, item, command, unsent, written_only=False)
        return
    voice = Voice(item.job_id, link, item.trace_id, ready.alive)
    opened = await voice.open()
    if not isinstance(opened, Accepted):
        await in_thread(sounds.not_opened, item, command, opened)
        return
    await in_thread(sounds.opened, item)
    stream = asyncio.create_task(_feed(voice, ready, pcm), name=f"clip:{item.pk}")
    _streams.add(stream)
    stream.add_done_callback(_streams.discard)


async def _feed(voice: Voice, ready: Ready, pcm: bytes) -> None:
    fed = await voice.feed(frames_of(pcm))
    await voice.end()
    is_whole = voice.frames_sent * FRAME_BYTES >= len(pcm)
    if is_whole:
        return  # the vendor tells its end
    if voice.was_stopped:
        await in_thread(sounds.stopped, ready.words)
    elif not isinstance(fed, Accepted):
        await in_thread(sounds.cut_short, ready.words, seconds=voice.seconds_sent, why="link_lost")
