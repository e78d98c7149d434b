"""Live rooms (002:5841-7800)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from dashboard.sandbox.http import Response, json_response
from dashboard.sandbox.metastudio_job import STATES
from dashboard.sandbox.metastudio_review import SCRIPT_TEXT, review_room
from dashboard.sandbox.metastudio_shelves import Room
from dashboard.sandbox.metastudio_wire import (
    INVALID,
    JOBS_IN_PROGRESS,
    NOT_FOUND,
    ROOM_NAME_TAKEN,
    ROOM_NOT_FOUND,
    URL_INVALID,
    Call,
    Refused,
    Span,
    empty,
    page,
    present,
    states_of,
)
from dashboard.sandbox.metastudio_world import MetaStudioWorld

Test = Callable[[Room], bool]
# 002:6324: "NULL indicates that there is no livestreaming task".
NO_TASK = "NULL"
LOCAL = ("127.0.0.1", "localhost", "::1")


class Rooms:
    def __init__(self, model: MetaStudioWorld) -> None:
        self._model = model

    def find(self, call: Call, row: tuple[str, int] = ROOM_NOT_FOUND) -> Room:
        room = self._model.rooms.get(call.values["room_id"])
        if room is None:
            raise Refused(row)
        return room

    def create(self, call: Call) -> Response:
        self._check(call.body, None)
        now = self._model.wall(call.at)
        room = Room(self._model.world.ids.uuid("metastudio.room"), numbered(call.body), now, now)
        self._model.rooms.put(room)
        self._model.world.touch()
        return json_response({"room_id": room.room_id})

    def show(self, call: Call) -> Response:
        # The only live-room call that documents 404 (002:6955).
        return json_response(details(self.find(call, NOT_FOUND)))

    def update(self, call: Call) -> Response:
        """What the request names is replaced whole, what it leaves out is kept (A68); a frozen room is free again."""
        room = self.find(call)
        self._check(call.body, room)
        room.body = numbered({**room.body, **call.body})
        room.updated, room.blocked = self._model.wall(call.at), ""
        self._model.rooms.put(room)
        self._model.world.touch()
        return json_response(details(room))

    def delete(self, call: Call) -> Response:
        room = self.find(call)
        if self._model.open_job_of(room) is not None:
            raise Refused(JOBS_IN_PROGRESS)
        self._model.rooms.drop(room.room_id)
        self._model.world.touch()
        return empty()

    def _check(self, body: dict[str, Any], room: Room | None) -> None:
        if not body["room_name"].strip():
            raise Refused(INVALID, detail="/room_name is empty")
        if self._model.rooms.is_taken(body["room_name"], room):
            raise Refused(ROOM_NAME_TAKEN)
        check_callback(body)
        review_room(body, whitelisted=self._model.config["review_whitelist"])

    # --- lists -----------------------------------------------------------------------------------------------------

    def list(self, call: Call) -> Response:
        window, tests = page(call.query), self._tests(call.query)
        found = [room for room in self._model.rooms.newest_first() if all(test(room) for test in tests)]
        rows = [self._base_info(room) for room in found[window]]
        return json_response({"count": len(found), "smart_live_rooms": rows})

    def _tests(self, query: Mapping[str, str]) -> Sequence[Test]:
        """What a room must pass, of the filters that were given only (002:6316). Raises Refused."""
        span = Span.of(query, "start_time", "end_time")
        states = query.get("live_state")
        wanted = states_of(states, (*STATES, NO_TASK)) if states else set()
        name, model = query.get("room_name", "").casefold(), query.get("model_name", "").casefold()
        kind, dh_id, owner = query.get("room_type"), query.get("dh_id"), query.get("template_own_type")
        tests: list[tuple[object, Test]] = [
            (name, lambda room: name in room.name.casefold()),
            (kind, lambda room: room.body.get("room_type", "NORMAL") == kind),
            (dh_id, lambda room: any(scene.get("dh_id") == dh_id for scene in scenes_of(room))),
            (model, lambda room: any(model in model_of(scene).casefold() for scene in scenes_of(room))),
            (states, lambda room: self._state(room) in wanted),
            (owner, lambda room: own_type(room.body) == str(owner).upper()),
            (span, lambda room: self._was_live(room, span)),
        ]
        return [test for value, test in tests if value]

    def _state(self, room: Room) -> str:
        job = self._model.jobs.get(room.last_job)
        return NO_TASK if job is None else job.state

    def _was_live(self, room: Room, span: Span) -> bool:
        """start_time and end_time bound the start of the latest task (002:6325)."""
        job = self._model.jobs.get(room.last_job)
        return job is not None and span.holds(job.started or job.created)

    def _base_info(self, room: Room) -> dict[str, Any]:
        body, job = room.body, self._model.jobs.get(room.last_job)
        models = dict.fromkeys(model_of(scene) for scene in scenes_of(room))
        spare = {"backup_model_asset_ids": body.get("backup_model_asset_ids")}
        return present(
            {
                "room_id": room.room_id,
                "project_id": self._model.world.credentials.project_id,
                "room_name": body["room_name"],
                "room_type": body.get("room_type", "NORMAL"),
                **state_of(room),
                "view_mode": body.get("view_mode", "VERTICAL"),
                "shared_config": body.get("shared_config") if body.get("room_type") == "TEMPLATE" else None,
                "room_description": body.get("room_description"),
                "model_infos": [present({"model_asset_id": model, **spare}) for model in models if model],
                "create_time": room.created,
                "update_time": room.updated,
                "last_job_start_time": job.started if job else None,
                "last_job_end_time": job.ended if job else None,
                "last_job_status": job.state if job else None,
                "priv_data": body.get("priv_data"),
            }
        )


def own_type(body: Mapping[str, Any]) -> str:
    """Whose template it is (002:6330): one account has no foreign ones; its own are shared or not. A5: upper case."""
    if body.get("room_type") != "TEMPLATE":
        return ""
    kind = str((body.get("shared_config") or {}).get("shared_type") or "PRIVATE")
    return {"PRIVATE": "OWNED", "SHARED": "SHARED_TO_OTHERS", "PUBLIC": "PUBLIC"}.get(kind, "OWNED")


def state_of(room: Room) -> dict[str, Any]:
    """room_state and the cause of a freeze (002:6367)."""
    if not room.blocked:
        return {"room_state": "ENABLE"}
    return {"room_state": "BLOCKED", "error_info": {"error_code": SCRIPT_TEXT[0], "error_msg": room.blocked}}


def details(room: Room) -> dict[str, Any]:
    """The room as 6.1.3 shows it: what was given, the defaults, and what the vendor adds."""
    return {
        "room_type": "NORMAL",
        "view_mode": "VERTICAL",
        **room.body,
        "room_id": room.room_id,
        "create_time": room.created,
        "update_time": room.updated,
        **state_of(room),
    }


def numbered(body: dict[str, Any]) -> dict[str, Any]:
    """Rules without an index get one, so that a reply can say which rule gave it."""
    rules = body.get("interaction_rules")
    if not rules:
        return body
    named = [{**rule, "rule_index": rule.get("rule_index") or f"rule-{place}"} for place, rule in enumerate(rules, 1)]
    return {**body, "interaction_rules": named}


def model_of(scene: Mapping[str, Any]) -> str:
    return str(scene.get("model_asset_id") or "")


def scenes_of(room: Room) -> Sequence[dict[str, Any]]:
    return room.body.get("scene_scripts") or ()


def check_callback(body: dict[str, Any]) -> None:
    """HTTPS only (002:6122), but for the machine that the sandbox runs on."""
    url = (body.get("live_event_callback_config") or {}).get("live_event_type_callback_url")
    if not url:
        return
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Refused(URL_INVALID) from None
    is_local = parts.scheme == "http" and parts.hostname in LOCAL
    if not parts.hostname or not (parts.scheme == "https" or is_local):
        raise Refused(URL_INVALID)
