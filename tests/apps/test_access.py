"""Every URL, every method, every topic × nobody, a foreign team and the four roles, against a reviewed list.

Each try happens in its own savepoint, so that everybody meets the same rows. A refusal must change no row at all but
the audit; reading must change none either; an allowed POST must change something.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from pytest_django import DjangoDbBlocker

from dashboard.accounts.danger import Level, level_of
from dashboard.audience.models import Question
from dashboard.audit.models import AuditEntry
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.jobs.rewriting import Line
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.library.models import Clip, Product, QuickReply
from dashboard.live.hub import access
from dashboard.rehearsal.control import Sandbox
from dashboard.rehearsal.models import Run
from dashboard.rehearsal.scenarios import BY_SLUG
from dashboard.rehearsal.services.start import start_run
from dashboard.rooms.models import Room, RuleSet, ScenePreset
from dashboard.takeover.models import Takeover
from dashboard.takeover.rewriting import Edit, proposal_of
from dashboard.takeover.services import floor, quiet
from dashboard.takeover.services.pause import pause_script
from dashboard.vendors.models import Command, UnclaimedSession, VendorAccount
from dashboard.vendors.port_live import Timing
from tests import cast as make
from tests.apps.access_expected import EXPECTED, LENIENT, TOPICS, WHO, row
from tests.apps.danger_expected import LEVELS
from tests.cast import PASSWORD, WORDS, Cast, Person
from tests.sounds import Upload, wav

CONFIRMED = {"X-Confirmed": "1"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
TRIES = [(name, method) for name in EXPECTED for method in METHODS]
#: POSTs whose allowed answer leaves no trace in our rows.
TRACELESS = {
    "set_language",
    "takeover:lint",
    "accounts:sign_in",
    "accounts:sign_out",
    "rooms:draft_rule_set",
    "takeover:read_ssml",
    "takeover:words",
    "takeover:script_difference",
}
TRACELESS |= {"takeover:rules_difference"}
#: They turn the sandbox and leave a line of the audit, but no row of ours.
TRACELESS |= {f"rehearsal:{knob}" for knob in ("add_fault", "take_back", "speed", "audience")}


@dataclass(frozen=True, slots=True)
class World:
    """Team alpha with one of everything that a URL can name, and omega with rows of its own."""

    cast: Cast
    account: VendorAccount
    other_vendor: VendorAccount
    idle: Room
    aired: Room
    silenced: Room
    paused: Room
    job: Job
    other_job: Job
    waiting: Takeover
    held: Takeover
    unapproved: Takeover
    unknown: Takeover
    newcomer: Person
    foreign_room: Room
    rule_set: RuleSet
    clip: Clip
    rehearsed: Room
    run: Run
    product: Product
    phrase: QuickReply
    question: Question
    claimed: Question
    preset: ScenePreset
    ghost: UnclaimedSession
    missing: Job

    def person(self, who: str) -> Person | None:
        return None if who == "nobody" else dict(self.cast.people())[who]


@pytest.fixture(scope="module", autouse=True)
def sandbox_that_agrees() -> Iterator[None]:
    """Who may turn it is asked here, not what it does: tests/flows has the real one."""
    answer = {"id": "f1", "heard": [], "clock": {"speed": 1}, "audience": [], "faults": []}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Sandbox, "_ask", lambda *_args, **_named: answer)
        yield


@pytest.fixture(scope="module", autouse=True)
def clock_that_stands() -> Iterator[None]:
    """What a world holds for seconds only, such as the floor, it holds as long as the tests take."""
    before = clock.install(ManualClock())
    yield
    clock.install(before)


@pytest.fixture(scope="module")
def made_once(
    clock_that_stands: None, sandbox_that_agrees: None, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[World]:
    """Every row of it, for all tests of this file: each of them works in a savepoint of the transaction it lies in."""
    with django_db_blocker.unblock(), undone():
        world = make_world(make.make_cast())
        everybody = (*dict(world.cast.people()).values(), world.newcomer)
        SESSIONS.update({person.user.pk: session_of(person) for person in everybody})
        BODIES.update(bodies(world))
        yield world


#: By user: what their browser's cookie holds. Signing in costs more than most of what is asked for here.
SESSIONS: dict[int, str] = {}
#: By URL name, of the world that was made once.
BODIES: dict[str, dict[str, Any]] = {}


def session_of(person: Person) -> str:
    client = Client()
    client.force_login(person.user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def world(made_once: World, db: None) -> World:
    return copy.deepcopy(made_once)


def make_world(cast: Cast) -> World:
    softsugar, metastudio = make.account(cast.alpha, make.SOFTSUGAR), make.account(cast.alpha, make.METASTUDIO)
    aired, silenced = make.room(softsugar, code="K7Q"), make.room(metastudio, code="M2D")
    job, other_job = make.on_air(aired, cast.oki), make.on_air(silenced, cast.oki)
    quiet.silence(job=other_job, user=cast.oki.user, actor=cast.oki.actor)
    sandbox = make.account(cast.alpha, make.SOFTSUGAR, is_sandbox=True)
    rehearsed, calm = make.room(sandbox, code="B7J"), make.room(sandbox, code="D3H")
    make.on_air(rehearsed, cast.oki)
    spoken = make.on_air(calm, cast.oki)
    floor.take(job=spoken, user=cast.oki.user, actor=cast.oki.actor)
    floor.ask(job=spoken, user=cast.pia.user, actor=cast.pia.actor)
    run = start_run(room=rehearsed, scenario=BY_SLUG["outage"], user=cast.oki.user, actor=cast.oki.actor)
    paused = make.room(softsugar, code="Q4T")
    pause_script(job=make.on_air(paused, cast.oki), timing=Timing.NOW, user=cast.oki.user, actor=cast.oki.actor)
    theirs = [{"scene_no": 1, "title": "", "text": WORDS}]
    drift = [{"name": "script", "ours": "1", "theirs": "2", "theirs_whole": theirs}]
    Job.objects.filter(pk=other_job.pk).update(drift=drift)
    Job.objects.filter(pk=spoken.pk).update(missing_since=clock.now())
    foreign = make.room(make.account(cast.omega), code="K7Q")
    make.on_air(foreign, cast.zoe)
    return World(
        cast=cast,
        account=softsugar,
        other_vendor=metastudio,
        idle=make.room(softsugar, code="P9X"),
        aired=aired,
        silenced=silenced,
        paused=paused,
        job=job,
        other_job=other_job,
        unknown=make.unknown(job, cast.oki),
        waiting=make.takeover(job, cast.oki),
        held=held(job, cast),
        unapproved=unapproved(job, cast),
        newcomer=make.person(cast.alpha, "Mia Luo", "viewer"),
        foreign_room=foreign,
        rule_set=make.rule_set(cast.alpha, cast.pia),
        clip=make.clip(cast.alpha, cast.pia),
        rehearsed=calm,
        run=run,
        product=Product.objects.create(team=cast.alpha, name="Lipstick 203", price=199),
        phrase=QuickReply.objects.create(team=cast.alpha, title="Delivery", text=WORDS),
        question=make.question(job, "多少钱？"),
        claimed=make.question(job, "敏感肌能用吗？", by=cast.pia),
        preset=ScenePreset.objects.create(room=aired, name="Wide", change={"change_bit_rate": 5}),
        ghost=make.ghost(softsugar, "session-of-others-4F2A"),
        missing=spoken,
    )


def held(job: Job, cast: Cast) -> Takeover:
    make.undo_window(cast.alpha, 3)
    item = make.takeover(job, cast.oki)
    make.undo_window(cast.alpha, 0)
    return item


def unapproved(job: Job, cast: Cast) -> Takeover:
    make.second_person(job.room, words=["审批"])
    return make.takeover(job, cast.oki, text="这一句话要先经过审批才能说。")


def arguments(world: World) -> dict[str, dict[str, Any]]:
    """What each URL names, by url name; the team's slug is added."""
    idle, aired, account = {"code": world.idle.code}, {"code": world.aired.code}, {"pk": world.account.pk}
    studio = {"code": world.silenced.code}
    run, rehearsed = {"pk": world.run.pk}, {"code": world.rehearsed.code}
    waiting, unknown, member = {"pk": world.waiting.pk}, {"pk": world.unknown.pk}, {"pk": world.newcomer.member.pk}
    return {
        "console:desk": aired,
        "console:job": {"pk": world.job.pk},
        "console:script": aired,
        "takeover:script_difference": aired,
        "console:steer": aired,
        "console:scene": aired,
        "takeover:change_scene": aired,
        "takeover:keep_scene": aired,
        "takeover:rename_scene": {**aired, "pk": world.preset.pk},
        "takeover:delete_scene": {**aired, "pk": world.preset.pk},
        "takeover:preload": aired,
        "takeover:show_layer": studio,
        "takeover:compare": studio,
        "takeover:rules_difference": studio,
        "takeover:put_rules_on_air": studio,
        "takeover:change_output": studio,
        "takeover:push_field": {**studio, "name": "script"},
        "takeover:adopt_field": {**studio, "name": "script"},
        "takeover:pause_script": aired,
        "takeover:resume_script": {"code": world.paused.code},
        "takeover:rewrite_script": aired,
        "jobs:start": idle,
        "jobs:stop": aired,
        "jobs:adopt": {"pk": world.ghost.pk},
        "jobs:close_session": {"pk": world.ghost.pk},
        "takeover:close_job": {"pk": world.missing.pk},
        "takeover:create": aired,
        "takeover:read_ssml": aired,
        "takeover:silence": aired,
        "audience:claim": {"pk": world.question.pk},
        "audience:claim_comment": {**aired, "event": world.question.event_id},
        "audience:release": {"pk": world.claimed.pk},
        "audience:close": {"pk": world.question.pk},
        "console:asked": aired,
        "console:rule_log": aired,
        "takeover:resume": {"code": world.silenced.code},
        "takeover:arm": aired,
        "takeover:take_floor": aired,
        "takeover:ask_floor": aired,
        "takeover:hand_floor_over": rehearsed,
        "takeover:release_floor": rehearsed,
        "takeover:cancel": waiting,
        "takeover:approve": {"pk": world.unapproved.pk},
        "takeover:return": {"pk": world.unapproved.pk},
        "takeover:second_person": aired,
        "takeover:undo": {"pk": world.held.pk},
        "takeover:words": unknown,
        "takeover:send_now": {"pk": world.held.pk},
        "takeover:cancel_waiting": aired,
        "takeover:move": waiting,
        "takeover:mark_spoken": unknown,
        "takeover:check": unknown,
        "takeover:again": unknown,
        "takeover:quick": {**aired, "pk": world.phrase.pk},
        "takeover:quick_row": aired,
        "takeover:lint": aired,
        "rooms:on_sale": aired,
        "library:shelf": {"name": "products"},
        "library:create": {"name": "products"},
        "library:edit": {"name": "products", "pk": world.product.pk},
        "library:delete": {"name": "products", "pk": world.product.pk},
        "library:listen": {"pk": world.clip.pk},
        "library:remove_clip": {"pk": world.clip.pk},
        "library:fetch_clip": {"token": "forged"},
        "rooms:edit": idle,
        "rooms:rule_set": {"pk": world.rule_set.pk},
        "rooms:delete_rule_set": {"pk": world.rule_set.pk},
        "rehearsal:debrief": run,
        "rehearsal:notice": run,
        "rehearsal:end": run,
        "rehearsal:strip": rehearsed,
        "rehearsal:audience": rehearsed,
        "vendors:detail": account,
        "vendors:test": account,
        "vendors:import_rooms": {"pk": world.other_vendor.pk},
        "accounts:change_role": member,
        "accounts:remove_member": member,
        "intake:job_callback": {"slug": world.other_job.callback_slug},
        "intake:account_callback": {"slug": world.account.callback_slug},
        "intake:audience": {"slug": world.job.intake_slug, "signature": "forged"},
    }


def bodies(world: World) -> dict[str, dict[str, Any]]:
    """The smallest body of each POST that its view accepts."""
    room = {
        "account": world.account.pk,
        "name": "New room",
        "language": "zh-hans",
        "time_zone": "Asia/Shanghai",
        "file_id": "file-2",
        "resolution": "1080x1920",
        "paragraphs": WORDS,
    }
    account = {
        "vendor": "softsugar",
        "name": "Another account",
        "base_url": "https://vendor.talkback.test",
        "token": "another-token",
        "callback_check": "signature",
    }
    script = {"version": 1, "line": ["0"], "scene": ["1"], "title": [""], "text": [WORDS]}
    proposal, _locked = proposal_of(world.job, Edit((Line(None, 1, "", WORDS),), version=1))
    return {
        "takeover:script_difference": script,
        "takeover:change_scene": {"bit_rate": "5", "key": "scene-once"},
        "takeover:keep_scene": {"bit_rate": "5", "key": "-", "preset_name": "Sharp"},
        "takeover:rename_scene": {"preset_name": "Crisp"},
        "takeover:preload": {"ids": "file-9"},
        "takeover:show_layer": {"layer": '{"layer_id": "price"}'},
        "takeover:rules_difference": {"rule_set": world.rule_set.pk},
        "takeover:put_rules_on_air": {"rule_set": world.rule_set.pk, "version": world.rule_set.version},
        "takeover:change_output": {
            "url": "rtmp://other.talkback.test/live/y",
            "key": "k",
            "word": world.silenced.code,
            "reason": "Other platform.",
        },
        "takeover:rewrite_script": {**script, "seen": proposal.digest},
        "jobs:start": {"key": "start-once"},
        "jobs:adopt": {"room": world.idle.code},
        "jobs:close_session": {"word": "4F2A", "reason": "Nobody knows it."},
        "jobs:stop": {"word": world.aired.code, "reason": "The test is over."},
        "takeover:resume_all": {"room": world.silenced.code},
        "takeover:create": {"text": WORDS, "mode": "append", "key": "say-once"},
        "takeover:again": {"key": "again-once"},
        "takeover:move": {"to": "head"},
        "takeover:cancel_several": {"items": str(world.waiting.pk)},
        "takeover:quick": {"key": "quick-once"},
        "takeover:lint": {"text": WORDS},
        "rooms:on_sale": {"product": world.product.pk},
        "library:create": {"name": "Lipstick 205", "price": "149", "currency": "CNY"},
        "library:edit": {"name": "Lipstick 203", "price": "189", "currency": "CNY"},
        "rehearsal:start": {"room": world.rehearsed.code, "scenario": "wrong-words"},
        "rehearsal:add_fault": {"kind": "latency", "whom": f"room:{world.rehearsed.code}", "for_s": "10"},
        "rehearsal:take_back": {"account": world.rehearsed.account_id},
        "rehearsal:speed": {"account": world.rehearsed.account_id, "speed": "2.0"},
        "rehearsal:audience": {"rate": "10.0"},
        "library:add_clip": {"name": "Opening", "file": Upload("opening.wav", wav(0.3))},
        "rooms:create": room,
        "rooms:edit": {**room, "version": world.idle.version},
        "rooms:create_rule_set": {"name": "Other rules"},
        "rooms:rule_set": {"name": "Renamed rules", "version": world.rule_set.version},
        "rooms:delete_rule_set": {"word": world.rule_set.name, "reason": "Not needed any more."},
        "rooms:draft_rule_set": {"do": "add"},
        "vendors:create": account,
        "vendors:detail": account,
        "accounts:add_member": {
            "email": "new@alpha.test",
            "name": "New Person",
            "role": "viewer",
            "password": PASSWORD,
        },
        "takeover:approve": {"version": world.unapproved.version},
        "takeover:return": {"version": world.unapproved.version, "reason": "Check the price."},
        "takeover:second_person": {"version": "1", "modes": ["now"], "approver": "producer", "within_s": "60"},
        "accounts:undo_window": {"operator": "5", "producer": "0", "admin": "10"},
        "accounts:retention": {"keep_days": "30"},
        "accounts:change_role": {"role": "producer"},
        "accounts:settings": {"language": "zh-hans", "time_zone": "Europe/Berlin"},
        "accounts:sign_in": {"username": world.cast.vic.user.email, "password": PASSWORD},
        "set_language": {"language": "zh-hans"},
    }


# ----------------------------------------------------------------------------------------------------------- the tools


def patterns(
    found: list[URLPattern | URLResolver], spaces: tuple[str, ...] = (), route: str = ""
) -> Iterator[tuple[str, str]]:
    """Name and route of every URL."""
    for one in found:
        here = route + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, (*spaces, one.namespace) if one.namespace else spaces, here)
        else:
            yield ":".join((*spaces, one.name or f"<no name> {here}")), here


ROUTES = dict(patterns(get_resolver().url_patterns))


def is_of_a_team(name: str) -> bool:
    return ROUTES[name].startswith("t/<slug:team>/")


def address(name: str, world: World, slug: str = "alpha") -> str:
    given = dict(arguments(world).get(name, {}))
    if is_of_a_team(name):
        given["team"] = slug
    return reverse(name, kwargs=given)


COUNTERS = ("callbacks_refused", "callback_refused_at")


def reading() -> Iterator[tuple[str, str]]:
    """How each of our tables is read, as the database keeps it: all of this is read some thousand times."""
    for model in apps.get_models():
        if model.__module__.startswith("dashboard.") and model is not AuditEntry:
            columns = [field.column for field in model._meta.concrete_fields if field.column not in COUNTERS]
            table, key = model._meta.db_table, model._meta.pk.column
            yield model.__name__, f"SELECT {', '.join(columns)} FROM {table} ORDER BY {key}"


READING = dict(reading())


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Everything in our tables but the audit, and the counter of refused callbacks."""
    with connection.cursor() as cursor:
        return {name: cursor.execute(query).fetchall() for name, query in READING.items()}


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def browser(person: Person | None, *, strict: bool = False) -> Client:
    client = Client(enforce_csrf_checks=strict)
    if person is not None:
        client.cookies[settings.SESSION_COOKIE_NAME] = SESSIONS[person.user.pk]
    return client


def call(client: Client, method: str, url: str, body: dict[str, Any]) -> Any:
    """A POST is a second press: how dangerous each is, is walked at the end."""
    return client.post(url, body, headers=CONFIRMED) if method == "POST" else client.generic(method, url)


def expected(name: str, method: str) -> dict[str, int]:
    if known := {**LENIENT.get(name, {}), **EXPECTED[name]}.get(method):
        return known
    if is_of_a_team(name):
        return row(302, 404, 405, 405, 405, 405)
    needs_login = name in ("home", "accounts:settings")
    return row(302 if needs_login else 405, 405, 405, 405, 405, 405)


# ------------------------------------------------------------------------------------------------------------ the walk


def test_the_list_holds_every_url_and_no_other() -> None:
    assert set(EXPECTED) == set(ROUTES)


@pytest.mark.parametrize(("name", "method"), TRIES, ids=[f"{method} {name}" for name, method in TRIES])
def test_everybody_gets_what_the_list_says(world: World, name: str, method: str) -> None:
    got, wrong = {}, []
    body = BODIES.get(name, {})
    for who in WHO:
        with undone():
            client = browser(world.person(who))
            before, audits = rows(), AuditEntry.objects.count()
            answer = call(client, method, address(name, world), body)
            got[who] = answer.status_code
            audited = list(AuditEntry.objects.order_by("pk")[audits:].values_list("result", flat=True))
            is_same = rows() == before
            if got[who] == expected(name, method)[who]:
                wrong += judge(name, method, who, answer, is_same=is_same, audited=audited)
    assert got == expected(name, method)
    assert wrong == []


def judge(name: str, method: str, who: str, answer: Any, *, is_same: bool, audited: list[str]) -> list[str]:
    """What is wrong beside the status: traces of a refusal, no trace of an act, another page than the sign-in."""
    listed = method in EXPECTED[name]
    refused = answer.status_code in (401, 403, 404, 405, 409) or (who == "nobody" and is_of_a_team(name))
    wrong = []
    if (refused or method != "POST") and not is_same:
        wrong.append(f"{who}: rows changed")
    if not refused and method == "POST" and listed and name not in TRACELESS and who != "nobody" and is_same:
        wrong.append(f"{who}: nothing changed")
    if answer.status_code == 403 and method == "POST" and audited != ["refused"]:
        wrong.append(f"{who}: a refusal is audited once, not {audited}")
    if who == "nobody" and answer.status_code == 302 and expected(name, "GET")["nobody"] != 200:
        sign_in = reverse("accounts:sign_in")
        if (is_of_a_team(name) or name in ("home", "accounts:settings")) and not answer["Location"].startswith(sign_in):
            wrong.append(f"nobody is sent to {answer['Location']}")
    if answer.status_code == 404 and who == "zoe" and (b"K7Q" in answer.content or b"Alpha" in answer.content):
        wrong.append("zoe reads alpha's names on the 404 page")
    return wrong


@pytest.mark.parametrize("name", [name for name in EXPECTED if is_of_a_team(name) and "<int:pk>" in ROUTES[name]])
def test_a_number_of_another_team_does_not_exist_in_mine(world: World, name: str) -> None:
    method = next(iter(EXPECTED[name]))
    client = browser(world.cast.zoe)
    before = rows()
    answer = call(client, method, address(name, world, slug="omega"), BODIES.get(name, {}))
    assert answer.status_code == 404
    assert rows() == before


def test_the_same_code_in_two_teams_is_two_rooms(world: World) -> None:
    body = BODIES["takeover:create"]
    answer = browser(world.cast.zoe).post(reverse("takeover:create", args=["omega", "K7Q"]), body)
    assert answer.status_code == 204
    assert Takeover.objects.get(key="say-once").room_id == world.foreign_room.pk


@pytest.mark.parametrize("name", [name for name in EXPECTED if "POST" in EXPECTED[name]])
def test_a_post_without_the_pages_token_is_refused(world: World, name: str) -> None:
    client = browser(world.cast.ada, strict=True)
    before = rows()
    answer = client.post(address(name, world), BODIES.get(name, {}))
    assert answer.status_code == (401 if name.startswith("intake:") else 403)
    assert rows() == before


def test_a_refused_operator_makes_no_command(world: World) -> None:
    """The outbox by name, beside the comparison of all rows: nothing may leave for a vendor."""
    Command.objects.all().delete()
    for name in ("jobs:start", "jobs:stop", "takeover:create", "takeover:again", "takeover:check", "takeover:silence"):
        for who in ("nobody", "zoe", "vic"):
            call(browser(world.person(who)), "POST", address(name, world), BODIES.get(name, {}))
    assert list(Command.objects.all()) == []


# ----------------------------------------------------------------------------------------------------------- topics


@pytest.mark.parametrize("kind", TOPICS)
def test_topic_is_seen_by_its_team_alone(world: World, kind: str) -> None:
    topic = {"room": world.aired.topic, "account": world.account.topic, "team": f"team:{world.cast.alpha.pk}"}[kind]
    seen = {}
    for who in WHO:
        person = world.person(who)
        teams = access.memberships(person.user.pk) if person else access.memberships(0)
        found = access.visible([topic], teams)
        assert found in ({}, {topic: world.cast.alpha.pk})
        seen[who] = bool(found)
    assert seen == TOPICS[kind]


def test_every_topic_that_events_are_numbered_by_is_in_the_list(world: World) -> None:
    kinds = {topic.partition(":")[0] for topic in Event.objects.values_list("sequence__topic", flat=True)}
    assert kinds <= set(TOPICS)


@pytest.mark.parametrize("topic", ["", "room:", "room:x", "room:-1", "room:1 ", "room:١", "job:1", "team:" + "9" * 40])
def test_a_malformed_topic_is_nobodys(world: World, topic: str) -> None:
    assert access.visible([topic], frozenset({world.cast.alpha.pk})) == {}


def test_the_polled_fall_back_tells_a_stranger_nothing(world: World) -> None:
    topics = [world.aired.topic, world.account.topic, f"team:{world.cast.alpha.pk}"]
    query = {"topics": json.dumps(dict.fromkeys(topics, 0)), "view": "desk"}
    frames = browser(world.cast.zoe).get(reverse("hub:regions"), query).json()
    assert [frame for frame in frames if frame["t"] != "tick"] == [{"t": "denied", "topic": topic} for topic in topics]
    tick = next(frame for frame in frames if frame["t"] == "tick")
    assert not {f"account:{world.account.pk}", f"job:{world.job.pk}"} & set(tick["fresh"])


def test_the_polled_fall_back_tells_the_team(world: World) -> None:
    query = {"topics": json.dumps({world.aired.topic: 0}), "view": "desk"}
    frames = browser(world.cast.vic).get(reverse("hub:regions"), query).json()
    assert "denied" not in [frame["t"] for frame in frames]
    assert world.aired.code in json.dumps(frames, ensure_ascii=False)


# ------------------------------------------------------------------------------------------------------ danger levels


def grave(world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Where what a POST does decides how dangerous it is: the address and body of its gravest deed."""
    own_role = reverse("accounts:change_role", args=["alpha", world.cast.ada.member.pk])
    playing = make.happened(world.waiting, Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    return {
        "takeover:take_floor": (reverse("takeover:take_floor", args=["alpha", "D3H"]), {"reason": "wrong price"}),
        "takeover:create": (address("takeover:create", world), {"text": WORDS, "mode": "now", "key": "cut-once"}),
        "takeover:change_scene": (
            address("takeover:change_scene", world),
            {"bit_rate": "5", "text": WORDS, "mode": "now", "key": "scene-cuts"},
        ),
        "takeover:cancel": (reverse("takeover:cancel", args=["alpha", playing.pk]), {}),
        "audience:claim": (reverse("audience:claim", args=["alpha", world.claimed.pk]), {}),
        "audience:claim_comment": (
            reverse("audience:claim_comment", args=["alpha", world.aired.code, world.claimed.event_id]),
            {},
        ),
        "accounts:change_role": (own_role, {"role": "producer"}),
    }


def gravest(world: World, name: str) -> tuple[str, dict[str, Any]]:
    if name == "takeover:quick":  # light, but into a silent room
        Job.objects.update(silenced_at=datetime(2026, 1, 1, tzinfo=UTC))
    return grave(world).get(name) or (address(name, world), BODIES.get(name, {}))


def of_level(*levels: Level) -> list[str]:
    return [name for name, may_be in LEVELS.items() if set(levels) & set(may_be)]


def test_the_list_of_levels_holds_every_post_and_no_other() -> None:
    assert set(LEVELS) == {name for name in EXPECTED if "POST" in EXPECTED[name]}


@pytest.mark.parametrize("name", LEVELS)
def test_each_post_is_as_dangerous_as_the_list_says(world: World, name: str) -> None:
    """A view that names no deed is light, and the list must say so on purpose."""
    deeds = getattr(resolve(address(name, world)).func, "deeds", ())
    assert tuple(level_of(deed) for deed in deeds) == LEVELS[name] or (not deeds and LEVELS[name] in LIGHT)


LIGHT = ((Level.D0,), (Level.D1,))


@pytest.mark.parametrize("name", of_level(Level.D2))
def test_a_first_press_of_two_does_nothing(world: World, name: str) -> None:
    make.person(world.cast.alpha, "Eva Gu", "admin")  # so that Ada may give her own role away
    url, body = gravest(world, name)
    client = browser(world.cast.ada)
    before, audits = rows(), AuditEntry.objects.count()
    for sent in ({}, {"X-Confirmed": "0"}, {"X-Confirmed": "yes"}):
        first = client.post(url, body, headers={"HX-Request": "true", **sent})
        assert (first.status_code, bool(first["X-Arm"]), bool(first.content)) == (428, True, True)
        assert "X-Toast" not in first
    assert (rows(), AuditEntry.objects.count()) == (before, audits)
    assert client.post(url, body, headers=CONFIRMED).status_code in (200, 204, 302)
    assert rows() != before


@pytest.mark.parametrize("name", of_level(Level.D2))
def test_who_may_not_is_not_asked_twice(world: World, name: str) -> None:
    url, body = gravest(world, name)
    assert browser(world.cast.vic).post(url, body).status_code == 403


def test_a_plain_form_confirms_by_a_field(world: World) -> None:
    url = address("accounts:remove_member", world)
    assert browser(world.cast.ada).post(url).status_code == 428
    assert browser(world.cast.ada).post(url, {"confirmed": "1"}).status_code == 302


@pytest.mark.parametrize("name", of_level(Level.D3, Level.D4))
def test_what_ends_something_needs_its_name_typed(world: World, name: str) -> None:
    url, body = gravest(world, name)
    client = browser(world.cast.ada)
    before = rows()
    for word in ("", "NOPE"):
        answer = client.post(url, {**body, "word": word}, headers=CONFIRMED)
        assert 400 <= answer.status_code < 500
    assert rows() == before


@pytest.mark.parametrize("name", of_level(Level.PANIC))
def test_panic_is_never_asked_twice(world: World, name: str) -> None:
    assert browser(world.cast.oki).post(*gravest(world, name)).status_code == 204


# ------------------------------------------------------------------------------------------- who may come in no longer


def test_a_removed_member_is_a_stranger_at_once(world: World) -> None:
    client = browser(world.newcomer)
    assert client.get(address("console:wall", world)).status_code == 200
    browser(world.cast.ada).post(address("accounts:remove_member", world), headers=CONFIRMED)
    assert client.get(address("console:wall", world)).status_code == 404
    assert access.visible([world.aired.topic], access.memberships(world.newcomer.user.pk)) == {}
