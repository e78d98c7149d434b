"""Live calls that MetaStudio's newer pages have and its reference lacks; off unless the account switches them on.

What is known of them are their names and the paging; the rows of the list are our assumption.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar, Literal, NotRequired, TypedDict

from dashboard.vendors.contract.catalogue import Contract
from dashboard.vendors.contract.generated import metastudio as api
from dashboard.vendors.contract.model import Endpoint, Field, Source
from dashboard.vendors.http import Reply
from dashboard.vendors.metastudio import wire
from dashboard.vendors.metastudio.client import MetaStudioClient
from dashboard.vendors.metastudio.listing import Pages, every
from dashboard.vendors.port import Accepted, Guard, Outcome, Purpose, QueueListing, Session

# They stand in no document that we have.
NOWHERE = Source("newer", 0)


class ListInsertCommandsQuery(TypedDict):
    offset: NotRequired[int]
    limit: NotRequired[int]


class ListInsertCommands(api.Call, frozen=True):
    """GET …/smart-live-jobs/{job_id}/command/insert-commands"""

    endpoint: ClassVar[Literal["list_insert_commands"]] = "list_insert_commands"
    room_id: str
    job_id: str
    query: ListInsertCommandsQuery

    def documented(self, book: Contract) -> Endpoint:
        beside = book.endpoint("execute_smart_live_command")
        return Endpoint(
            id=self.endpoint,
            vendor=book.vendor,
            method="GET",
            path=f"{beside.path}/insert-commands",
            section="",
            title="What is inserted and waits",
            source=NOWHERE,
            path_params=beside.path_params,
            query=(Field("offset", "integer", NOWHERE), Field("limit", "integer", NOWHERE)),
        )


class CleanUpInsertCommandBody(TypedDict):
    command: Literal["CLEAN_UP_INSERT_COMMAND"]


class CleanUpInsertCommand(api.Call, frozen=True):
    """One more command of 6.2.5: it counts into the same rate limit."""

    endpoint: ClassVar[Literal["execute_smart_live_command"]] = "execute_smart_live_command"
    room_id: str
    job_id: str
    body: CleanUpInsertCommandBody

    def documented(self, book: Contract) -> Endpoint:
        return dataclasses.replace(book.endpoint(self.endpoint), body=())


class InsertedCommands:
    def __init__(self, client: MetaStudioClient) -> None:
        self._client = client

    async def waiting(self, session: Session) -> Outcome[QueueListing]:
        async def page(offset: int, limit: int) -> Outcome[Reply[wire.InsertedList]]:
            query: ListInsertCommandsQuery = {"offset": offset, "limit": limit}
            call = ListInsertCommands(session.room_ref, session.vendor_ref, query)
            return await self._client.call(call, wire.InsertedList, Purpose.EDIT)

        answer = await every(
            Pages(page, lambda one: one.insert_commands or [], lambda one: one.count, lambda row: row.command_id)
        )
        if not isinstance(answer, Accepted):
            return answer
        refs = tuple(row.command_id for row in answer.value.value)
        return Accepted(QueueListing(refs, answer.value.asked_at), answer.request_id)

    async def drop_all(self, session: Session, guard: Guard) -> Outcome[None]:
        call = CleanUpInsertCommand(session.room_ref, session.vendor_ref, {"command": "CLEAN_UP_INSERT_COMMAND"})
        return wire.done(await self._client.call(call, wire.CommandAnswer, Purpose.PANIC, guard=guard))
