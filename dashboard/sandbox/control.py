"""The control API under /sandbox/: what the Rehearsal screen, the demo and the tests turn. For this machine only."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from dashboard.sandbox.faults import KINDS
from dashboard.sandbox.http import Request, Response, json_response, text_response
from dashboard.sandbox.world import World

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1", "[::1]")
FAULT_FIELDS = ("kind", "vendor", "endpoint", "session", "count", "after_s", "for_s", "params")

Handler = Callable[[Request], Awaitable[Response] | Response]

ROUTES = """\
GET    /sandbox/                 this page
GET    /sandbox/state            clock, accounts, sessions and jobs with queue and what plays, counters
GET    /sandbox/knobs            clock, audience and faults alone
GET    /sandbox/credentials      access key, secret key, project, SoftSugar token, IAM user
PUT    /sandbox/clock            {"speed": 4}  0.1 to 64; speech, preparation, training and audience follow
POST   /sandbox/step             {"seconds": 10}  jump the world forward; protocol timers stay in real time
PUT    /sandbox/callbacks        {"vendor": "softsugar", "url": "...", "auth_key": "..."}  "" switches them off
GET    /sandbox/callbacks        the last callbacks that were sent, with the answer's status
PUT    /sandbox/audience         {"job": id, "url": "...", "rate_per_s": 2, "seed": 1}  rate 0 ends it
GET    /sandbox/audience         who is reported where, and how much waits
GET    /sandbox/audible          ?session=&since=&ended_after=  what was heard, when, and how much of it
GET    /sandbox/frames           ?session=&since=  socket frames that left, to the nanosecond
GET    /sandbox/sound            ?session=&since=  what each open microphone sent: bytes, frames, first and last time
POST   /sandbox/faults           {"kind", "vendor", "endpoint", "session", "count", "after_s", "for_s", "params"}
GET    /sandbox/faults           what is armed
DELETE /sandbox/faults           take all back
DELETE /sandbox/faults/<id>      take one back
PUT    /sandbox/softsugar        {"prepare_s": 0}  also streams, system_streams, heartbeat_s, rtc_token_s …
PUT    /sandbox/metastudio       {"command_channel": false}  also live_quota, insert_commands, region, audio
POST   /sandbox/reset            forget sessions, jobs, records and faults; credentials and addresses stay
"""


RESERVED = """\
SoftSugar file ids that fail on purpose:
  sandbox-create-fails  as digital human at create: status 9 in the answer
  sandbox-init-fails    as digital human at create: 99 instead of 35
  sandbox-undecodable   in a control command: 54 or 55; preheated: 73
  sandbox-missing       as digital human of a control command: 53, even when preheated
"""


class BadControl(ValueError):
    """What was asked of the control API makes no sense; the text says why."""


class Control:
    def __init__(self, world: World) -> None:
        self._world = world
        self._routes: dict[tuple[str, str], Handler] = {
            ("GET", "/sandbox/"): self._help,
            ("GET", "/sandbox"): self._help,
            ("GET", "/sandbox/state"): self._state,
            ("GET", "/sandbox/knobs"): self._knobs,
            ("GET", "/sandbox/credentials"): self._credentials,
            ("PUT", "/sandbox/clock"): self._clock,
            ("POST", "/sandbox/step"): self._step,
            ("PUT", "/sandbox/callbacks"): self._set_callbacks,
            ("GET", "/sandbox/callbacks"): self._sent_callbacks,
            ("PUT", "/sandbox/audience"): self._set_audience,
            ("GET", "/sandbox/audience"): self._audience,
            ("GET", "/sandbox/audible"): self._audible,
            ("GET", "/sandbox/frames"): self._frames,
            ("GET", "/sandbox/sound"): self._sound,
            ("POST", "/sandbox/faults"): self._add_fault,
            ("GET", "/sandbox/faults"): self._list_faults,
            ("DELETE", "/sandbox/faults"): self._clear_faults,
            ("POST", "/sandbox/reset"): self._reset,
        }

    async def http(self, request: Request) -> Response | None:
        """None: not one of these paths."""
        handler = self._routes.get((request.method, request.path))
        if handler is None and request.method == "DELETE" and request.path.startswith("/sandbox/faults/"):
            handler = self._remove_fault
        if handler is None:
            return None
        if (refusal := refuse_stranger(request)) is not None:
            return refusal
        try:
            answer = handler(request)
            return answer if isinstance(answer, Response) else await answer
        except (BadControl, ValueError, TypeError, KeyError) as problem:
            return json_response({"error": str(problem) or type(problem).__name__}, 400)

    def _help(self, request: Request) -> Response:
        faults = "\n".join(f"  {kind:<20} {meaning}" for kind, meaning in KINDS.items())
        return text_response(f"Talkback sandbox\n\n{ROUTES}\nFaults:\n{faults}\n\n{RESERVED}")

    def _knobs(self, request: Request) -> Response:
        return json_response(self._turned())

    def _turned(self) -> dict[str, Any]:
        clock = self._world.clock
        return {
            "clock": {"speed": clock.speed, "world_s": clock.now(), "real_s": clock.real(), "skew_s": clock.skew_s},
            "audience": self._world.audience.overview(),
            "faults": self._world.faults.all(),
        }

    def _state(self, request: Request) -> Response:
        return json_response(
            {
                **self._turned(),
                "accounts": {face.vendor: face.overview() for face in self._world.faces},
                "playing": self._world.record.playing(),
                "callbacks": self._world.callbacks.counts,
            }
        )

    def _credentials(self, request: Request) -> Response:
        return json_response(self._world.credentials.lines())

    def _clock(self, request: Request) -> Response:
        self._world.clock.set_speed(float(_body(request)["speed"]))
        self._world.touch()
        return json_response({"speed": self._world.clock.speed})

    def _step(self, request: Request) -> Response:
        self._world.clock.step(float(_body(request)["seconds"]))
        self._world.advance()
        self._world.touch()
        return json_response({"world_s": self._world.clock.now()})

    def _set_callbacks(self, request: Request) -> Response:
        body = _body(request)
        vendor = str(body.get("vendor", ""))
        face = next((face for face in self._world.faces if face.vendor == vendor), None)
        configure = getattr(face, "set_callbacks", None)
        if configure is None:
            raise BadControl(f"callbacks of {vendor or 'nobody'} are not set here")
        configure(body)
        return json_response({"vendor": vendor, "url": body.get("url") or ""})

    def _sent_callbacks(self, request: Request) -> Response:
        session = request.value("session") or None
        rows = [row for row in self._world.callbacks.done if session in (None, row["session"])]
        return json_response({"callbacks": rows, "counts": self._world.callbacks.counts})

    def _set_audience(self, request: Request) -> Response:
        body = _body(request)
        job = str(body.get("session") or body.get("job") or "")
        if not job:
            raise BadControl("which session or job?")
        rate = float(body.get("rate_per_s", 2.0))
        if rate <= 0:
            self._world.audience.remove(job)
        else:
            url, seed = str(body.get("url") or ""), int(body.get("seed", 1))
            self._world.audience.put(job, url=url, rate_per_s=rate, seed=seed)
        self._world.touch()
        return json_response({"job": job, "rate_per_s": max(rate, 0.0)})

    def _audience(self, request: Request) -> Response:
        return json_response(self._world.audience.overview())

    def _audible(self, request: Request) -> Response:
        session, since = request.value("session") or None, int(request.value("since", "0"))
        rows = self._world.record.entries(session, since=since)
        if ended_after := request.value("ended_after"):
            earliest = datetime.fromisoformat(ended_after)
            rows = [
                row for row in rows if not row["ended_real"] or datetime.fromisoformat(row["ended_real"]) >= earliest
            ]
        return json_response({"heard": rows})

    def _frames(self, request: Request) -> Response:
        session, since = request.value("session") or None, int(request.value("since", "0"))
        return json_response({"frames": self._world.frames.since(since, session)})

    def _sound(self, request: Request) -> Response:
        session, since = request.value("session") or None, int(request.value("since", "0"))
        return json_response({"sound": self._world.sound.since(since, session)})

    def _add_fault(self, request: Request) -> Response:
        body = _body(request)
        if unknown := set(body) - set(FAULT_FIELDS):
            raise BadControl("unknown: " + ", ".join(sorted(unknown)))
        options = {name: body[name] for name in FAULT_FIELDS[1:] if body.get(name) is not None}
        fault = self._world.faults.add(str(body.get("kind", "")), **options)
        return json_response({"id": fault.id, "hits": fault.hits}, 201)

    def _list_faults(self, request: Request) -> Response:
        return json_response({"faults": self._world.faults.all()})

    def _clear_faults(self, request: Request) -> Response:
        self._world.faults.clear()
        return json_response({"faults": []})

    def _remove_fault(self, request: Request) -> Response:
        gone = self._world.faults.remove(request.path.rsplit("/", 1)[1])
        return json_response({"removed": gone}, 200 if gone else 404)

    def _reset(self, request: Request) -> Response:
        self._world.reset()
        return json_response({"reset": True})


def refuse_stranger(request: Request) -> Response | None:
    """Only this machine, and no web page: a browser tab elsewhere must not steer the sandbox (DNS rebinding, CSRF)."""
    host = urlsplit("//" + request.host).hostname or ""
    origin = request.headers.get("origin")
    is_local = _is_loopback(request.client) and host in LOCAL_NAMES
    if is_local and (origin is None or urlsplit(origin).hostname in LOCAL_NAMES):
        return None
    return json_response({"error": "the control API answers this machine only"}, 403)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _body(request: Request) -> dict[str, Any]:
    body = request.json()
    if not isinstance(body, dict):
        raise BadControl("a JSON object is needed")
    return body
