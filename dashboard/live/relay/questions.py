"""What is asked of a vendor about one job: its state, its queue, its session."""

from __future__ import annotations

from dashboard.jobs.models import Job
from dashboard.jobs.services.session import renew_session
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.intake.accept import accept
from dashboard.live.intake.facts import Heard, fact_of
from dashboard.live.relay.outcomes.adoption import adopt
from dashboard.live.relay.outcomes.drift import compared
from dashboard.live.relay.outcomes.queue import queue_read
from dashboard.vendors.port import Accepted, Gateway, Outcome, Session, SessionOpened


async def look(job: Job, session: Session, gateway: Gateway) -> Outcome[SessionOpened]:
    """Ask the vendor for this one job's state now, and for what opens its doors: both may be new; what it answered."""
    shown = await gateway.show_job(session)
    if not isinstance(shown, Accepted):
        return shown
    await in_thread(renew_session, job, shown.value)
    if shown.value.report is not None:
        asked = shown.value.report.at.timestamp()
        fact = fact_of(job, shown.value.report, Heard("stat", f"stat:{asked:.3f}"))
        await in_thread(accept, fact)
    return shown


async def read_queue(job: Job, session: Session, gateway: Gateway) -> bool:
    """Settle doubts by the vendor's own queue, where it has one. False where it could not be read."""
    if not gateway.capabilities().queue_query:
        return True
    listing = await gateway.queue(session)
    if not isinstance(listing, Accepted):
        return False
    await in_thread(queue_read, job, listing.value)
    return True


async def compare(job: Job, session: Session, gateway: Gateway) -> bool:
    """Hold what we know of a running job against the vendor's own record of it, where it keeps one."""
    if gateway.steering is None:
        return True
    asked_at = clock.now()
    room = await gateway.steering.room_of(session)
    if not isinstance(room, Accepted):
        return False
    played = await gateway.steering.script_round(session)
    told = played.value if isinstance(played, Accepted) else None
    await in_thread(compared, job, room.value, told, asked_at)
    return True


async def adopt_if_found(job: Job, session: Session, gateway: Gateway, *, by: str) -> bool:
    """Bind a session that the vendor runs; its token is read again from the vendor (B33)."""
    shown = await gateway.show_job(session)
    if not isinstance(shown, Accepted):
        return False
    await in_thread(adopt, job, shown.value, by=by)
    return True
