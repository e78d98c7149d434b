"""Any order, any batches and any repeats of one life's facts end in the same state (docs/live.md, 4).

Each life is recorded through the real `record_many` on a database, once as drawn and once in its natural order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dashboard.events.kinds import Fact, Item, JobState, Kind
from dashboard.events.models import Event, Source
from dashboard.events.record import record_many
from dashboard.jobs.models import Job
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.takeover import projection
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import derive
from dashboard.vendors.models import Command, VendorAccount, VendorKind
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

REPLY = "reply-of-the-vendor"
LIMITS = settings(
    derandomize=True,
    max_examples=80,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # shrinking would take minutes
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Step:
    """One fact of a life: what is told, and how its key differs from others of its kind."""

    kind: Kind
    key: str = ""
    why: str = ""
    by_reply: bool = False


SOFTSUGAR_LIFE = [
    Step(Kind.ITEM_SENDING, "1"),
    Step(Kind.ITEM_QUEUED),
    Step(Kind.ITEM_STARTED),
    Step(Kind.ITEM_FINISHED),
    Step(Kind.ITEM_FAILED),
    Step(Kind.ITEM_UNSURE, why="timeout"),
    Step(Kind.ITEM_UNSURE, "late", why="not_reported"),
    Step(Kind.ITEM_LEFT, why="left_queue"),
    Step(Kind.ITEM_CANCEL_REQUESTED),
    Step(Kind.ITEM_CANCEL_SENT, "11"),
    Step(Kind.ITEM_CANCEL_SENT, "12"),
    Step(Kind.ITEM_CANCELLED, "11"),
    Step(Kind.ITEM_REFUSED),
    Step(Kind.ITEM_MARKED_SPOKEN),
]
METASTUDIO_LIFE = [
    Step(Kind.ITEM_SENDING, "1"),
    Step(Kind.ITEM_ACCEPTED),
    Step(Kind.ITEM_STARTED, by_reply=True),
    Step(Kind.ITEM_FINISHED, by_reply=True),
    Step(Kind.ITEM_UNSURE, why="timeout"),
    Step(Kind.ITEM_UNSURE, "late", why="not_reported"),
    Step(Kind.ITEM_REFUSED),
    Step(Kind.ITEM_MARKED_SPOKEN),
]
LIVES = {VendorKind.SOFTSUGAR: SOFTSUGAR_LIFE, VendorKind.METASTUDIO: METASTUDIO_LIFE}


class Life:
    """One takeover on air, and how its facts are recorded."""

    def __init__(self, job: Job, item: Takeover) -> None:
        self.job, self.item = job, item

    def fact(self, step: Step) -> Fact:
        kinds = list(Kind)
        # Times follow the natural order, whatever the order of arrival.
        at = self.item.requested_at + timedelta(milliseconds=100 + 10 * kinds.index(step.kind))
        trace_id = REPLY if step.by_reply else self.item.trace_id
        return self._fact(step.kind, Item(trace_id=trace_id, why=step.why), f"{step.kind}:{trace_id}:{step.key}", at)

    def takes(self, estimate_ms: int) -> None:
        Takeover.objects.filter(pk=self.item.pk).update(estimate_ms=estimate_ms)

    def listed(self, after_s: float) -> None:
        """A listing had the job so long after the press."""
        at = self.item.requested_at + timedelta(seconds=after_s)
        VendorAccount.objects.filter(pk=self.job.account_id).update(poll_ok_at=at)

    def end(self) -> Fact:
        return self.says("ended", 5)

    def says(self, state: str, after_s: float) -> Fact:
        at = self.item.requested_at + timedelta(seconds=after_s)
        return self._fact(Kind.JOB_STATE, JobState(says=state, by="poll"), state, at)

    def _fact(self, kind: Kind, payload: Item | JobState, key: str, at: datetime) -> Fact:
        return Fact(
            kind=kind,
            payload=payload,
            source=Source.VENDOR,
            dedupe_key=key,
            at=at,
            team_id=self.job.team_id,
            account_id=self.job.account_id,
            room_id=self.job.room_id,
            job_id=self.job.pk,
        )

    def record(self, *facts: Fact) -> None:
        record_many(facts, PROJECTIONS)
        if any(fact.kind == Kind.ITEM_ACCEPTED for fact in facts):
            # As the relay does it, right after the answer that names the vendor's reference.
            fresh = Takeover.objects.select_related("job__account", "job__room", "room").get(pk=self.item.pk)
            projection.bind_reference(fresh, REPLY)

    def now(self) -> Takeover:
        return Takeover.objects.get(pk=self.item.pk)


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves no trace: the next course starts from the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def courses(life: list[Step]) -> st.SearchStrategy[list[list[Step]]]:
    """Some steps of a life, each once to three times, in any order, cut into batches at any place."""
    few = st.lists(st.sampled_from(life), min_size=1, max_size=4)  # where many come, the strongest hides the others
    repeated = few | few | st.lists(st.sampled_from(life), min_size=5, max_size=len(life) + 4)
    return st.tuples(repeated, st.lists(st.integers(min_value=1, max_value=5), min_size=20, max_size=20)).map(_cut)


def _cut(drawn: tuple[list[Step], list[int]]) -> list[list[Step]]:
    steps, sizes = list(drawn[0]), list(drawn[1])
    batches = []
    while steps:
        size = sizes.pop(0) if sizes else 5
        batches.append(steps[:size])
        steps = steps[size:]
    return batches


def in_order(course: list[list[Step]], life: list[Step]) -> list[Step]:
    had = {step for batch in course for step in batch}
    return [step for step in life if step in had]


def make_life(cast: Cast, vendor: VendorKind) -> Life:
    job = make.on_air(make.room(make.account(cast.alpha, vendor)), cast.oki)
    return Life(job, make.takeover(job, cast.oki))


def play(life: Life, record: Callable[[], None]) -> str:
    """The state that `record` ends in; the row keeps what `derive` says, and the words are asked for once."""
    with undone():
        record()
        item = life.now()
        assert item.state == derive(item)
        assert Command.objects.filter(trace_id=item.trace_id, kind="say").count() == 1
        assert not Event.objects.filter(job_id=life.job.pk, outcome="failed").exists()
        return item.state


@pytest.mark.parametrize("vendor", VendorKind)
def test_any_order_ends_alike(cast: Cast, vendor: VendorKind) -> None:
    """On MetaStudio start and end come under the vendor's own reference, before or after we know whose it is."""
    life_of, life = LIVES[vendor], make_life(cast, vendor)

    @given(course=courses(life_of))
    @LIMITS
    def ends_alike(course: list[list[Step]]) -> None:
        def as_drawn() -> None:
            for batch in course:
                life.record(*map(life.fact, batch))

        def naturally() -> None:
            for step in in_order(course, life_of):
                life.record(life.fact(step))

        assert play(life, as_drawn) == play(life, naturally)

    ends_alike()


@pytest.mark.parametrize("vendor", VendorKind)
def test_the_end_of_the_job_may_come_before_or_after_any_notice(cast: Cast, vendor: VendorKind) -> None:
    """Our own claim is durable before a byte leaves, so it precedes; all else comes in any order."""
    life = make_life(cast, vendor)
    said = [step for step in LIVES[vendor] if step.kind != Kind.ITEM_SENDING]

    @given(course=courses(said), at=st.integers(min_value=0, max_value=4))
    @LIMITS
    def ends_alike(course: list[list[Step]], at: int) -> None:
        def as_drawn() -> None:
            life.record(life.fact(Step(Kind.ITEM_SENDING, "1")))
            flat = [life.fact(step) for batch in course for step in batch]
            flat.insert(min(at, len(flat)), life.end())
            for fact in flat:
                life.record(fact)

        def naturally() -> None:
            life.record(life.fact(Step(Kind.ITEM_SENDING, "1")))
            for step in in_order(course, said):
                life.record(life.fact(step))
            life.record(life.end())

        state = play(life, as_drawn)
        assert state == play(life, naturally)
        assert state in ("done", "cancelled", "failed", "rejected", "unknown")  # nothing is on its way any more

    ends_alike()


@pytest.mark.parametrize("vendor", VendorKind)
def test_the_end_of_the_job_before_anything_left(cast: Cast, vendor: VendorKind) -> None:
    life = make_life(cast, vendor)
    life.record(life.end())
    assert (life.now().state, life.now().reason) == ("cancelled", "the job ended")
    assert [command.state for command in Command.objects.filter(trace_id=life.item.trace_id)] == ["withdrawn"]


@pytest.mark.parametrize("vendor", VendorKind)
@pytest.mark.parametrize(
    ("estimate_ms", "listed_after_s", "state"),
    [(3_000, 5, "done"), (3_000, 2, "unknown"), (3_000, None, "unknown"), (30_000, 5, "cancelled")],
)
def test_what_was_heard_when_the_job_ended_is_reckoned_by_its_length(
    cast: Cast, vendor: VendorKind, estimate_ms: int, listed_after_s: int | None, state: str
) -> None:
    """Its end was told to nobody; five seconds after the press we hear that the job, gone from some time on, ended."""
    life = make_life(cast, vendor)
    life.takes(estimate_ms)
    life.record(life.fact(Step(Kind.ITEM_SENDING, "1")))
    life.record(life.fact(Step(Kind.ITEM_STARTED)))
    if listed_after_s is not None:
        life.listed(listed_after_s)
    life.record(life.end())
    assert life.now().state == state
    assert life.now().unknown_reason == ("job_ended" if state == "unknown" else "")


@pytest.mark.parametrize("vendor", VendorKind)
@pytest.mark.parametrize("late", [Kind.ITEM_FINISHED, Kind.ITEM_CANCELLED, Kind.ITEM_STARTED])
def test_a_late_word_of_what_its_job_took_along(cast: Cast, vendor: VendorKind, late: Kind) -> None:
    life = make_life(cast, vendor)
    life.takes(3_000)
    life.listed(2)
    life.record(life.fact(Step(Kind.ITEM_SENDING, "1")))
    if late != Kind.ITEM_STARTED:
        life.record(life.fact(Step(Kind.ITEM_STARTED)))
    life.record(life.end())
    assert life.now().state == "unknown"
    life.record(life.fact(Step(late, "11" if late == Kind.ITEM_CANCELLED else "")))
    expected = {Kind.ITEM_FINISHED: "done", Kind.ITEM_CANCELLED: "cancelled", Kind.ITEM_STARTED: "unknown"}
    assert life.now().state == expected[late]
    assert (life.now().left_at is None) == (late != Kind.ITEM_STARTED)


def test_a_pause_makes_its_length_tell_nothing(cast: Cast) -> None:
    life = make_life(cast, VendorKind.SOFTSUGAR)
    life.takes(3_000)
    life.listed(5)
    life.record(life.fact(Step(Kind.ITEM_SENDING, "1")))
    life.record(life.fact(Step(Kind.ITEM_STARTED)))
    life.record(life.says("paused", 2), life.says("live", 3), life.end())
    assert life.now().state == "unknown"


@pytest.mark.parametrize("vendor", VendorKind)
def test_the_vendors_word_of_an_end_replaces_what_was_reckoned(cast: Cast, vendor: VendorKind) -> None:
    life = make_life(cast, vendor)
    life.takes(3_000)
    life.listed(5)
    for fact in (Step(Kind.ITEM_SENDING, "1"), Step(Kind.ITEM_STARTED)):
        life.record(life.fact(fact))
    life.record(life.end())
    assert life.now().state == "done"
    told = life.fact(Step(Kind.ITEM_FINISHED))
    life.record(told)
    assert (life.now().state, life.now().finished_at) == ("done", told.at)


@pytest.mark.parametrize("change", [{"kind": "voice", "estimate_ms": 0}, {"cancel_sent_after_s": 1}])
def test_a_microphone_and_what_was_cancelled_are_cut_off_by_the_end_of_the_job(
    cast: Cast, change: dict[str, object]
) -> None:
    life = make_life(cast, VendorKind.SOFTSUGAR)
    life.record(life.fact(Step(Kind.ITEM_SENDING, "1")))
    life.record(life.fact(Step(Kind.ITEM_STARTED)))
    if "cancel_sent_after_s" in change:
        at = life.item.requested_at + timedelta(seconds=1)
        change = {"estimate_ms": 3_000, "cancel_sent_at": at, "cancel_requested_at": at}
    Takeover.objects.filter(pk=life.item.pk).update(**change)
    life.record(life.end())
    assert life.now().state == "cancelled"
