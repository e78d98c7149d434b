"""Live rooms (002:5841-7800)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from dashboard.sandbox.http import Response, json_response
from dashboard.sandbox.metastudio_job import STATES, Job
from dashboard.sandbox.metastudio_script import paragraphs_of
from dashboard.sandbox.metastudio_ssml import SsmlError, read
from dashboard.sandbox.metastudio_wire import (
    INVALID,
    JOBS_IN_PROGRESS,
    NOT_FOUND,
    ROOM_NAME_TAKEN,
    ROOM_NOT_FOUND,
    SENSITIVE_TEXT,
    URL_INVALID,
    XML_PARSE_FAIL,
    Call,
    Refused,
    empty,
    page,
    parse_time,
    present,
    review,
    states_of,
)
from dashboard.sandbox.metastudio_world import MetaStudioWorld, Room

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
        self._model.rooms[room.room_id] = room
        self._model.world.touch()
        return json_response({"room_id": room.room_id})

    def show(self, call: Call) -> Response:
        # The only live-room call that documents 404 (002:6955).
        return json_response(details(self.find(call, NOT_FOUND)))

    def update(self, call: Call) -> Response:
        """What the request names is replaced whole, what it leaves out is kept (A68)."""
        room = self.find(call)
        self._check(call.body, room)
        room.body = numbered({**room.body, **call.body})
        room.updated = self._model.wall(call.at)
        self._model.world.touch()
        return json_response(details(room))

    def delete(self, call: Call) -> Response:
        room = self.find(call)
        if self._model.open_job_of(room) is not None:
            raise Refused(JOBS_IN_PROGRESS)
        del self._model.rooms[room.room_id]
        self._model.world.touch()
        return empty()

    def _check(self, body: dict[str, Any], room: Room | None) -> None:
        name = body["room_name"]
        if not name.strip():
            raise Refused(INVALID, detail="/room_name is empty")
        if any(other.body["room_name"] == name and other is not room for other in self._model.rooms.values()):
            raise Refused(ROOM_NAME_TAKEN)
        check_callback(body)
        check_scenes(body.get("scene_scripts") or [])

    # --- lists -----------------------------------------------------------------------------------------------------

    def list(self, call: Call) -> Response:
        window = page(call.query)
        found = [room for room in reversed(self._model.rooms.values()) if self._is_wanted(room, call.query)]
        rows = [self._base_info(room) for room in found[window]]
        return json_response({"count": len(found), "smart_live_rooms": rows})

    def _is_wanted(self, room: Room, query: Any) -> bool:
        body = room.body
        job = self._model.jobs.get(room.last_job)
        scenes = body.get("scene_scripts") or []
        return (
            query.get("room_name", "").casefold() in body["room_name"].casefold()
            and query.get("room_type") in (None, "", body.get("room_type", "NORMAL"))
            and (not query.get("dh_id") or any(scene.get("dh_id") == query["dh_id"] for scene in scenes))
            and (not query.get("model_name") or any(query["model_name"] in model_of(scene) for scene in scenes))
            and self._has_state(job, query.get("live_state") or query.get("last_job_status") or "")
            and self._has_owner(body, query.get("template_own_type") or "")
            and self._was_live(job, query)
        )

    @staticmethod
    def _has_state(job: Job | None, wanted: str) -> bool:
        if not wanted:
            return True
        return (NO_TASK if job is None else job.state) in states_of(wanted, (*STATES, NO_TASK))

    @staticmethod
    def _has_owner(body: dict[str, Any], wanted: str) -> bool:
        """One account has no foreign templates; its own are shared or not (A5: case does not matter)."""
        if not wanted:
            return True
        kind = str((body.get("shared_config") or {}).get("shared_type") or "PRIVATE")
        own = {"PRIVATE": "OWNED", "SHARED": "SHARED_TO_OTHERS", "PUBLIC": "PUBLIC"}.get(kind, "OWNED")
        return body.get("room_type") == "TEMPLATE" and own == wanted.upper()

    @staticmethod
    def _was_live(job: Job | None, query: Any) -> bool:
        """start_time and end_time bound the start of the latest task (002:6325)."""
        if not query.get("start_time") and not query.get("end_time"):
            return True
        since = parse_time(query["start_time"]) if query.get("start_time") else None
        until = parse_time(query["end_time"]) if query.get("end_time") else None
        if job is None:
            return False
        began = parse_time(job.started or job.created)
        return (since is None or began >= since) and (until is None or began <= until)

    def _base_info(self, room: Room) -> dict[str, Any]:
        body, job = room.body, self._model.jobs.get(room.last_job)
        models = dict.fromkeys(model_of(scene) for scene in body.get("scene_scripts") or [])
        return present(
            {
                "room_id": room.room_id,
                "project_id": self._model.world.credentials.project_id,
                "room_name": body["room_name"],
                "room_type": body.get("room_type", "NORMAL"),
                "room_state": "ENABLE",
                "view_mode": body.get("view_mode", "VERTICAL"),
                "shared_config": body.get("shared_config") if body.get("room_type") == "TEMPLATE" else None,
                "room_description": body.get("room_description"),
                "model_infos": [{"model_asset_id": model} for model in models if model],
                "create_time": room.created,
                "update_time": room.updated,
                "last_job_start_time": job.started if job else None,
                "last_job_end_time": job.ended if job else None,
                "last_job_status": job.state if job else None,
                "priv_data": body.get("priv_data"),
            }
        )


def details(room: Room) -> dict[str, Any]:
    """The room as 6.1.3 shows it: what was given, the defaults, and what the vendor adds."""
    return {
        "room_type": "NORMAL",
        "view_mode": "VERTICAL",
        **room.body,
        "room_id": room.room_id,
        "create_time": room.created,
        "update_time": room.updated,
    }


def numbered(body: dict[str, Any]) -> dict[str, Any]:
    """Rules without an index get one, so that a reply can say which rule gave it."""
    rules = body.get("interaction_rules")
    if not rules:
        return body
    named = [{**rule, "rule_index": rule.get("rule_index") or f"rule-{place}"} for place, rule in enumerate(rules, 1)]
    return {**body, "interaction_rules": named}


def model_of(scene: dict[str, Any]) -> str:
    return str(scene.get("model_asset_id") or "")


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


def check_scenes(scenes: list[dict[str, Any]]) -> None:
    for paragraph in paragraphs_of(scenes):
        check_text(paragraph.text, SENSITIVE_TEXT)


def check_text(text: str, sensitive: tuple[str, int]) -> None:
    try:
        heard = read(text).text
    except SsmlError as error:
        raise Refused(XML_PARSE_FAIL, detail=str(error)) from None
    review(heard, sensitive)
