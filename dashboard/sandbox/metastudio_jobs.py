"""Live jobs: start, look, list, stop (002:8778-9586, 002:9751-9978)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.sandbox.faults import Target
from dashboard.sandbox.http import Response, json_response
from dashboard.sandbox.metastudio_job import STATES, Job
from dashboard.sandbox.metastudio_keys import Keys
from dashboard.sandbox.metastudio_rooms import Rooms, check_callback
from dashboard.sandbox.metastudio_wire import (
    INVALID,
    JOB_IS_OVER,
    JOBS_IN_PROGRESS,
    NO_LIVE_QUOTA,
    NO_RESOURCES,
    ROOM_NOT_AVAILABLE,
    Call,
    Refused,
    empty,
    page,
    parse_time,
    present,
    states_of,
)
from dashboard.sandbox.metastudio_world import VENDOR, MetaStudioWorld, Room

# A28: five warnings are named, no thresholds; these are ours.
FEWEST_PARAGRAPHS = 3
SHORTEST_SCRIPT_S = 60.0
COMMENT_RULE = 1


class Jobs:
    def __init__(self, model: MetaStudioWorld, rooms: Rooms, keys: Keys) -> None:
        self._model, self._rooms, self._keys = model, rooms, keys

    def find(self, call: Call) -> Job:
        job = self._model.jobs.get(call.values["job_id"])
        if job is None or job.room_id != call.values["room_id"]:
            raise Refused(JOB_IS_OVER)
        return job

    def start(self, call: Call) -> Response:
        room = self._rooms.find(call)
        self._check_start(room, call)
        job = self._model.start(room, call.body, call.at)
        answer = {
            "job_id": job.job_id,
            "rtc_room_info": self._keys.rtc_room_info(job),
            "live_event_report_url": self._keys.report_url(job),
            "live_event_callback_config": job.room.get("live_event_callback_config"),
            "live_warning_info": [{"warning_type": warning} for warning in warnings_of(job)],
        }
        return json_response(present(answer), 202)

    def _check_start(self, room: Room, call: Call) -> None:
        if room.body.get("room_type") == "TEMPLATE":
            raise Refused(ROOM_NOT_AVAILABLE)
        check_callback(call.body)
        if self._model.open_job_of(room) is not None:
            raise Refused(JOBS_IN_PROGRESS)
        quota = self._model.world.faults.take("quota", Target(VENDOR, call.endpoint.id))
        if quota is not None:
            raise Refused(NO_RESOURCES if int(quota.params.get("status", 403)) == 429 else NO_LIVE_QUOTA)
        if len(self._model.open_jobs()) >= int(self._model.config["live_quota"]):
            raise Refused(NO_LIVE_QUOTA)

    def show(self, call: Call) -> Response:
        return json_response(self._details(self.find(call), call.at))

    def stop(self, call: Call) -> Response:
        job = self.find(call)
        if not job.is_open:
            raise Refused(JOB_IS_OVER)
        self._model.settle(job, job.end(call.at))
        return empty()

    def list_of_room(self, call: Call) -> Response:
        room_id = self._rooms.find(call).room_id
        return self._list(call, (job for job in self._model.jobs.values() if job.room_id == room_id))

    def list_all(self, call: Call) -> Response:
        return self._list(call, self._model.jobs.values())

    def _list(self, call: Call, jobs: Iterable[Job]) -> Response:
        query, window = call.query, page(call.query)
        if query.get("sort_key") not in (None, "", "create_time"):
            raise Refused(INVALID, detail="sort_key is create_time")
        found = [job for job in jobs if is_wanted(job, query)]
        # Jobs are kept in the order of their creation; ascending is the default (002:9085).
        if (query.get("sort_dir") or "asc").lower() == "desc":
            found.reverse()
        rows = [self._details(job, call.at) for job in found[window]]
        return json_response({"count": len(found), "smart_live_jobs": rows})

    def _details(self, job: Job, at: float) -> dict[str, Any]:
        """SmartLiveJob (002:9091). What a running job can use is given to running jobs only."""
        usable: dict[str, Any] = {}
        if job.is_open:
            usable["rtc_room_info"] = self._keys.rtc_room_info(job)
            usable["live_event_report_url"] = self._keys.report_url(job)
        return present(
            {
                "job_id": job.job_id,
                "room_id": job.room_id,
                "room_name": job.room.get("room_name"),
                "state": job.state,
                "duration": round(job.seconds(at), 3),
                "start_time": job.started,
                "end_time": job.ended,
                "error_info": job.error,
                "create_time": job.created,
                "lastupdate_time": job.updated,
                **usable,
                "live_event_callback_config": job.room.get("live_event_callback_config"),
                "rtc_callback_config": job.room.get("rtc_callback_config"),
                "stream_duration": round(job.seconds(at), 3) if job.room.get("output_urls") else None,
                "block_reason": job.block_reason,
                "co_streamer_config": job.room.get("co_streamer_config"),
            }
        )


def is_wanted(job: Job, query: Mapping[str, str]) -> bool:
    if query.get("state") and job.state not in states_of(query["state"], STATES):
        return False
    if query.get("room_name", "").casefold() not in str(job.room.get("room_name") or "").casefold():
        return False
    created = parse_time(job.created)
    if query.get("create_since") and created < parse_time(query["create_since"]):
        return False
    return not query.get("create_until") or created <= parse_time(query["create_until"])


def warnings_of(job: Job) -> list[str]:
    """002:8946, by the thresholds above (A28); the task starts anyway."""
    found = []
    paragraphs = job.script.paragraphs
    if len(paragraphs) < FEWEST_PARAGRAPHS:
        found.append("TOO_LESS_SCRIPT_ITEMS")
    seconds = sum(job.speech(paragraph.text, paragraph.speed).duration_s for paragraph in paragraphs)
    if seconds < SHORTEST_SCRIPT_S:
        found.append("TOO_SHORT_SCRIPT_TIME")
    rules = job.room.get("interaction_rules") or []
    if not any(rule.get("event_type") == COMMENT_RULE and rule.get("enabled", True) for rule in rules):
        found.append("TOO_LESS_DANMAKU_RULES")
    if job.policy.get("random_play_mode") in (None, "NONE"):
        found.append("RANDOM_PLAY_CLOSED")
    if not job.room.get("backup_model_asset_ids"):
        found.append("ROTATION_MODEL_CLOSED")
    return found
