"""Moves of waiting items: relative, merged where they do not conflict, refused with a sentence where they do."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.http import HttpResponse
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from dashboard.audit.models import AuditEntry
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib.clock import ManualClock
from dashboard.lib.errors import Conflict
from dashboard.live.relay.outcomes import drops as outcomes
from dashboard.takeover import order, places, release
from dashboard.takeover.models import Takeover
from dashboard.takeover.order import PLACE_STEP, Standing, To
from dashboard.takeover.selectors import waiting_of
from dashboard.takeover.services import ask
from dashboard.takeover.services.move import Moved, move_takeover
from dashboard.takeover.states import Mode, Source
from dashboard.takeover.wish import Wish
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState, Rank, VendorKind
from dashboard.vendors.port import Accepted, Outcome, Rejected, Unknown, VendorError
from tests import cast as make
from tests.cast import Cast, Person

REFUSAL = VendorError(code="10003", happened=("Not there.", "不在。"), todo=("Look.", "看。"))
BOTH = pytest.mark.parametrize("vendor", VendorKind)


def on_air(cast: Cast, vendor: str = VendorKind.SOFTSUGAR, **capabilities: object) -> Job:
    job = make.on_air(make.room(make.account(cast.alpha, vendor, **capabilities)), cast.oki)
    if vendor == VendorKind.METASTUDIO:
        first = say(job, cast, "先说的一句，已经交给平台了。")
        make.happened(first, Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED)  # holds the only slot there is
    return job


@pytest.fixture
def softsugar(cast: Cast, manual_clock: ManualClock) -> Job:
    return on_air(cast)


@pytest.fixture
def metastudio(cast: Cast, manual_clock: ManualClock) -> Job:
    return on_air(cast, VendorKind.METASTUDIO)


def say(job: Job, cast: Cast, text: str, mode: Mode = Mode.APPEND, source: Source = Source.PERSON) -> Takeover:
    person = cast.oki if source != Source.RULE else None
    item = ask.request_takeover(
        job=job,
        wish=Wish(text, mode, source=source, label="" if person else "price rule"),
        user=person.user if person else None,
        actor=cast.oki.actor,
        key=f"say-{Takeover.objects.count()}",
    )
    return Takeover.objects.select_related("room", "job__account", "job__room").get(pk=item.pk)


def three(job: Job, cast: Cast) -> list[Takeover]:
    return [say(job, cast, f"第{number}句话，请大家仔细听好了。") for number in "一二三"]


def move(item: Takeover, to: To, beside: Takeover | None, who: Person, version: int | None = None) -> Moved:
    fresh = Takeover.objects.select_related("room", "job__account", "job__room").get(pk=item.pk)
    return move_takeover(item=fresh, to=to, anchor=beside, user=who.user, actor=who.actor, version=version)


def queue(job: Job) -> list[int]:
    return [item.number for item in waiting_of(job) if item.released_at is None]


def numbers(*items: Takeover) -> list[int]:
    return [item.number for item in items]


# -------------------------------------------------------------------------------------------------------- where it goes


@pytest.mark.django_db
@BOTH
def test_an_item_goes_before_after_to_the_head_and_to_the_tail(
    cast: Cast, manual_clock: ManualClock, vendor: str
) -> None:
    job = on_air(cast, vendor)
    a, b, c = three(job, cast)
    assert (move(c, To.BEFORE, a, cast.oki).position, queue(job)) == (
        1 + (vendor == VendorKind.METASTUDIO),
        numbers(c, a, b),
    )
    move(c, To.AFTER, a, cast.oki)
    assert queue(job) == numbers(a, c, b)
    move(b, To.HEAD, None, cast.oki)
    assert queue(job) == numbers(b, a, c)
    move(b, To.TAIL, None, cast.oki)
    assert queue(job) == numbers(a, c, b)


@pytest.mark.django_db
def test_a_move_is_a_fact_and_a_line_of_the_trail_and_standing_still_is_neither(softsugar: Job, cast: Cast) -> None:
    a, b, _c = three(softsugar, cast)
    before = Takeover.objects.get(pk=b.pk).version
    move(b, To.BEFORE, a, cast.oki)
    fact = Event.objects.get(kind=Kind.ITEM_MOVED)
    assert (fact.actor_id, fact.data["item"]) == (cast.oki.user.pk, b.number)
    line = AuditEntry.objects.get(action="move_takeover")
    assert (line.before, line.after) == ({"position": 2, "of": 3}, {"position": 1, "of": 3})
    assert Takeover.objects.get(pk=b.pk).version == before + 1
    move(b, To.HEAD, None, cast.oki)
    assert Event.objects.filter(kind=Kind.ITEM_MOVED).count() == 1


@pytest.mark.django_db
def test_gaps_that_are_used_up_are_made_anew_and_the_order_stays(softsugar: Job, cast: Cast) -> None:
    a, b, c = three(softsugar, cast)
    for _ in range(30):  # 1,024 halves ten times
        move(b, To.BEFORE, c, cast.oki)
        move(a, To.BEFORE, b, cast.oki)
        move(a, To.AFTER, b, cast.oki)
        assert queue(softsugar) == numbers(b, a, c)
    places_now = list(Takeover.objects.filter(pk__in=[a.pk, b.pk, c.pk]).values_list("place", flat=True))
    assert len(set(places_now)) == 3


@pytest.mark.django_db
def test_a_newcomer_goes_behind_its_own_rank_and_before_lower_ones(softsugar: Job, cast: Cast) -> None:
    rule = say(softsugar, cast, "规则说的一句话，欢迎大家来看。", source=Source.RULE)
    reply = say(softsugar, cast, "快捷回复的一句话，价格在这里。", source=Source.QUICK_REPLY)
    person = say(softsugar, cast, "有人写下的一句话，先说这一句。")
    next_one = say(softsugar, cast, "有人要马上接着说的一句话。", mode=Mode.INSERT)
    last_rule = say(softsugar, cast, "规则说的另一句话，谢谢大家。", mode=Mode.INSERT, source=Source.RULE)
    assert queue(softsugar) == numbers(next_one, person, reply, last_rule, rule)


# ------------------------------------------------------------------------------------------------------------- together


@pytest.mark.django_db
def test_two_people_who_move_different_items_both_win(softsugar: Job, cast: Cast) -> None:
    a, b, c = three(softsugar, cast)
    d = say(softsugar, cast, "第四句话，请大家也仔细听好了。")
    shown = {item.pk: item.version for item in (a, b, c, d)}
    move(d, To.BEFORE, a, cast.oki, shown[d.pk])
    move(c, To.BEFORE, b, cast.pia, shown[c.pk])
    assert queue(softsugar) == numbers(d, a, c, b)


@pytest.mark.django_db
def test_the_same_item_moved_by_two_is_refused_with_the_name(softsugar: Job, cast: Cast) -> None:
    a, b, c = three(softsugar, cast)
    shown = c.version
    move(c, To.BEFORE, a, cast.oki, shown)
    with pytest.raises(Conflict) as refused:
        move(c, To.BEFORE, b, cast.pia, shown)
    assert "Oki Wang" in refused.value.message
    assert str(c) in refused.value.message
    assert queue(softsugar) == numbers(c, a, b)
    # Where both want the same, both have it; and whoever moved it may go on from a page that lags behind.
    move(c, To.HEAD, None, cast.pia, shown)
    move(c, To.AFTER, a, cast.oki, shown)
    assert queue(softsugar) == numbers(a, c, b)


@pytest.mark.django_db
def test_a_step_that_the_vendor_told_meanwhile_is_no_conflict(softsugar: Job, cast: Cast) -> None:
    a, b, _c = three(softsugar, cast)
    shown = b.version
    make.happened(b, Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    move(b, To.BEFORE, a, cast.pia, shown)
    assert queue(softsugar)[0] == b.number


@pytest.mark.django_db
def test_beside_a_neighbour_that_left_it_stands_where_that_stood(softsugar: Job, cast: Cast) -> None:
    a, b, c = three(softsugar, cast)
    d = say(softsugar, cast, "第四句话，请大家也仔细听好了。")
    make.happened(b, Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_CANCELLED)
    move(d, To.BEFORE, b, cast.oki)
    assert queue(softsugar) == numbers(a, d, c)
    make.happened(a, Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    move(c, To.BEFORE, Takeover.objects.get(pk=a.pk), cast.oki)
    assert queue(softsugar) == numbers(c, d)


# ------------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.django_db
def test_metastudio_s_own_item_can_no_longer_be_moved_nor_preceded(metastudio: Job, cast: Cast) -> None:
    first = Takeover.objects.get(job=metastudio)
    a, b, _c = three(metastudio, cast)
    with pytest.raises(Conflict) as refused:
        move(first, To.TAIL, None, cast.oki)
    assert "no longer be moved" in refused.value.message
    move(b, To.BEFORE, first, cast.oki)
    assert [item.number for item in waiting_of(metastudio)][:2] == numbers(first, b)
    assert not Command.objects.filter(job_id=metastudio.pk, kind="reorder").exists()
    make.happened(first, Kind.ITEM_STARTED)  # the slot is free: the one that was moved to the front goes
    assert Takeover.objects.get(pk=b.pk).released_at is not None
    assert Takeover.objects.get(pk=a.pk).released_at is None


@pytest.mark.django_db
def test_a_rule_s_words_never_get_before_a_person_s(softsugar: Job, cast: Cast) -> None:
    a, b, _c = three(softsugar, cast)
    rule = say(softsugar, cast, "规则说的一句话，欢迎大家来看。", source=Source.RULE)
    reply = say(softsugar, cast, "快捷回复的一句话，价格在这里。", source=Source.QUICK_REPLY)
    with pytest.raises(Conflict) as refused:
        move(rule, To.BEFORE, a, cast.oki)
    assert "comes from a rule" in refused.value.message
    with pytest.raises(Conflict):
        move(b, To.AFTER, rule, cast.oki)
    move(rule, To.HEAD, None, cast.oki)  # as far to the front as it may go
    move(reply, To.HEAD, None, cast.oki)  # both are by people
    assert queue(softsugar) == numbers(reply, a, b, _c, rule)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ((Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED), "being heard"),
        ((Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED, Kind.ITEM_FINISHED), "does not wait"),
        ((Kind.ITEM_SENDING, Kind.ITEM_UNSURE), "Nobody knows"),
    ],
)
def test_what_does_not_wait_is_not_moved(softsugar: Job, cast: Cast, kinds: tuple[Kind, ...], words: str) -> None:
    a, b, _c = three(softsugar, cast)
    make.happened(a, *kinds)
    with pytest.raises(Conflict) as refused:
        move(a, To.AFTER, b, cast.oki)
    assert words in refused.value.message


@pytest.mark.django_db
def test_items_of_two_queues_can_not_stand_side_by_side(softsugar: Job, cast: Cast) -> None:
    a, *_rest = three(softsugar, cast)
    other = say(on_air(cast), cast, "另一个直播间里的一句话，不相干。")
    with pytest.raises(Conflict):
        move(a, To.BEFORE, other, cast.oki)


# ------------------------------------------------------------------------------------------------------ at the vendor


@pytest.mark.django_db
def test_softsugar_is_asked_once_however_many_moves_wait(softsugar: Job, cast: Cast) -> None:
    a, b, c = three(softsugar, cast)
    move(c, To.BEFORE, a, cast.oki)
    move(b, To.BEFORE, a, cast.pia)
    command = Command.objects.get(job_id=softsugar.pk, kind="reorder")
    assert (command.lane, command.state) == (f"job:{softsugar.pk}:order", CommandState.READY)


@pytest.mark.django_db
def test_after_each_queued_the_orders_are_compared_where_there_is_an_order(softsugar: Job, cast: Cast) -> None:
    a, b, _c = three(softsugar, cast)
    make.happened(a, Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    compared = Command.objects.filter(job_id=softsugar.pk, kind="compare")
    assert not compared.exists()
    make.happened(b, Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    assert compared.count() == 1


LETTERS = "abcdefgh"


@given(st.permutations(LETTERS), st.permutations(LETTERS), st.integers(0, 8), st.integers(0, 8))
def test_steps_bring_any_order_into_ours_with_the_fewest_moves(
    vendor: list[str], wanted: list[str], left: int, strangers: int
) -> None:
    """What only the vendor knows stays; what left it is not moved."""
    ours = wanted[left:]
    there = vendor[: 8 - strangers]
    moves = order.steps(there, ours)
    after = list(there)
    for step in moves:
        after.remove(step.trace_id)
        after.insert(step.place - 1, step.trace_id)
    assert [one for one in after if one in ours] == [one for one in ours if one in there]
    assert sorted(after) == sorted(there)
    assert len(moves) < max(1, len([one for one in there if one in ours]))
    assert order.steps(after, ours) == []


def test_one_move_to_the_end_is_one_step() -> None:
    assert [(step.trace_id, step.place) for step in order.steps(list("abcd"), list("bcda"))] == [("a", 4)]


@given(st.lists(st.sampled_from([2, 3, 4, 5]), max_size=8), st.sampled_from([2, 3, 4, 5]), st.booleans())
def test_newcomers_keep_rules_behind_people(ranks: list[int], rank: int, at_head: bool) -> None:
    queue: list[Standing] = []
    for number, one in enumerate([*ranks, rank]):
        index = order.index_of_newcomer(one, queue, at_head=at_head)
        queue.insert(index, Standing(number, one, 0))
    layers = [order.layer(one.rank) for one in queue]
    assert layers == sorted(layers)


# ------------------------------------------------------------------------------------------------------------- the view


def post(client: Any, name: str, *args: object, confirmed: bool = False, **fields: object) -> HttpResponse:
    headers = {"HX-Request": "true"} | ({"X-Confirmed": "1"} if confirmed else {})
    answer: HttpResponse = client.post(reverse(f"takeover:{name}", args=["alpha", *args]), fields, headers=headers)
    return answer


@pytest.mark.django_db
def test_the_page_is_told_where_the_item_stands_now(softsugar: Job, cast: Cast, sign_in: Any) -> None:
    a, _b, c = three(softsugar, cast)
    answer = post(sign_in(cast.oki), "move", c.pk, to="before", beside=a.pk, version=c.version)
    assert answer.status_code == 204
    assert unquote(answer["X-Announce"]).endswith(", now 1 of 3, saved")
    assert answer["X-Version"] == str(Takeover.objects.get(pk=c.pk).version)
    assert queue(softsugar)[0] == c.number


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{}, {"to": "sideways"}, {"to": "before", "beside": "x"}])
def test_a_move_to_nowhere_is_refused(softsugar: Job, cast: Cast, sign_in: Any, fields: dict[str, str]) -> None:
    a, *_rest = three(softsugar, cast)
    assert post(sign_in(cast.oki), "move", a.pk, **fields).status_code == 422


@pytest.mark.django_db
def test_several_are_cancelled_by_the_second_press_and_named(softsugar: Job, cast: Cast, sign_in: Any) -> None:
    a, b, c = three(softsugar, cast)
    client, chosen = sign_in(cast.oki), f"{a.pk},{c.pk}"
    assert post(client, "cancel_several", items=chosen).status_code == 428
    assert queue(softsugar) == numbers(a, b, c)
    answer = post(client, "cancel_several", items=chosen, confirmed=True)
    assert answer.status_code == 204
    assert str(a) in unquote(answer["X-Toast"])
    assert str(c) in unquote(answer["X-Toast"])
    assert queue(softsugar) == numbers(b)


@pytest.mark.django_db
def test_what_metastudio_has_is_kept_with_its_reason_and_nothing_else_leaves(
    metastudio: Job, cast: Cast, sign_in: Any
) -> None:
    first = Takeover.objects.get(job=metastudio)
    three(metastudio, cast)
    answer = post(sign_in(cast.oki), "cancel_waiting", metastudio.room.code, confirmed=True)
    told = unquote(answer["X-Toast"])
    assert f"Not cancelled: {first}" in told
    assert queue(metastudio) == []
    assert not Takeover.objects.filter(job=metastudio, released_at__isnull=False).exclude(pk=first.pk).exists()


@pytest.fixture
def dropping(cast: Cast, manual_clock: ManualClock) -> tuple[Job, list[Takeover]]:
    """A room of MetaStudio whose account has the newer calls: one item is at the vendor, three wait here."""
    job = on_air(cast, VendorKind.METASTUDIO, newer_calls=True)
    return job, [Takeover.objects.get(job=job), *three(job, cast)]


def drops(job: Job) -> list[Command]:
    return list(Command.objects.filter(job_id=job.pk, kind=CommandKind.DROP_INSERTED))


def dropped(job: Job, outcome: Outcome[None]) -> None:
    """The vendor's answer to the only drop there is."""
    (command,) = drops(job)
    assert outbox.claim(command, relay="r", epoch=1, still_mine=lambda: True)
    command.refresh_from_db()
    outcomes.dropped(Job.objects.select_related("room", "account").get(pk=job.pk), command, outcome)


@pytest.mark.django_db
def test_what_metastudio_has_is_dropped_there_by_one_request_where_the_account_can(
    dropping: tuple[Job, list[Takeover]], cast: Cast, sign_in: Any, manual_clock: ManualClock
) -> None:
    job, items = dropping
    for _press in range(2):
        post(sign_in(cast.oki), "cancel_waiting", job.room.code, confirmed=True)
    assert [command.body for command in drops(job)] == [{"items": [items[0].pk]}]
    there, *rest = [Takeover.objects.get(pk=item.pk) for item in items]
    assert (there.state, there.cancel_requested_at) == ("accepted", manual_clock.now())
    assert {item.state for item in rest} == {"cancelled"}
    manual_clock.advance(0.2)
    dropped(job, Accepted(None))
    there.refresh_from_db()
    assert there.state == "cancelled"


@pytest.mark.django_db
def test_what_cancel_all_will_cancel_is_named(dropping: tuple[Job, list[Takeover]], cast: Cast, sign_in: Any) -> None:
    job, items = dropping
    page = sign_in(cast.oki).get(reverse("console:desk", args=["alpha", job.room.code])).content.decode()
    (button,) = re.findall(r"<button[^>]*cancel-waiting[^>]*>", page)
    assert all(str(item) in button for item in items)
    told = unquote(post(sign_in(cast.oki), "cancel_waiting", job.room.code, confirmed=True)["X-Toast"])
    assert all(str(item) in told for item in items)
    assert "Not cancelled" not in told


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["refused", "nothing"])
def test_what_is_not_dropped_says_so_and_can_be_cancelled_once_more(
    dropping: tuple[Job, list[Takeover]], cast: Cast, sign_in: Any, answer: str
) -> None:
    job, items = dropping
    post(sign_in(cast.oki), "cancel_waiting", job.room.code, confirmed=True)
    dropped(job, Rejected(REFUSAL) if answer == "refused" else Unknown("timeout"))
    there = Takeover.objects.get(pk=items[0].pk)
    assert (there.state, there.cancel_requested_at) == ("accepted", None)
    assert there.error is not None
    post(sign_in(cast.oki), "cancel_waiting", job.room.code, confirmed=True)
    assert len(drops(job)) == 2


@pytest.mark.django_db
def test_what_began_before_the_drop_came_goes_on_as_what_it_is(
    dropping: tuple[Job, list[Takeover]], cast: Cast, sign_in: Any
) -> None:
    job, items = dropping
    post(sign_in(cast.oki), "cancel_waiting", job.room.code, confirmed=True)
    make.happened(items[0], Kind.ITEM_STARTED)
    dropped(job, Accepted(None))
    there = Takeover.objects.get(pk=items[0].pk)
    assert (there.state, there.cancel_requested_at) == ("playing", None)


@pytest.mark.django_db
def test_what_is_just_being_sent_is_kept_and_said(cast: Cast, manual_clock: ManualClock, sign_in: Any) -> None:
    job = on_air(cast, VendorKind.METASTUDIO, newer_calls=True)
    first = Takeover.objects.get(job=job)
    first.accepted_at = None
    first.save(update_fields=["accepted_at", *first.refresh_state()])
    three(job, cast)
    told = unquote(post(sign_in(cast.oki), "cancel_waiting", job.room.code, confirmed=True)["X-Toast"])
    assert f"Not cancelled: {first}. It is on its way" in told
    assert drops(job) == []


@pytest.mark.django_db
def test_several_rooms_are_cancelled_at_once_and_another_team_s_are_not(
    softsugar: Job, metastudio: Job, cast: Cast, sign_in: Any
) -> None:
    here, there = three(softsugar, cast), three(metastudio, cast)
    foreign_job = make.on_air(make.room(make.account(cast.omega)), cast.zoe)
    foreign = make.takeover(foreign_job, cast.zoe)
    chosen = f"{here[0].pk} {there[0].pk} {foreign.pk}"
    post(sign_in(cast.oki), "cancel_several", items=chosen, confirmed=True)
    assert queue(softsugar) == numbers(*here[1:])
    assert queue(metastudio) == numbers(*there[1:])
    assert Takeover.objects.get(pk=foreign.pk).state == "waiting"


@pytest.mark.django_db
def test_places_hold_what_metastudio_was_given_at_the_front(metastudio: Job, cast: Cast) -> None:
    three(metastudio, cast)
    held = places.standings(metastudio, places.waiting(metastudio))
    assert [one.is_fixed for one in held] == [True, False, False, False]
    assert release.holds_back(metastudio)
    assert {one.rank for one in held} == {Rank.PERSON}
    assert order.place_at(0, []) is None
    assert order.place_at(0, [Standing(1, 3, PLACE_STEP)]) == 0
