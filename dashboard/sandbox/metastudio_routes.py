"""Which part of the sandbox's MetaStudio answers which documented call, by method and path of the contract."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.sandbox.http import Response
from dashboard.sandbox.metastudio_commands import Commands
from dashboard.sandbox.metastudio_groups import Groups
from dashboard.sandbox.metastudio_jobs import Jobs
from dashboard.sandbox.metastudio_keys import Keys
from dashboard.sandbox.metastudio_reports import Reports
from dashboard.sandbox.metastudio_rooms import Rooms
from dashboard.sandbox.metastudio_wire import Call
from dashboard.sandbox.metastudio_world import MetaStudioWorld

Handler = Callable[[Call], Response]
Routes = dict[tuple[str, str], Handler]

ROOM = "/v1/{project_id}/smart-live-rooms"
JOB = ROOM + "/{room_id}/smart-live-jobs"
GROUP = "/v1/{project_id}/smart-live-interaction-rule-groups"


def make_routes(model: MetaStudioWorld, keys: Keys) -> Routes:
    rooms = Rooms(model)
    jobs = Jobs(model, rooms, keys)
    return {**_rooms(rooms), **_jobs(jobs, model, keys), **_groups(Groups(model))}


def _rooms(rooms: Rooms) -> Routes:
    return {
        ("POST", ROOM): rooms.create,
        ("GET", ROOM): rooms.list,
        ("GET", ROOM + "/{room_id}"): rooms.show,
        ("PUT", ROOM + "/{room_id}"): rooms.update,
        ("DELETE", ROOM + "/{room_id}"): rooms.delete,
    }


def _jobs(jobs: Jobs, model: MetaStudioWorld, keys: Keys) -> Routes:
    return {
        ("POST", JOB): jobs.start,
        ("GET", JOB): jobs.list_of_room,
        ("GET", JOB + "/{job_id}"): jobs.show,
        ("POST", JOB + "/{job_id}/stop"): jobs.stop,
        ("POST", JOB + "/{job_id}/command"): Commands(model, jobs).execute,
        ("POST", JOB + "/{job_id}/live-event-report"): Reports(model, jobs, keys).report,
        ("GET", "/v1/{project_id}/smart-live-jobs"): jobs.list_all,
    }


def _groups(groups: Groups) -> Routes:
    return {
        ("POST", GROUP): groups.create,
        ("GET", GROUP): groups.list,
        ("PUT", GROUP + "/{group_id}"): groups.update,
        ("DELETE", GROUP + "/{group_id}"): groups.delete,
    }
