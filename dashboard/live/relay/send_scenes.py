"""Sends a change of the scene: with words it goes along with them, alone it is a call of its own."""

from __future__ import annotations

from dataclasses import replace

from dashboard.lib.threads import in_thread
from dashboard.live.relay.outcomes import items
from dashboard.live.relay.ready import Ready
from dashboard.live.relay.send_words import not_offered
from dashboard.takeover.states import Mode
from dashboard.vendors.port import Gateway, Guard, Link, PlayAt, Say


async def scene(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    item, command = ready.words, ready.command
    change = item.params["change"]
    if gateway.scenes is None:
        outcome = not_offered()
        await in_thread(items.said, item, command, outcome, written_only=False)
    elif item.params.get("speaks"):
        at = PlayAt.NOW if item.mode == Mode.NOW else PlayAt.END
        say = Say(item.trace_id, item.text, at, place=ready.place)
        told = await gateway.say(ready.session, replace(say, change=change), link, guard)
        await in_thread(items.said, item, command, told, written_only=gateway.capabilities().reports_queued)
    else:
        await in_thread(items.shown, item, command, await gateway.scenes.change(ready.session, change, guard))
