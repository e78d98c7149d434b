"""Live rooms at MetaStudio (002:5855-7808): five calls."""

from __future__ import annotations

from dashboard.vendors.contract.generated import metastudio as api
from dashboard.vendors.http import Reply
from dashboard.vendors.metastudio import errors, plans, wire
from dashboard.vendors.metastudio.client import MetaStudioClient
from dashboard.vendors.metastudio.listing import Pages, every
from dashboard.vendors.port import Accepted, Outcome, Purpose, Rejected, RoomPlan, RoomSummary, Unknown


class Rooms:
    def __init__(self, client: MetaStudioClient) -> None:
        self._client = client

    async def create(self, plan: RoomPlan) -> Outcome[RoomSummary]:
        """002:5855"""
        if refused := _incomplete(plan):
            return refused
        call = api.CreateSmartLiveRoom(body=plans.room_body(plan))
        answer = await self._client.call(call, wire.Room, Purpose.EDIT)
        if not isinstance(answer, Accepted):
            return answer
        room_ref = answer.value.value.room_id
        if not room_ref:
            return Unknown("unreadable_answer", "no room_id", answer.request_id)
        return Accepted(_as_planned(plan, room_ref, answer.value.value), answer.request_id)

    async def update(self, plan: RoomPlan) -> Outcome[RoomSummary]:
        """002:6974, a full replace of the lists that are named (A68)."""
        if not plan.vendor_ref:
            return Rejected(errors.ours("no_room"))
        if refused := _incomplete(plan):
            return refused
        call = api.UpdateSmartLiveRoom(room_id=plan.vendor_ref, body=plans.changed_room_body(plan))
        answer = await self._client.call(call, wire.Room, Purpose.EDIT)
        if not isinstance(answer, Accepted):
            return answer
        return Accepted(_as_planned(plan, plan.vendor_ref, answer.value.value), answer.request_id)

    async def every(self) -> Outcome[tuple[RoomSummary, ...]]:
        """002:6309; without scripts, which only `show` has."""

        async def page(offset: int, limit: int) -> Outcome[Reply[wire.RoomList]]:
            call = api.ListSmartLiveRooms(query={"offset": offset, "limit": limit})
            return await self._client.call(call, wire.RoomList, Purpose.EDIT)

        answer = await every(
            Pages(page, lambda one: one.smart_live_rooms or [], lambda one: one.count, lambda room: room.room_id)
        )
        if not isinstance(answer, Accepted):
            return answer
        return Accepted(tuple(wire.room_summary(room) for room in answer.value.value), answer.request_id)

    async def count(self) -> Outcome[Reply[wire.RoomList]]:
        """The shortest page, for the number of rooms and the vendor's clock."""
        call = api.ListSmartLiveRooms(query={"offset": 0, "limit": 1})
        return await self._client.call(call, wire.RoomList, Purpose.EDIT)

    async def show(self, room_ref: str) -> Outcome[RoomSummary]:
        """002:6505"""
        answer = await self._client.call(api.ShowSmartLiveRoom(room_id=room_ref), wire.Room, Purpose.EDIT)
        if not isinstance(answer, Accepted):
            return answer
        return Accepted(wire.room_summary(answer.value.value, room_ref), answer.request_id)

    async def delete(self, room_ref: str) -> Outcome[None]:
        """002:7710"""
        return wire.done(await self._client.call(api.DeleteSmartLiveRoom(room_id=room_ref), wire.Empty, Purpose.EDIT))


def _incomplete(plan: RoomPlan) -> Rejected | None:
    if not plan.items:
        return Rejected(errors.ours("no_script"))
    return None if plans.has_assets(plan) else Rejected(errors.ours("no_avatar"))


def _as_planned(plan: RoomPlan, room_ref: str, answer: wire.Room) -> RoomSummary:
    """The answer to a push repeats little of the room; what was accepted is what was sent."""
    return RoomSummary(
        room_ref, plan.name, wire.parse_time(answer.update_time), plan.items, plan.output_url, plan.config
    )
