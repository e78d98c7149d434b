"""Live calls that the vendor's newer pages have and the reference lacks; off unless the account switches them on.

What is known of them is what the vendor's published SDK says (readings, section C): paths, paging, the names of what is
answered. `RESET_EXIT_CONFIG` stays unknown here, since nothing is printed of when a task then ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from dashboard.sandbox.http import Request, Response, json_response
from dashboard.sandbox.metastudio_groups import details
from dashboard.sandbox.metastudio_job import Job
from dashboard.sandbox.metastudio_jobs import warnings_of
from dashboard.sandbox.metastudio_wire import GROUP_NOT_FOUND, INVALID, JOB_IS_OVER, ROOM_NOT_FOUND, Refused, page
from dashboard.sandbox.metastudio_world import MetaStudioWorld
from dashboard.sandbox.playback import Item

PROJECT, ROOM, JOB = (rf"/(?P<{name}_id>[^/]+)" for name in ("project", "room", "job"))
COMMAND = f"/v1{PROJECT}/smart-live-rooms{ROOM}/smart-live-jobs{JOB}/command"
CLEAN_UP = "CLEAN_UP_INSERT_COMMAND"

Values = Mapping[str, str]
Answer = Callable[[Request, Values, float], Response]


class NewerCalls:
    def __init__(self, model: MetaStudioWorld) -> None:
        self._model = model
        self._routes: list[tuple[str, re.Pattern[str], Answer]] = [
            ("GET", re.compile(f"{COMMAND}/insert-commands"), self._list),
            ("POST", re.compile(COMMAND), self._clean_up),
            ("GET", re.compile(f"/v1{PROJECT}/smart-live-rooms{ROOM}/live-warning-info"), self._warnings),
            ("GET", re.compile(rf"/v1{PROJECT}/smart-live-interaction-rule-groups/(?P<group_id>[^/]+)"), self._group),
        ]

    def match(self, request: Request, path: str) -> tuple[Answer, dict[str, str]] | None:
        """Who answers, and the path's values, when this is one of the newer calls and the account has them."""
        if not self._model.config["insert_commands"]:
            return None
        for method, pattern, answer in self._routes:
            found = pattern.fullmatch(path)
            if found is None or method != request.method or (method == "POST" and command_of(request) != CLEAN_UP):
                continue
            return answer, found.groupdict(default="")
        return None

    def _job(self, values: Values) -> Job:
        job = self._model.jobs.get(values["job_id"])
        if job is None or job.room_id != values["room_id"] or not job.is_open:
            raise Refused(JOB_IS_OVER)
        return job

    def _list(self, request: Request, values: Values, at: float) -> Response:
        """What was inserted and is not yet played."""
        query = dict(request.query)
        if not all(query.get(name, "0").isdigit() for name in ("offset", "limit")):
            raise Refused(INVALID, detail="offset and limit are numbers")
        rows = [command_row(item) for item in self._job(values).player.queue]
        return json_response({"count": len(rows), "insert_commands": rows[page(query)]})

    def _clean_up(self, request: Request, values: Values, at: float) -> Response:
        """Drop what is queued and unplayed; what is being spoken goes on."""
        job = self._job(values)
        for item in list(job.player.queue):
            self._model.settle(job, job.cancel(item.ref, at))
        command_id = self._model.world.ids.uuid("metastudio.command")
        return json_response({"command_id": command_id, "command": CLEAN_UP, "result": ""})

    def _warnings(self, request: Request, values: Values, at: float) -> Response:
        """What a start would warn of."""
        room = self._model.rooms.get(values["room_id"])
        if room is None:
            raise Refused(ROOM_NOT_FOUND)
        return json_response({"live_warning_info": [{"warning_type": one} for one in warnings_of(room.body)]})

    def _group(self, request: Request, values: Values, at: float) -> Response:
        group = self._model.groups.get(values["group_id"])
        if group is None:
            raise Refused(GROUP_NOT_FOUND)
        return json_response(details(group))


def command_row(item: Item) -> dict[str, Any]:
    """`source` EXTERNAL: a command; AUTO: the vendor's own rules."""
    url, text = item.data.get("audio_url"), {"text": item.data.get("said") or item.text}
    how = {"play_type": item.data.get("play_type"), "play_role": item.data.get("role")}
    return {
        "command_id": item.ref,
        "command": "INSERT_PLAY_AUDIO" if url else "INSERT_PLAY_SCRIPT",
        "params": {**({"audio_url": url} if url else {"text_config": text}), **how},
        "source": "AUTO" if item.source == "rule" else "EXTERNAL",
    }


def command_of(request: Request) -> Any:
    try:
        body = request.json()
    except (ValueError, RecursionError):
        return None
    return body.get("command") if isinstance(body, dict) else None
