"""Live calls that the vendor's newer pages have and the reference lacks; off unless the account switches them on.

What is known of them are names and paging (readings, vendor's SDK); the rows of the list are our assumption.
"""

from __future__ import annotations

import re
from typing import Any

from dashboard.sandbox.http import Request, Response, json_response
from dashboard.sandbox.metastudio_job import Job
from dashboard.sandbox.metastudio_wire import INVALID, JOB_IS_OVER, Refused, page
from dashboard.sandbox.metastudio_world import MetaStudioWorld

COMMAND_PATH = re.compile(
    r"/v1/(?P<project_id>[^/]+)/smart-live-rooms/(?P<room_id>[^/]+)/smart-live-jobs/(?P<job_id>[^/]+)/command"
    r"(?P<list>/insert-commands)?"
)
CLEAN_UP = "CLEAN_UP_INSERT_COMMAND"


class NewerCalls:
    def __init__(self, model: MetaStudioWorld) -> None:
        self._model = model

    def match(self, request: Request, path: str) -> dict[str, str] | None:
        """The path's values when this is one of the newer calls and the account has them."""
        found = COMMAND_PATH.fullmatch(path)
        if found is None or not self._model.config["insert_commands"]:
            return None
        values = found.groupdict(default="")
        is_list = bool(values["list"]) and request.method == "GET"
        is_clean_up = not values["list"] and request.method == "POST" and command_of(request) == CLEAN_UP
        return values if is_list or is_clean_up else None

    def answer(self, request: Request, values: dict[str, str], at: float) -> Response:
        job = self._model.jobs.get(values["job_id"])
        if job is None or job.room_id != values["room_id"] or not job.is_open:
            raise Refused(JOB_IS_OVER)
        return self._list(job, request) if values["list"] else self._clean_up(job, at)

    def _list(self, job: Job, request: Request) -> Response:
        query = dict(request.query)
        if not all(query.get(name, "0").isdigit() for name in ("offset", "limit")):
            raise Refused(INVALID, detail="offset and limit are numbers")
        rows = [
            {
                "command_id": item.ref,
                "command": "INSERT_PLAY_AUDIO" if item.source == "audio" else "INSERT_PLAY_SCRIPT",
                "text": item.text,
            }
            for item in job.player.queue
        ]
        return json_response({"count": len(rows), "insert_commands": rows[page(query)]})

    def _clean_up(self, job: Job, at: float) -> Response:
        """Drop what is queued and unplayed; what is being spoken goes on."""
        for item in list(job.player.queue):
            self._model.settle(job, job.cancel(item.ref, at))
        command_id = self._model.world.ids.uuid("metastudio.command")
        return json_response({"command_id": command_id, "command": CLEAN_UP, "result": ""})


def command_of(request: Request) -> Any:
    try:
        body = request.json()
    except (ValueError, RecursionError):
        return None
    return body.get("command") if isinstance(body, dict) else None
