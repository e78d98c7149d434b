"""A claimed command with all that is needed to send it: its job, its session, the words or items it is about."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.live.intake.accept import accept
from dashboard.live.relay.outcomes import cancels
from dashboard.takeover.ends import cut_unconfirmed
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.selectors import people_ahead
from dashboard.vendors.models import SPEAKS, Command, CommandKind
from dashboard.vendors.port import Guard, Session, always


@dataclass(slots=True)
class Ready:
    """Read in one go, in the transaction of the claim."""

    command: Command
    job: Job
    session: Session
    item: Takeover | None = None
    items: tuple[Takeover, ...] = ()
    place: int | None = None
    #: Whether this relay still keeps the job: for what takes longer than a call may.
    alive: Guard = always

    @property
    def words(self) -> Takeover:
        """The item that a say speaks."""
        if self.item is None:
            raise LookupError(f"{self.command.kind} {self.command.trace_id} was claimed without its words")
        return self.item


def read_subject(ready: Ready) -> None:
    """Load what the command is about, and record in the claim's transaction that it leaves."""
    command, job = ready.command, ready.job
    if command.kind in SPEAKS and command.subject:
        ready.item = Takeover.objects.whole(command.trace_id)
        ready.place = people_ahead(ready.item) + 1
        accept(item_fact(ready.item, Kind.ITEM_SENDING, key=str(command.attempts)))
    elif command.kind == CommandKind.CANCEL:
        items = Takeover.objects.filter(IS_OPEN, job=job, claimed_at__isnull=False).select_related("job__account")
        if not command.body.get("all"):
            items = items.filter(pk__in=command.body.get("items", []))
        # What an earlier try of this cancel ended counts as its doing, whose answer was lost.
        before = cut_unconfirmed(job.pk, command.created_at) if command.attempts > 1 else []
        asked = command.body.get("items")
        ready.items = (*items, *(item for item in before if asked is None or item.pk in asked))
        cancels.cancel_left(command, ready.items)
