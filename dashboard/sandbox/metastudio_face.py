"""MetaStudio as the sandbox shows it: paths, authentication, limits, the RTC stand-in, and its switches."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from dashboard.sandbox.control import refuse_stranger
from dashboard.sandbox.faults import Fault, Target
from dashboard.sandbox.http import Request, Response, Socket, json_response
from dashboard.sandbox.metastudio_commands import Commands
from dashboard.sandbox.metastudio_groups import Groups
from dashboard.sandbox.metastudio_iam import TOKENS_PATH, Iam
from dashboard.sandbox.metastudio_job import Job
from dashboard.sandbox.metastudio_jobs import Jobs
from dashboard.sandbox.metastudio_keys import Keys
from dashboard.sandbox.metastudio_limits import Limits
from dashboard.sandbox.metastudio_newer import NewerCalls
from dashboard.sandbox.metastudio_reports import Reports
from dashboard.sandbox.metastudio_rooms import Rooms
from dashboard.sandbox.metastudio_rtsa import ENDPOINT, CommandChannel
from dashboard.sandbox.metastudio_rtsa import PATH as RTC_PATH
from dashboard.sandbox.metastudio_wire import (
    NOT_FOUND,
    THROTTLED,
    Call,
    Refused,
    book,
    fault_answer,
    read_body,
    read_query,
    refusal,
)
from dashboard.sandbox.metastudio_world import DEFAULTS, VENDOR, MetaStudioWorld
from dashboard.sandbox.world import World
from dashboard.vendors.contract.model import Endpoint

Handler = Callable[[Call], Response]

# The switches of this account; PUT {"command_channel": false} and the like.
SETTINGS_PATH = "/sandbox/metastudio"
PREFIXES = ("/v1/", "/v1.0/", "/v2/", "/v3/", "/sandbox/rtc/")
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
ROOM, JOB = "/v1/{project_id}/smart-live-rooms", "/v1/{project_id}/smart-live-rooms/{room_id}/smart-live-jobs"
GROUP = "/v1/{project_id}/smart-live-interaction-rule-groups"


class MetaStudioFace:
    vendor = VENDOR

    def __init__(self, world: World) -> None:
        self._world = world
        self.model = MetaStudioWorld(world)
        self.iam = Iam(world)
        self.keys = Keys(world)
        self.limits = Limits(world.clock.real)
        self.newer = NewerCalls(self.model)
        self.channel = CommandChannel(self.model, self.keys)
        self._handlers = self._make_handlers()
        world.faults.on_add.append(self._on_fault)

    def _make_handlers(self) -> dict[tuple[str, str], Handler]:
        rooms = Rooms(self.model)
        jobs = Jobs(self.model, rooms, self.keys)
        groups = Groups(self.model)
        return {
            ("POST", ROOM): rooms.create,
            ("GET", ROOM): rooms.list,
            ("GET", ROOM + "/{room_id}"): rooms.show,
            ("PUT", ROOM + "/{room_id}"): rooms.update,
            ("DELETE", ROOM + "/{room_id}"): rooms.delete,
            ("POST", JOB): jobs.start,
            ("GET", JOB): jobs.list_of_room,
            ("GET", JOB + "/{job_id}"): jobs.show,
            ("POST", JOB + "/{job_id}/stop"): jobs.stop,
            ("POST", JOB + "/{job_id}/command"): Commands(self.model, jobs).execute,
            ("POST", JOB + "/{job_id}/live-event-report"): Reports(self.model, jobs, self.keys).report,
            ("GET", "/v1/{project_id}/smart-live-jobs"): jobs.list_all,
            ("POST", GROUP): groups.create,
            ("GET", GROUP): groups.list,
            ("PUT", GROUP + "/{group_id}"): groups.update,
            ("DELETE", GROUP + "/{group_id}"): groups.delete,
        }

    # --- HTTP ------------------------------------------------------------------------------------------------------

    def locate(self, request: Request) -> Target | None:
        path = request.path
        if path == SETTINGS_PATH:
            # Faults of the vendor must not keep anybody from its switches.
            return Target("control")
        if not path.startswith(PREFIXES):
            return None
        if RTC_PATH.fullmatch(path):
            job = self.channel.job_of(path)
            return Target(VENDOR, ENDPOINT, job.job_id if job else None)
        if self.iam.answers(path):
            return Target(VENDOR, "create_token" if path.rstrip("/") == TOKENS_PATH else "list_projects")
        found = book().match(request.method, path_of(request))
        return Target(VENDOR, found[0].id, found[1].get("job_id")) if found else Target(VENDOR)

    async def http(self, request: Request) -> Response | None:
        if request.path == SETTINGS_PATH:
            return self._settings(request)
        if RTC_PATH.fullmatch(request.path):
            return None
        try:
            return await self._answer(request)
        except Refused as refused:
            return refusal(refused)

    async def _answer(self, request: Request) -> Response:
        if self.iam.answers(request.path):
            return self.iam.answer(request)
        if (newer := self.newer.match(request, path_of(request))) is not None:
            return self._answer_newer(request, newer)
        found = book().match(request.method, path_of(request))
        if found is None:
            self.iam.check(request)
            known = any(book().match(method, path_of(request)) for method in METHODS)
            raise Refused(("MSS.00000002", 405) if known else NOT_FOUND)
        endpoint, raw = found
        values = {name: unquote(value) for name, value in raw.items()}
        self._admit(request, endpoint, values)
        query, body = read_query(endpoint, request), read_body(endpoint, request)
        handler = self._handlers.get((endpoint.method, endpoint.path))
        if handler is None:
            # Table 10-1: "The server does not support the functionality required".
            raise Refused(("MSS.00000004", 501), detail="the sandbox does not play this part of the API yet")
        if endpoint.id == "execute_smart_live_command" and body["command"] == "INSERT_PLAY_AUDIO":
            await self.model.audio.measure(str((body.get("params") or {}).get("audio_url") or ""))
        at = self._world.clock.now()
        # A moment has passed since the world was last looked at; what fell due in it comes first.
        self.model.advance(at)
        return handler(Call(endpoint, values, query, body, request, at))

    def _answer_newer(self, request: Request, values: dict[str, str]) -> Response:
        self._admit(request, book().endpoint("execute_smart_live_command"), values)
        at = self._world.clock.now()
        self.model.advance(at)
        return self.newer.answer(request, values, at)

    def _admit(self, request: Request, endpoint: Endpoint, values: dict[str, str]) -> None:
        self._authenticate(request, endpoint, values)
        if not self.limits.admit(endpoint, self.model.config["region"]):
            raise Refused(THROTTLED)

    def _authenticate(self, request: Request, endpoint: Endpoint, values: dict[str, str]) -> None:
        auth_key = request.value("auth_key")
        if endpoint.path.endswith("/live-event-report") and auth_key:
            refresh = request.value("refresh_url").lower() == "true"
            self.keys.check_report(values["job_id"], auth_key, request.value("expires_time"), refresh=refresh)
        else:
            self.iam.check(request)
        self.iam.check_project(request, values.get("project_id", ""))

    async def websocket(self, socket: Socket) -> bool:
        if not RTC_PATH.fullmatch(socket.request.path) or not self.model.config["command_channel"]:
            return False
        await self.channel.serve(socket)
        return True

    def fault_answer(self, status: int, params: dict[str, Any]) -> Response:
        return fault_answer(status, params)

    # --- switches --------------------------------------------------------------------------------------------------

    def _settings(self, request: Request) -> Response:
        if (stranger := refuse_stranger(request)) is not None:
            return stranger
        if request.method == "PUT":
            try:
                self.configure(request.json())
            except (ValueError, TypeError) as problem:
                return json_response({"error": str(problem)}, 400)
        return json_response(self.model.config)

    def configure(self, settings: dict[str, Any]) -> None:
        """region, command_channel, live_quota, insert_commands, audio ({url: seconds}); lose_output (a job's id) acts
        at once. Raises ValueError on anything else."""
        settings = dict(settings)
        lost = settings.pop("lose_output", None)
        for name, value in settings.items():
            if name not in DEFAULTS or type(value) is not type(DEFAULTS[name]):
                raise ValueError(f"not a switch of MetaStudio, or of another type: {name}")
        if lost is not None:
            self._lose_output(str(lost))
        audio = {**self.model.config["audio"], **settings.get("audio", {})}
        self.model.config.update(settings)
        self.model.config["audio"] = audio
        self._world.touch()

    def _lose_output(self, job_id: str) -> None:
        """The streaming platform cuts the pushed streams of a job; they come back by themselves."""
        job, now = self.model.jobs.get(job_id), self._world.clock.now()
        if job is None:
            raise ValueError(f"no such job: {job_id}")
        job.lose_output(now)
        self.model.settle(job, job.advance(now))

    def _on_fault(self, fault: Fault) -> None:
        if fault.kind == "expire_tokens" and fault.vendor in (None, VENDOR):
            if fault.vendor == VENDOR:
                self._world.faults.take("expire_tokens", Target(VENDOR))
            self.iam.expire_tokens()
            self.keys.generation += 1
            self.channel.expire_all()

    # --- the world -------------------------------------------------------------------------------------------------

    def advance(self, now: float) -> None:
        self.model.advance(now)
        self.channel.check_timers()

    def overview(self) -> dict[str, Any]:
        jobs = self.model.jobs.values()
        return {
            "rooms": len(self.model.rooms),
            "streams": {"used": len(self.model.open_jobs()), "limit": self.model.config["live_quota"]},
            "settings": self.model.config,
            "ended": dict(Counter(job.state for job in jobs if not job.is_open)),
            "sessions": [self._describe(job) for job in self.model.open_jobs()],
        }

    def _describe(self, job: Job) -> dict[str, Any]:
        playing, now = job.player.current, self._world.clock.now()
        item = None
        if playing is not None:
            heard = job.player.elapsed(now)
            item = {"ref": playing.ref, "source": playing.source, "text": playing.text, "elapsed_s": heard}
        return {
            "session": job.job_id,
            "room": job.room_id,
            "room_name": job.room.get("room_name"),
            "state": job.state,
            "phase": job.phase,
            "sockets": self.channel.count(job.job_id),
            "playing": item,
            "queue": [waiting.ref for waiting in job.player.queue],
            "outputs": [output["state"] for output in job.outputs],
            "viewers": job.viewers,
            "duration_s": round(job.seconds(now), 1),
        }

    def snapshot(self) -> dict[str, Any]:
        return {
            **self.model.snapshot(),
            "tokens": dict(self.iam.tokens),
            "generation": self.keys.generation,
        }

    def restore(self, saved: dict[str, Any]) -> None:
        self.model.restore(saved)
        self.iam.tokens = dict(saved["tokens"])
        self.keys.generation = int(saved["generation"])

    def reset(self) -> None:
        self.model.reset()
        self.limits.clear()


def path_of(request: Request) -> str:
    """As it came, without the slash that some signers add."""
    return re.sub(r"/+$", "", request.raw_path)
