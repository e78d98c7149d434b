"""One order everywhere: what SoftSugar will play is what our ledger says, whatever was moved, cancelled or lost."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay.sessions import session_of
from dashboard.takeover import strangers
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.order import To
from dashboard.takeover.services.cancel_many import cancel_items
from dashboard.takeover.services.move import move_takeover
from dashboard.takeover.states import Mode, Source, TakeoverState
from dashboard.vendors.models import Command, CommandState, VendorKind
from dashboard.vendors.port import Accepted, PlayAt, Say
from dashboard.vendors.registry import make_gateway
from tests.flows.stage import Stage

LONG = "这是一段很长的话，" * 30 + "说完需要很久。"
WAITS_AT_VENDOR = (TakeoverState.QUEUED,)


async def standing(stage: Stage, count: int) -> tuple[Job, list[Takeover]]:
    """A room where a long sentence plays, slowly enough to hold, and `count` wait behind it at the vendor."""
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    long = await stage.say(job, LONG, Mode.NOW)
    await stage.until_item(long, "playing", within=25)
    await stage.control.put("/sandbox/clock", json={"speed": 1.0})
    items = [await stage.say(job, f"第{number}句话，请大家仔细听好，马上就说到了。") for number in range(count)]
    for item in items:
        await stage.until_item(item, "queued")
    return job, items


async def vendor_order(stage: Stage, job: Job) -> list[str]:
    """What the vendor itself lists, without what it plays."""
    account = await in_thread(lambda: Job.objects.select_related("account").get(pk=job.pk).account)
    gateway = make_gateway(account, clock.current())
    try:
        listing = await gateway.queue(await in_thread(session_of, await stage.fresh(job)))
    finally:
        await gateway.close()
    assert isinstance(listing, Accepted)
    return list(listing.value.trace_ids)[1:]


def ledger_order(job: Job) -> list[str]:
    """What our queue says, the script behind everything."""
    waits = Takeover.objects.filter(IS_OPEN, job=job, state__in=WAITS_AT_VENDOR)
    rows = sorted(waits, key=lambda item: (item.source == Source.SCRIPT, item.place, item.pk))
    return [item.trace_id for item in rows]


async def until_one_order(stage: Stage, job: Job, within: float = 8.0) -> list[str]:
    async def is_one() -> bool:
        busy = Command.objects.filter(job_id=job.pk, kind__in=("reorder", "compare"), state__in=("ready", "sending"))
        if await in_thread(busy.exists):
            return False
        return await vendor_order(stage, job) == await in_thread(ledger_order, job)

    await stage.until_async(is_one, "the vendor's order is ours", within)
    return await vendor_order(stage, job)


async def move(stage: Stage, item: Takeover, to: To, beside: Takeover | None = None) -> None:
    def press() -> None:
        fresh = Takeover.objects.select_related("room", "job__account", "job__room").get(pk=item.pk)
        move_takeover(item=fresh, to=to, anchor=beside, user=stage.user, actor=stage.actor)

    await in_thread(press)


def people(order: Sequence[str], items: Sequence[Takeover]) -> list[int]:
    """Which of `items` stand in that order, by their index."""
    index = {item.trace_id: at for at, item in enumerate(items)}
    return [index[trace_id] for trace_id in order if trace_id in index]


async def test_moves_are_carried_out_at_the_vendor_and_heard_in_that_order(stage: Stage) -> None:
    job, items = await standing(stage, 4)
    await move(stage, items[3], To.BEFORE, items[0])
    await move(stage, items[0], To.TAIL)
    assert people(await until_one_order(stage, job), items) == [3, 1, 2, 0]
    await stage.control.put("/sandbox/clock", json={"speed": 14.0})
    for item in items:
        await stage.until_item(item, "done", within=30)
    heard = [row for item in items for row in await stage.audible(item.text)]
    assert people([row["ref"] for row in sorted(heard, key=lambda row: row["seq"])], items) == [3, 1, 2, 0]


async def test_inserts_and_cancels_between_moves_end_in_one_order(stage: Stage) -> None:
    job, items = await standing(stage, 4)
    await move(stage, items[2], To.HEAD)
    inserted = await stage.say(job, "这一句插在前面，请大家先听这一句。", Mode.INSERT)
    await move(stage, items[0], To.TAIL)
    gone = [await stage.fresh(items[1])]

    def cancel() -> None:
        rows = Takeover.objects.select_related("room", "job__account", "job__room").filter(pk=gone[0].pk)
        cancel_items(items=list(rows), user=stage.user, actor=stage.actor)

    await in_thread(cancel)
    await stage.until_item(items[1], "cancelled")
    await stage.until_item(inserted, "queued")
    all_of_them = [*items, inserted]
    assert people(await until_one_order(stage, job), all_of_them) == [4, 2, 3, 0]


async def test_now_goes_first_and_leaves_the_rest_in_order(stage: Stage) -> None:
    job, items = await standing(stage, 3)
    await move(stage, items[2], To.HEAD)
    now = await stage.say(job, "这一句马上就说，打断现在的话，请注意。", Mode.NOW)
    await move(stage, items[0], To.TAIL)
    await stage.until_item(now, "playing", "done")
    assert people(await until_one_order(stage, job), items) in ([2, 1, 0], [1, 0])


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("timeout_after", {}),
        ("timeout_before", {}),
        ("error", {"status": 502}),
        ("latency", {"params": {"seconds": 0.8}}),
    ],
    ids=lambda value: str(value),
)
async def test_a_reorder_whose_answer_is_lost_or_late_is_put_right(
    stage: Stage, kind: str, fields: dict[str, object]
) -> None:
    job, items = await standing(stage, 3)
    params = fields if "params" in fields else {"params": fields}
    await stage.fault(kind, vendor="softsugar", endpoint="queue_reorder", count=1, **params)
    await move(stage, items[2], To.BEFORE, items[0])
    await move(stage, items[0], To.TAIL)
    assert people(await until_one_order(stage, job, within=12), items) == [2, 1, 0]
    failed = Command.objects.filter(
        job_id=job.pk, kind="reorder", state__in=(CommandState.REJECTED, CommandState.UNKNOWN)
    )
    assert not await in_thread(failed.exists)


async def test_a_vendor_that_refuses_every_reorder_is_asked_five_times_and_told_of(stage: Stage) -> None:
    job, items = await standing(stage, 2)
    await stage.fault("error", vendor="softsugar", endpoint="queue_reorder", params={"status": 502})
    await move(stage, items[1], To.HEAD)

    def given_up() -> Command | None:
        return Command.objects.filter(
            job_id=job.pk, kind__in=("reorder", "compare"), state=CommandState.UNKNOWN
        ).first()

    command = await stage.until(given_up, "it is given up", within=20)
    assert command.attempts == 5
    await stage.clear_faults()
    await move(stage, items[1], To.TAIL)
    await move(stage, items[1], To.HEAD)
    assert people(await until_one_order(stage, job), items) == [1, 0]


async def test_an_order_that_somebody_else_changed_is_put_right_with_the_next_queued(stage: Stage) -> None:
    job, items = await standing(stage, 3)
    account = await in_thread(lambda: Job.objects.select_related("account").get(pk=job.pk).account)
    gateway = make_gateway(account, clock.current())
    session = await in_thread(session_of, await stage.fresh(job))
    await gateway.reorder(session, items[2].trace_id, 1, lambda: True)
    await gateway.close()
    more = await stage.say(job, "再来一句话，让我们看看顺序对不对。")
    await stage.until_item(more, "queued")
    assert people(await until_one_order(stage, job), [*items, more]) == [0, 1, 2, 3]


async def test_many_random_moves_by_several_hands_end_in_one_order(stage: Stage) -> None:
    job, items = await standing(stage, 6)
    dice = random.Random(5)
    for _ in range(30):
        item, beside = dice.sample(items, 2)
        await move(stage, item, dice.choice(list(To)), beside)
    order = await until_one_order(stage, job)
    assert sorted(people(order, items)) == [0, 1, 2, 3, 4, 5]


async def test_what_somebody_else_sends_is_shown_as_not_ours_and_can_be_cancelled(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "UNCLAIMED_S", 0.3)
    job, items = await standing(stage, 2)
    gateway = make_gateway(stage.accounts[VendorKind.SOFTSUGAR], clock.current())
    session = await in_thread(session_of, await stage.fresh(job))
    link = gateway.link(session)
    assert link is not None
    assert isinstance(await link.open(), Accepted)
    words = "这一句不是从控制台发出来的，请注意。"
    sent = await gateway.say(session, Say("from-elsewhere", words, PlayAt.END, place=1), link, lambda: True)
    assert isinstance(sent, Accepted)
    theirs = Takeover.objects.filter(job=job, source=Source.FOREIGN)
    item = await stage.until(lambda: theirs.first(), "it is in our ledger")
    await stage.until_item(item, "queued")
    await move(stage, items[1], To.HEAD)  # ours are ordered around it
    assert people(await until_our_order(stage, job), items) == [1, 0]

    def cancel() -> None:
        rows = Takeover.objects.select_related("room", "job__account", "job__room").filter(pk=item.pk)
        cancel_items(items=list(rows), user=stage.user, actor=stage.actor)

    await in_thread(cancel)
    await stage.until_item(item, "cancelled")
    assert await stage.audible(words) == []
    await link.close()
    await gateway.close()


async def until_our_order(stage: Stage, job: Job) -> list[str]:
    """As `until_one_order`, without what is not ours."""
    foreign = set(await in_thread(lambda: list(Takeover.objects.filter(job=job, source=Source.FOREIGN))))
    strange = {item.trace_id for item in foreign}

    async def is_one() -> bool:
        vendor = [ref for ref in await vendor_order(stage, job) if ref not in strange]
        return vendor == [ref for ref in await in_thread(ledger_order, job) if ref not in strange]

    await stage.until_async(is_one, "ours stand in our order", 8.0)
    return [ref for ref in await vendor_order(stage, job) if ref not in strange]
