"""How each documented error of the live calls is provoked: what must be so, and the call that then meets it.

Each row is used twice, by plain HTTP and through the vendor's SDK. `NOT_PLAYED` says of every other code of the live
service (MSS.2001...) why the sandbox does not come to it by itself; the `error` fault answers with any of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from dashboard.sandbox import metastudio_review as review
from dashboard.sandbox import metastudio_wire as wire
from dashboard.sandbox.metastudio_audio import DOWNLOAD_FAILED, NOT_AUDIO
from dashboard.sandbox.metastudio_world import LONGEST_QUEUE
from tests.conformance.metastudio.answers import BOOK
from tests.conformance.metastudio.conftest import Desk
from tests.sandbox.metastudio.conftest import SCRIPT

BAD = review.REFUSED[1]
NOWHERE = "24bad716-87b1-45e5-8912-6102f7693265"
CREATE, UPDATE, DELETE = "create_smart_live_room", "update_smart_live_room", "delete_smart_live_room"
START, STOP, SHOW_JOB = "start_smart_live_job", "stop_smart_live_job", "show_smart_live_job"
COMMAND, REPORT = "execute_smart_live_command", "report_live_event"
CREATE_GROUP, UPDATE_GROUP = "create_smart_live_interaction_rule_group", "update_smart_live_interaction_rule_group"
DELETE_GROUP = "delete_smart_live_interaction_rule_group"
LIVE = [one for one in BOOK.endpoints if one.section.startswith(("6.1", "6.2"))]
BODIES: dict[str, Any] = {
    CREATE: {"room_name": "New"},
    UPDATE: {"room_name": "Other"},
    CREATE_GROUP: {"group_name": "New"},
    UPDATE_GROUP: {"group_name": "Other"},
    START: {},
    COMMAND: {"command": "GET_CURRENT_PLAYING_SCRIPTS"},
    REPORT: {"total": 0},
}


@dataclass(frozen=True)
class Ask:
    """What of the call differs from the usual one."""

    path: dict[str, str] = field(default_factory=dict)
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


Prepare = Callable[[Desk], Awaitable[Ask]]


@dataclass(frozen=True)
class Provocation:
    row: tuple[str, int]
    endpoint: str
    prepare: Prepare
    how: str = ""

    def __str__(self) -> str:
        return f"{self.row[0]}/{self.row[1]} {self.endpoint} {self.how}".strip()


def said(body: Any = None, **path: str) -> Prepare:
    """Nothing to prepare: the call itself is wrong."""

    async def prepare(desk: Desk) -> Ask:
        return Ask(path, body)

    return prepare


def asked(query: dict[str, str]) -> Prepare:
    async def prepare(desk: Desk) -> Ask:
        return Ask(query=query)

    return prepare


def command(name: str, params: Any) -> dict[str, Any]:
    return {"command": name, "params": params}


def spoken(text: str) -> dict[str, Any]:
    return command("INSERT_PLAY_SCRIPT", {"text_config": {"text": text}, "play_type": "APPEND"})


def scenes(**scene: Any) -> dict[str, Any]:
    return {"room_name": "New", "scene_scripts": [{"script_name": "S", "shoot_scripts": [], **scene}]}


def rules(**rule: Any) -> list[dict[str, Any]]:
    return [{"rule_name": "price", "event_type": 1, **rule}]


# --- what must be so first --------------------------------------------------------------------------------------------


async def on_air_room(desk: Desk) -> Ask:
    return Ask({"room_id": desk.live_id})


async def taken_group_name(desk: Desk) -> Ask:
    return Ask(body={"group_name": desk.face.model.groups[desk.group_id].name})


async def template(desk: Desk) -> Ask:
    return Ask({"room_id": await desk.make_room([SCRIPT], room_name=desk.fresh(), room_type="TEMPLATE")})


async def frozen(desk: Desk) -> Ask:
    job = await desk.on_air([f"{review.FROZEN[1]}."], room_name=desk.fresh())
    desk.play(30)
    return Ask({"room_id": job.room_id})


async def over(desk: Desk) -> Ask:
    job = await desk.on_air([SCRIPT], room_name=desk.fresh())
    await desk.call("POST", desk.job_path(job, "stop"))
    desk.play(2)
    return Ask({"room_id": job.room_id, "job_id": job.job_id}, BODIES[COMMAND])


async def over_report(desk: Desk) -> Ask:
    return Ask((await over(desk)).path, BODIES[REPORT])


async def waiting(desk: Desk) -> Ask:
    room_id = await desk.make_room([SCRIPT], room_name=desk.fresh())
    return Ask({"room_id": room_id, "job_id": (await desk.start(room_id))["job_id"]}, BODIES[COMMAND])


async def no_quota(desk: Desk) -> Ask:
    desk.face.switches.configure({"live_quota": 1})
    return Ask()


async def no_time(desk: Desk) -> Ask:
    desk.face.switches.configure({"live_package_s": 1})
    return Ask()


def over_quota(code: str) -> Prepare:
    async def prepare(desk: Desk) -> Ask:
        desk.world.faults.add("quota", vendor="metastudio", count=1, params={"code": code})
        return Ask()

    return prepare


async def full_queue(desk: Desk) -> Ask:
    job = await desk.on_air([SCRIPT], room_name=desk.fresh(), play_policy={"repeat_count": -1})
    for _ in range(LONGEST_QUEUE):
        desk.face.gate.reset()
        assert (await desk.call_now("POST", desk.job_path(job, "command"), spoken("One."))).status_code == 200
    return Ask({"room_id": job.room_id, "job_id": job.job_id}, spoken("One too many."))


async def key_of(desk: Desk) -> dict[str, str]:
    url = (await desk.ask(SHOW_JOB)).json()["live_event_report_url"]
    return dict(pair.split("=") for pair in url.partition("?")[2].split("&"))


async def wrong_key(desk: Desk) -> Ask:
    return Ask(body=BODIES[REPORT], query={**await key_of(desk), "auth_key": "0" * 64})


def late_key(hours: int, **more: str) -> Prepare:
    async def prepare(desk: Desk) -> Ask:
        query = await key_of(desk)
        desk.world.faults.add("skew", params={"seconds": hours * 3600})
        return Ask(body=BODIES[REPORT], query={**query, **more})

    return prepare


async def too_often(desk: Desk) -> Ask:
    for number in range(5):
        assert (await desk.call_now("POST", desk.url_of(CREATE), {"room_name": f"Often {number}"})).status_code == 200
    return Ask(body=BODIES[CREATE])


def clip(path: str) -> Prepare:
    async def prepare(desk: Desk) -> Ask:
        # The sandbox itself serves no sound; what it answers is a file all the same.
        return Ask(body=command("INSERT_PLAY_AUDIO", {"audio_url": f"{desk.server.url}{path}"}))

    return prepare


def failing(kind: str, **params: Any) -> Prepare:
    async def prepare(desk: Desk) -> Ask:
        desk.world.faults.add(kind, vendor="metastudio", count=1, params=params)
        return Ask()

    return prepare


async def skewed(desk: Desk) -> Ask:
    desk.world.faults.add("skew", params={"seconds": timedelta(minutes=16).total_seconds()})
    return Ask()


async def chinese_user(desk: Desk) -> Ask:
    return Ask(headers={"x-app-userid": "王五"})


# --- the table --------------------------------------------------------------------------------------------------------

OWN = [
    Provocation(wire.ROOM_NOT_FOUND, UPDATE, said(BODIES[UPDATE], room_id=NOWHERE)),
    Provocation(wire.ROOM_NOT_FOUND, DELETE, said(room_id=NOWHERE)),
    Provocation(wire.ROOM_NOT_FOUND, START, said({}, room_id=NOWHERE)),
    Provocation(wire.ROOM_NOT_FOUND, "list_smart_live_jobs", said(room_id=NOWHERE)),
    Provocation(wire.NOT_FOUND, "show_smart_live_room", said(room_id=NOWHERE)),
    Provocation(wire.ROOM_NAME_TAKEN, CREATE, said({"room_name": "Room 2"})),
    Provocation(wire.ROOM_NAME_TAKEN, UPDATE, said({"room_name": "Room 2"})),
    Provocation(
        wire.URL_INVALID,
        CREATE,
        said({"room_name": "N", "live_event_callback_config": {"live_event_type_callback_url": "ftp://x"}}),
    ),
    Provocation(wire.URL_INVALID, START, said({"live_event_callback_config": {"live_event_type_callback_url": "x"}})),
    Provocation(wire.XML_PARSE_FAIL, CREATE, said(scenes(shoot_scripts=[{"text_config": {"text": "<speak>a</b>"}}]))),
    Provocation(wire.XML_PARSE_FAIL, COMMAND, said(spoken("<speak>"))),
    Provocation(
        wire.RULE_PARAMETERS,
        CREATE,
        said(
            {"room_name": "N", "interaction_rules": rules(hit_condition={"tags": [{"match": "REGEX", "value": "("}]})}
        ),
    ),
    Provocation(
        wire.RULE_PARAMETERS,
        CREATE_GROUP,
        said(
            {
                "group_name": "N",
                "interaction_rules": rules(hit_condition={"tags": [{"match": "MATH_GT", "value": "many"}]}),
            }
        ),
    ),
    Provocation(review.ROOM_NAME, CREATE, said({"room_name": BAD})),
    Provocation(review.ROOM_DESCRIPTION, CREATE, said({"room_name": "N", "room_description": BAD})),
    Provocation(review.SCRIPT_NAME, CREATE, said(scenes(script_name=BAD))),
    Provocation(review.SCRIPT_DESCRIPTION, UPDATE, said(scenes(script_description=BAD))),
    Provocation(review.PARAGRAPH_TITLE, UPDATE, said(scenes(shoot_scripts=[{"title": BAD}]))),
    Provocation(review.SCRIPT_TEXT, UPDATE, said(scenes(shoot_scripts=[{"text_config": {"text": BAD}}]))),
    Provocation(
        review.INTERACTION,
        CREATE_GROUP,
        said({"group_name": "N", "interaction_rules": rules(trigger={"reply_texts": [BAD]})}),
    ),
    Provocation(review.LIVE_REPLY, COMMAND, said(spoken(BAD))),
    Provocation(wire.JOBS_IN_PROGRESS, DELETE, on_air_room, "while it is on air"),
    Provocation(wire.JOBS_IN_PROGRESS, START, on_air_room, "while it is on air"),
    Provocation(wire.ROOM_NOT_AVAILABLE, START, template, "of a template"),
    Provocation(wire.ROOM_NOT_AVAILABLE, START, frozen, "of a room that the review froze"),
    Provocation(wire.NO_LIVE_QUOTA, START, no_quota, "beyond the concurrent tasks"),
    Provocation(wire.NO_LIVE_TIME, START, no_time, "when the bought time is used up"),
    Provocation(wire.NO_RESOURCES, START, over_quota("MSS.20010035"), "by the quota fault"),
    Provocation(wire.NO_WORKERS, START, over_quota("MSS.20010102"), "by the quota fault"),
    Provocation(wire.JOB_IS_OVER, SHOW_JOB, said(job_id=NOWHERE)),
    Provocation(wire.JOB_IS_OVER, STOP, over, "of a task that ended"),
    Provocation(wire.JOB_IS_OVER, COMMAND, over, "to a task that ended"),
    Provocation(wire.JOB_IS_OVER, REPORT, over_report, "to a task that ended"),
    Provocation(wire.JOB_NOT_RUNNING, COMMAND, waiting, "before it is on air"),
    Provocation(wire.QUEUE_FULL, COMMAND, full_queue, "behind 200 others"),
    Provocation(wire.INVALID_COMMAND, COMMAND, said({"command": "SING"})),
    Provocation(DOWNLOAD_FAILED, COMMAND, clip("/nothing.mp3"), "of a file that is not there"),
    Provocation(NOT_AUDIO, COMMAND, clip("/sandbox/"), "of a file that is no sound"),
    Provocation(wire.INVALID, REPORT, said({"total": 2, "events": []}), "with a wrong total"),
    Provocation(wire.INVALID, "list_tenant_smart_live_jobs", asked({"state": "CREATING"}), "of an unknown state"),
    Provocation(wire.REPORT_KEY_WRONG, REPORT, wrong_key, "with another key"),
    Provocation(wire.REPORT_KEY_EXPIRED, REPORT, late_key(26), "after its end"),
    Provocation(wire.REPORT_KEY_TOO_OLD, REPORT, late_key(50, refresh_url="true"), "renewed too late"),
    Provocation(wire.GROUP_NOT_FOUND, UPDATE_GROUP, said(BODIES[UPDATE_GROUP], group_id=NOWHERE)),
    Provocation(wire.GROUP_NOT_FOUND, DELETE_GROUP, said(group_id=NOWHERE)),
    Provocation(wire.GROUP_NAME_TAKEN, CREATE_GROUP, taken_group_name),
    Provocation(wire.WRONG_PROJECT, CREATE, said(BODIES[CREATE], project_id="0" * 32)),
    Provocation(wire.THROTTLED, CREATE, too_often, "the sixth time in a second"),
]


def of_every_call() -> Iterator[Provocation]:
    """What any call can meet: a wrong header, a signature out of time, and failures of the vendor's own."""
    for endpoint in LIVE:
        yield Provocation(wire.INVALID, endpoint.id, chinese_user, "with a user ID that is not allowed")
        yield Provocation(wire.UNAUTHORIZED, endpoint.id, skewed, "16 minutes late")
        yield Provocation(wire.INTERNAL, endpoint.id, failing("error"), "by the error fault")
        yield Provocation(wire.UNAVAILABLE, endpoint.id, failing("outage"), "by the outage fault")


PROVOCATIONS = [*OWN, *of_every_call()]

ASSETS = "assets are not played yet, so none can be missing, unfit or too large"
VIDEO = "belongs to video production, which is not played yet"
CHAT = "belongs to intelligent interaction, which Talkback does not use"
INNER = "a failure inside the vendor's service without a cause that a caller could give"
NO_NUMBER = "the limit is not printed (A83)"
ANOTHER = "the reference has two codes for one thing, and the other one is used (A76)"
NOT_PLAYED = {
    ASSETS: "08 10 12 13 14 16 18 20 21 22 24 26 44 47 49 50 57 58 71 94 95 98 101 103 104 105 106 107 111",
    VIDEO: "03 05 09 19 23 27 48 52 56 66 72 73 81 82 85 86 88 89 90 91 92 96 97 112",
    CHAT: "75 76",
    INNER: "06 25 40 41 42 43 60 78 80 115",
    NO_NUMBER: "108 109",
    ANOTHER: "46 51 59 70 100",
    "which symbols are meant is not printed": "01",
    "which id is meant is not printed": "79",
    "not a refusal here, but the error_info of a task that failed": "37",
    "which call needs the configuration is not printed": "87",
}
