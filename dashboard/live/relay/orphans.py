"""What an earlier keeper of a job was doing when it went: nobody knows how it ended, and nothing of it goes again."""

from __future__ import annotations

from dashboard.live.relay.doubts import doubt
from dashboard.live.relay.outcomes import sounds
from dashboard.vendors.models import Command, CommandState


def orphaned_commands(job_ids: tuple[int, ...], relay: str) -> list[Command]:
    """What an earlier keeper of these jobs was sending: marked unknown, never sent again (the fence)."""
    orphans = list(Command.objects.filter(job_id__in=job_ids, state=CommandState.SENDING).exclude(relay=relay))
    for command in orphans:
        doubt(command, "relay_lost")
    sounds.orphaned(job_ids)
    return orphans
