"""Live jobs: start, look, list, stop (002:8778-9586, 002:9751-9978)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dashboard.sandbox.faults import Target
from dashboard.sandbox.http import Response, json_response
from dashboard.sandbox.metastudio_job import OPEN, STATES, Job
from dashboard.sandbox.metastudio_keys import Keys
from dashboard.sandbox.metastudio_rooms import Rooms, check_callback
from dashboard.sandbox.metastudio_script import NORMAL_SPEED, paragraphs_of
from dashboard.sandbox.metastudio_shelves import Room
from dashboard.sandbox.metastudio_wire import (
    INVALID,
    JOB_IS_OVER,
    JOBS_IN_PROGRESS,
    NO_LIVE_QUOTA,
    NO_LIVE_TIME,
    NO_RESOURCES,
    NO_WORKERS,
    ROOM_NOT_AVAILABLE,
    Call,
    Refused,
    Span,
    empty,
    page,
    present,
    states_of,
)
from dashboard.sandbox.metastudio_world import VENDOR, MetaStudioWorld

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
            "live_warning_info": [{"warning_type": warning} for warning in warnings_of(job.room)],
        }
        return json_response(present(answer), 202)

    def _check_start(self, room: Room, call: Call) -> None:
        # A template is no room to go live in, a frozen one may not (002:6366, 6367).
        if room.body.get("room_type") == "TEMPLATE" or room.blocked:
            raise Refused(ROOM_NOT_AVAILABLE)
        check_callback(call.body)
        if self._model.open_job_of(room) is not None:
            raise Refused(JOBS_IN_PROGRESS)
        self._check_quota(call)

    def _check_quota(self, call: Call) -> None:
        """Concurrency (MSS.20010065) and the package of bought time (MSS.00022003), 10.2."""
        quota = self._model.world.faults.take("quota", Target(VENDOR, call.endpoint.id))
        if quota is not None:
            raise Refused(quota_row(quota.params))
        if self._model.jobs.open_count() >= int(self._model.config["live_quota"]):
            raise Refused(NO_LIVE_QUOTA)
        if not self._model.has_live_time(call.at):
            raise Refused(NO_LIVE_TIME)

    def show(self, call: Call) -> Response:
        return json_response(self._details(self.find(call), call.at))

    def stop(self, call: Call) -> Response:
        job = self.find(call)
        if not job.is_open:
            raise Refused(JOB_IS_OVER)
        self._model.settle(job, job.end(call.at))
        return empty()

    def list_of_room(self, call: Call) -> Response:
        return self._list(call, self._model.jobs.of_room(self._rooms.find(call).room_id))

    def list_all(self, call: Call) -> Response:
        """002:9751. Whoever asks for what is open gets it without a walk through all that ever was."""
        jobs = self._model.jobs
        states = call.query.get("state")
        wanted_open = bool(states) and states_of(str(states), STATES) <= set(OPEN)
        return self._list(call, jobs.open() if wanted_open else list(jobs.values()))

    def _list(self, call: Call, jobs: Sequence[Job]) -> Response:
        query, window = call.query, page(call.query)
        if query.get("sort_key") not in (None, "", "create_time"):
            raise Refused(INVALID, detail="sort_key is create_time")
        tests = tests_of(query)
        found = [job for job in jobs if all(test(job) for test in tests)]
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
                "live_job_log": present({"interaction_records_url": self._keys.log_url(job) if job.records else ""}),
            }
        )


Test = Callable[[Job], bool]


def tests_of(query: Mapping[str, str]) -> Sequence[Test]:
    """What a job must pass, of the filters that were given only (002:9079, 9775). Raises Refused."""
    span = Span.of(query, "create_since", "create_until")
    states = states_of(query["state"], STATES) if query.get("state") else set()
    name = query.get("room_name", "").casefold()
    tests: list[tuple[object, Test]] = [
        (states, lambda job: job.state in states),
        (name, lambda job: name in str(job.room.get("room_name") or "").casefold()),
        (span, lambda job: span.holds(job.created)),
    ]
    return [test for value, test in tests if value]


def quota_row(params: Mapping[str, Any]) -> tuple[str, int]:
    """Which of the documented quota codes a rehearsal asked for: by `code`, else by `status`."""
    rows = {code: (code, status) for code, status in (NO_LIVE_QUOTA, NO_RESOURCES, NO_LIVE_TIME, NO_WORKERS)}
    usual = NO_RESOURCES if int(params.get("status", 403)) == 429 else NO_LIVE_QUOTA
    return rows.get(str(params.get("code")), usual)


def warnings_of(body: Mapping[str, Any]) -> list[str]:
    """What a start of this room warns of (002:8946), by the thresholds above (A28); the task starts anyway."""
    found = []
    paragraphs = paragraphs_of(body.get("scene_scripts") or [])
    if len(paragraphs) < FEWEST_PARAGRAPHS:
        found.append("TOO_LESS_SCRIPT_ITEMS")
    if (
        sum(Job.speech_at(paragraph.text, paragraph.speed / NORMAL_SPEED).duration_s for paragraph in paragraphs)
        < SHORTEST_SCRIPT_S
    ):
        found.append("TOO_SHORT_SCRIPT_TIME")
    rules = body.get("interaction_rules") or []
    if not any(rule.get("event_type") == COMMENT_RULE and rule.get("enabled", True) for rule in rules):
        found.append("TOO_LESS_DANMAKU_RULES")
    if (body.get("play_policy") or {}).get("random_play_mode") in (None, "NONE"):
        found.append("RANDOM_PLAY_CLOSED")
    if not body.get("backup_model_asset_ids"):
        found.append("ROTATION_MODEL_CLOSED")
    return found
