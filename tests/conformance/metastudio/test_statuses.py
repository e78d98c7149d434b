"""Each live call going well, and each documented error of each live call, over a real socket."""

from __future__ import annotations

from types import ModuleType

import pytest

from dashboard.sandbox import metastudio_audio, metastudio_jobs, metastudio_review, metastudio_wire
from tests.conformance.metastudio.answers import BOOK
from tests.conformance.metastudio.conftest import Desk
from tests.conformance.metastudio.provocations import BODIES, LIVE, NOT_PLAYED, PROVOCATIONS, Provocation

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Neither a live call nor its statuses: what the service as a whole answers.
ELSEWHERE = {("MSS.00000002", 405), ("MSS.00000004", 501)}


async def test_each_call_goes_well(desk: Desk) -> None:
    """In an order that leaves nothing behind; the answers are held against the contract by every call."""
    rooms, groups = desk.path("smart-live-rooms"), desk.path("smart-live-interaction-rule-groups")
    seen = {}
    for endpoint in LIVE:
        if endpoint.method in ("GET", "PUT") or endpoint.path.endswith(("/command", "/live-event-report")):
            answer = await desk.ask(endpoint.id, BODIES.get(endpoint.id))
            seen[endpoint.id] = answer.status_code
    made = await desk.ask("create_smart_live_room", {"room_name": "Short"})
    room = f"{rooms}/{made.json()['room_id']}"
    started = await desk.go("POST", f"{room}/smart-live-jobs", {})
    stopped = await desk.go("POST", f"{room}/smart-live-jobs/{started.json()['job_id']}/stop")
    desk.play(2)
    deleted = await desk.go("DELETE", room)
    group = await desk.ask("create_smart_live_interaction_rule_group", {"group_name": "Short"})
    dropped = await desk.go("DELETE", f"{groups}/{group.json()['group_id']}")
    seen |= {"create_smart_live_room": made.status_code, "start_smart_live_job": started.status_code}
    seen |= {"stop_smart_live_job": stopped.status_code, "delete_smart_live_room": deleted.status_code}
    seen |= {"create_smart_live_interaction_rule_group": group.status_code}
    seen |= {"delete_smart_live_interaction_rule_group": dropped.status_code}
    assert seen == {one.id: one.success for one in LIVE}
    assert (len(LIVE), started.status_code) == (16, 202)


@pytest.mark.parametrize("provocation", PROVOCATIONS, ids=str)
async def test_each_documented_error(desk: Desk, provocation: Provocation) -> None:
    ask = await provocation.prepare(desk)
    endpoint = BOOK.endpoint(provocation.endpoint)
    if provocation.row != metastudio_wire.THROTTLED:
        desk.face.gate.reset()
    path = desk.url_of(provocation.endpoint, **ask.path)
    body = BODIES.get(endpoint.id) if ask.body is None else ask.body
    before = {"rooms": len(desk.face.model.rooms), "groups": len(desk.face.model.groups)}
    open_jobs = desk.face.model.jobs.open_count()
    answer = await desk.call_now(endpoint.method, path, body, ask.query, **ask.headers)
    desk.calm()
    assert (answer.json()["error_code"], answer.status_code) == provocation.row
    row = BOOK.error(*provocation.row)
    if row is not None:
        assert answer.json()["error_msg"].startswith(row.message.partition("{")[0])
    assert before == {"rooms": len(desk.face.model.rooms), "groups": len(desk.face.model.groups)}
    assert desk.face.model.jobs.open_count() == open_jobs


async def test_every_documented_error_status_is_provoked(desk: Desk) -> None:
    provoked = {(one.endpoint, one.row[1]) for one in PROVOCATIONS}
    documented = {(one.id, status) for one in LIVE for status in one.statuses if status >= 400}
    assert documented - provoked == set()
    assert len(documented) == 49


async def test_every_code_that_the_sandbox_knows_is_provoked(desk: Desk) -> None:
    known = {
        row
        for module in (metastudio_wire, metastudio_review, metastudio_audio, metastudio_jobs)
        for row in rows(module)
    }
    assert known - {one.row for one in PROVOCATIONS} - ELSEWHERE == set()
    assert (await desk.go("PATCH", desk.path("smart-live-rooms"))).status_code == 405
    assert (await desk.go("GET", desk.path("digital-assets"))).status_code == 501


def rows(module: ModuleType) -> set[tuple[str, int]]:
    found = [value for name, value in vars(module).items() if name.isupper() and isinstance(value, tuple)]
    return {row for row in found if len(row) == 2 and isinstance(row[1], int) and isinstance(row[0], str)}


async def test_every_other_code_of_the_live_service_has_its_reason(desk: Desk) -> None:
    family = {row.code for row in BOOK.errors if row.code.startswith("MSS.2001")}
    provoked = {one.row[0] for one in PROVOCATIONS} & family
    named = [f"MSS.2001{int(number):04d}" for numbers in NOT_PLAYED.values() for number in numbers.split()]
    assert len(named) == len(set(named))
    assert set(named) & provoked == set()
    assert family - provoked - set(named) == set()
    assert set(named) - family == set()
