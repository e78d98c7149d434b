"""Sends what is heard: sentences, and the clip that silences a room."""

from __future__ import annotations

from dashboard.lib.threads import in_thread
from dashboard.live.relay.outcomes.control import silenced
from dashboard.live.relay.outcomes.items import said
from dashboard.live.relay.ready import Ready
from dashboard.takeover.models import Kind
from dashboard.takeover.states import Mode, Source
from dashboard.vendors import words
from dashboard.vendors.port import Gateway, Guard, Link, PlayAt, PlayClip, Rejected, Say, Vendor


def not_offered() -> Rejected:
    """A change of the scene, say, which belongs to one vendor only."""
    return Rejected(words.error(Vendor.METASTUDIO, "capability"))


async def say(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    item, command = ready.words, ready.command
    if gateway.vendor == Vendor.SOFTSUGAR:
        # Its place in our queue is what counts: people may have moved it since they said how it should go.
        at = PlayAt.NOW if item.mode == Mode.NOW else PlayAt.END
    else:
        at = PlayAt(command.body.get("at", PlayAt.NEXT))
    is_script = item.source == Source.SCRIPT
    say = Say(
        item.trace_id,
        item.text,
        at,
        ssml=item.kind == Kind.SSML,
        lacks=tuple(ready.job.room.config.get("voice_lacks") or ()),
        role=item.role,
        is_script=is_script,
        place=None if is_script else ready.place,
    )
    outcome = await gateway.say(ready.session, say, link, guard)
    written_only = gateway.capabilities().reports_queued
    await in_thread(said, item, command, outcome, written_only=written_only)


async def clip(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    url = ready.job.account.capabilities.get("silent_clip_url", "")
    if not url:
        await in_thread(silenced, ready.job, ready.command, Rejected(words.error(Vendor.METASTUDIO, "silent_clip")))
        return
    outcome = await gateway.play_clip(ready.session, PlayClip(ready.command.trace_id, url, PlayAt.NOW), guard)
    await in_thread(silenced, ready.job, ready.command, outcome)
