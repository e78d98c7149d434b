"""The people of all tests, and the rows they work with, made through the services that the console itself uses.

Ada (admin), Pia (producer), Oki (operator) and Vic (viewer) are in team "alpha". Zoe is admin of "omega" and must see
nothing of alpha. `send` plays the relay's part of one command without a vendor; `hear` what a vendor would have told.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from dashboard.accounts import services as accounts
from dashboard.accounts.access import actor_of
from dashboard.accounts.models import Member, Team, User
from dashboard.audience.models import Question
from dashboard.audience.services import questions
from dashboard.audit.trail import CONSOLE, Actor
from dashboard.events.kinds import Audience, Fact, Kind, Nothing
from dashboard.events.models import Source
from dashboard.events.record import record_many
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.jobs.services.session import settle_create
from dashboard.jobs.services.start import start_job
from dashboard.lib import clock
from dashboard.library.models import Clip
from dashboard.library.services.clips import ClipDraft, add_clip
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.intake.facts import Heard, fact_of
from dashboard.rooms.models import Room, RoomDraft, RuleSet
from dashboard.rooms.rules.model import Condition, EventType, Match, Rule, Tag, Trigger
from dashboard.rooms.services.at_vendor import room_pushed
from dashboard.rooms.services.edit import create_room
from dashboard.rooms.services.rule_sets import RuleSetDraft, create_rule_set
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import SecondPerson, Takeover
from dashboard.takeover.services import ask
from dashboard.takeover.services.policy import save_second_person
from dashboard.takeover.states import Mode
from dashboard.takeover.wish import Wish
from dashboard.vendors import outbox
from dashboard.vendors import services as vendors
from dashboard.vendors.models import (
    Command,
    CommandKind,
    CommandState,
    Health,
    UnclaimedSession,
    VendorAccount,
    VendorKind,
)
from dashboard.vendors.port import JobReport, JobSays
from tests.sounds import wav

PASSWORD = "a-long-enough-one"
SOFTSUGAR, METASTUDIO = VendorKind.SOFTSUGAR, VendorKind.METASTUDIO
SCRIPT = ("欢迎来到直播间，今天给大家介绍一款新茶。", "这一批是明前采的，香气很足，喜欢的可以先收藏。")
WORDS = "这位朋友问的问题，我马上回答你。"
CONFIG: dict[str, dict[str, object]] = {
    SOFTSUGAR: {"file_id": "file-1", "resolution": "1080x1920"},
    METASTUDIO: {"model_asset_id": "model-1", "voice_asset_id": "voice-1", "resolution": "1080x1920"},
}
_SECRETS = {
    SOFTSUGAR: {"token": "token-of-the-tests"},
    METASTUDIO: {"access_key": "AK-OF-THE-TESTS", "secret_key": "secret-of-the-tests"},
}
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Person:
    member: Member

    @property
    def user(self) -> User:
        return self.member.user

    @property
    def actor(self) -> Actor:
        return actor_of(self.member)


@dataclass(frozen=True, slots=True)
class Cast:
    alpha: Team
    omega: Team
    ada: Person
    pia: Person
    oki: Person
    vic: Person
    zoe: Person

    def people(self) -> Iterator[tuple[str, Person]]:
        for field in fields(self):
            person = getattr(self, field.name)
            if isinstance(person, Person):
                yield field.name, person


def make_cast() -> Cast:
    alpha = accounts.create_team(slug="alpha", name="Alpha")
    omega = accounts.create_team(slug="omega", name="Omega")
    for team in (alpha, omega):
        undo_window(team, 0)  # most tests ask what follows once words have left
    return Cast(
        alpha=alpha,
        omega=omega,
        ada=person(alpha, "Ada Lin", "admin"),
        pia=person(alpha, "Pia Chen", "producer"),
        oki=person(alpha, "Oki Wang", "operator"),
        vic=person(alpha, "Vic Zhao", "viewer"),
        zoe=person(omega, "Zoe Qian", "admin"),
    )


def ghost(account: VendorAccount, ref: str, state: JobSays = JobSays.LIVE, **more: Any) -> UnclaimedSession:
    """A job that `account` runs and nobody here started, seen a moment ago."""
    now = clock.now()
    return UnclaimedSession.objects.create(
        account=account, vendor_ref=ref, state=str(state), first_seen_at=now, seen_at=now, **more
    )


def undo_window(team: Team, seconds: int) -> None:
    """How long what people say is held in `team`."""
    accounts.save_undo_window(
        team=team, seconds=dict.fromkeys(("operator", "producer", "admin"), seconds), actor=CONSOLE
    )


def second_person(in_room: Room, **chosen: Any) -> SecondPerson:
    """`in_room` wants a second person for what `chosen` says."""
    row = SecondPerson.objects.filter(room=in_room).first()
    nothing: dict[str, Any] = {"kinds": [], "modes": [], "roles": [], "words": []}
    wanted = {**nothing, "approver": "operator", "within_s": 30, **chosen}
    return save_second_person(room=in_room, chosen=wanted, version=row.version if row else 0, actor=CONSOLE)


def person(team: Team, name: str, role: str) -> Person:
    email = f"{name.split()[0].lower()}@{team.slug}.test"
    return Person(accounts.add_member(team=team, email=email, name=name, role=role, password=PASSWORD, actor=CONSOLE))


# ----------------------------------------------------------------------------------------------------------------- rows


def account(
    team: Team, vendor: str = SOFTSUGAR, *, name: str = "", is_sandbox: bool = False, **capabilities: object
) -> VendorAccount:
    """A connected account. On MetaStudio the command channel is on unless told otherwise."""
    kind = VendorKind(vendor)
    draft = vendors.AccountDraft(
        vendor=kind,
        name=name or f"{kind.name.title()} {next(_numbers)}",
        base_url="http://127.0.0.1:8900" if is_sandbox else "https://vendor.talkback.test",
        region="cn-north-4" if kind == METASTUDIO else "",
        project_ref="project-1" if kind == METASTUDIO else "",
        secrets=_SECRETS[kind],
        capabilities={"command_channel": True, **capabilities} if kind == METASTUDIO else capabilities,
    )
    made = vendors.create_account(team=team, draft=draft, actor=CONSOLE, is_sandbox=is_sandbox)
    VendorAccount.objects.filter(pk=made.pk).update(health=Health.OK, health_at=clock.now())
    Command.objects.filter(account=made, kind=CommandKind.TEST).update(state=CommandState.ACCEPTED)
    made.refresh_from_db()
    return made


def room(
    at: VendorAccount,
    *,
    code: str = "",
    name: str = "",
    paragraphs: tuple[str, ...] = SCRIPT,
    rules: RuleSet | None = None,
) -> Room:
    """A room that can go live: on MetaStudio the vendor holds it already."""
    number = next(_numbers)
    draft = RoomDraft(
        account=at,
        code=code,
        name=name or f"Room {number}",
        language="zh-hans",
        time_zone="Asia/Shanghai",
        paragraphs=paragraphs,
        config=dict(CONFIG[at.vendor]),
        output_url="rtmp://push.talkback.test/live/x",
        rule_set=rules,
    )
    made = create_room(draft=draft, user=None, actor=CONSOLE)
    if at.vendor == METASTUDIO:
        room_pushed(made, vendor_ref=f"vendor-room-{number}", version=made.version)
        made.refresh_from_db()
    return made


def rule(pattern: str = "多少钱|价格", *texts: str, **changes: Any) -> Rule:
    """A rule that answers comments."""
    name = f"rule-{next(_numbers)}"
    tag = Tag("content", Match.REGEX, pattern)
    made = Rule(name, EventType.COMMENT, Condition(tags=(tag,)), Trigger(texts=texts or ("到手价一百九十九元。",)))
    return replace(made, **changes)


def rule_set(team: Team, by: Person, *rules: Rule, name: str = "") -> RuleSet:
    draft = RuleSetDraft(name or f"Rules {next(_numbers)}", rules or (rule(),))
    return create_rule_set(team=team, draft=draft, actor=by.actor)


def clip(team: Team, by: Person, *, name: str = "开场音乐", transcript: str = "", seconds: float = 1.0) -> Clip:
    """A clip of the library, its files included: they lie in the console's own folder."""
    draft = ClipDraft(name, transcript, "opening.wav", [wav(seconds)])
    return add_clip(team=team, draft=draft, user=by.user, actor=by.actor)


def job(in_room: Room, by: Person, *, key: str = "") -> Job:
    """A job whose start waits in the outbox."""
    return start_job(room=in_room, user=by.user, actor=by.actor, key=key or f"start-{next(_numbers)}")


def on_air(in_room: Room, by: Person) -> Job:
    """A job that the vendor says is live."""
    started = job(in_room, by)
    started.vendor_ref = f"vendor-job-{started.pk}"
    started.save(update_fields=["vendor_ref"])
    settle_create(started, CommandState.ACCEPTED)
    record_many([job_fact(started, Kind.JOB_ACCEPTED, Nothing(), key="cast")], PROJECTIONS)
    return hear(started, JobSays.LIVE)


def hear(about: Job, says: JobSays) -> Job:
    """The vendor says so, by its socket."""
    report = JobReport(about.vendor_ref, says, clock.now())
    record_many([fact_of(about, report, Heard("socket", f"cast:{next(_numbers)}"))], PROJECTIONS)
    return Job.objects.select_related("room", "account").get(pk=about.pk)


def takeover(of: Job, by: Person, *, text: str = WORDS, mode: Mode = Mode.APPEND, key: str = "") -> Takeover:
    """Words that wait for the vendor; into a silent room by a second press."""
    return ask.request_takeover(
        job=of,
        wish=Wish(text, mode),
        user=by.user,
        actor=by.actor,
        key=key or f"say-{next(_numbers)}",
        ends_silence=True,
    )


def happened(to: Takeover, *kinds: Kind, why: str = "") -> Takeover:
    """Evidence about a takeover, one kind after the other, as the relay would record it."""
    for kind in kinds:
        record_many([item_fact(to, kind, why=why)], PROJECTIONS)
    return Takeover.objects.select_related("room", "job__account", "job__room").get(pk=to.pk)


def claimed(kind: str) -> Command:
    """The one command of its kind that waits, as a relay that is about to send it holds it."""
    command = Command.objects.get(kind=kind, state=CommandState.READY)
    assert outbox.claim(command, relay="r1", epoch=1, still_mine=lambda: True)
    command.refresh_from_db()
    return command


def unknown(of: Job, by: Person) -> Takeover:
    """Words that were sent and never answered."""
    return happened(takeover(of, by), Kind.ITEM_SENDING, Kind.ITEM_UNSURE, why="timeout")


def comment(on: Job, text: str, *, user: str = "观众", raw: str = "") -> None:
    """Somebody in the audience writes."""
    record_many(
        [
            Fact(
                kind=Kind.COMMENT,
                payload=Audience(type=1, user=user, text=text, raw=raw),
                source=Source.AUDIENCE,
                dedupe_key=f"audience:{on.pk}:{next(_numbers)}",
                at=clock.now(),
                team_id=on.team_id,
                account_id=on.account_id,
                room_id=on.room_id,
                job_id=on.pk,
            )
        ],
        PROJECTIONS,
    )


def question(on: Job, text: str, *, by: Person | None = None) -> Question:
    """Somebody in the audience asks something; `by` has claimed it."""
    comment(on, text)
    asked = Question.objects.latest("pk")
    return asked if by is None else questions.claim(question=asked, user=by.user, actor=by.actor)
