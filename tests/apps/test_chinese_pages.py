"""Every page and every fragment in Simplified Chinese, with real rows: no English of ours is left on any of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation

from dashboard.console import fragments
from dashboard.console.reading import Reading
from dashboard.events.kinds import Audience, Fact, JobLink, JobStream, Kind, Nothing, Silenced, Told, Unreported
from dashboard.events.models import Event, Source
from dashboard.events.record import record_many
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.rooms.models import Room
from dashboard.rooms.rules.model import Condition, EventType, Match, Operation, Relation, Tag, Trigger
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Mode
from dashboard.vendors.models import Health, UnclaimedSession, VendorAccount
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.architecture import messages
from tests.architecture.messages import PO
from tests.cast import Cast, Person

CHINESE = "zh-hans"
#: Names of products and protocols, and our own name; all other English words of three or more in a row are ours.
NAMES = ("Talkback", "MetaStudio", "SoftSugar", "AuthKey")
#: Attributes that are read or shown.
_READ = (
    "title",
    "aria-label",
    "placeholder",
    "alt",
    "data-announce",
    "data-armed-label",
    "data-key-label",
    "data-reason",
)
#: Elements whose words are no language: code, keys, what the vendor calls things.
_DATA = ("code", "kbd", "script", "style")
_NOT_WORDS = re.compile(r"\{\w+\}|\w+://\S+|\S+@\S+|\b[A-Z][A-Za-z]+/[A-Za-z_/]+\b")


@dataclass(slots=True)
class Words:
    """What a page shows or speaks, and the language it claims."""

    texts: list[str]
    lang: str


class _Reader(HTMLParser):
    """Collects words outside of elements that name another language or hold data."""

    _VOID = frozenset({"meta", "link", "input", "img", "br", "hr", "use", "rect", "path"})

    def __init__(self) -> None:
        super().__init__()
        self.words = Words([], "")
        self._skipped: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.words.lang = named.get("lang", "")
        skip = tag in _DATA or named.get("lang") == "en" or (bool(self._skipped) and self._skipped[-1])
        if not skip:
            shown = [value for name, value in named.items() if name in _READ or name.startswith("data-t-")]
            shown += [named["data-t"]] if "data-t" in named else []
            shown += [named["content"]] if named.get("name") == "description" else []
            self.words.texts += shown
        if tag not in self._VOID:
            self._skipped.append(skip)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self._VOID:
            self._skipped.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._VOID and self._skipped:
            self._skipped.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self._skipped and self._skipped[-1]):
            self.words.texts.append(data)


def words_of(html: str) -> Words:
    reader = _Reader()
    reader.feed(html)
    reader.words.texts = [" ".join(_NOT_WORDS.sub(" ", text).split()) for text in reader.words.texts]
    return reader.words


def _english() -> re.Pattern[str]:
    """Every English text of the catalogue that its Chinese replaces, longest first; blanks stand for anything."""
    patterns = set()
    for (_, singular, plural), message in messages.read(PO.read_text(encoding="utf-8")).items():
        for text in filter(None, (singular, plural)):
            pieces = re.split(r"%\(\w+\)[-+#0-9.]*[a-zA-Z]|\{\w+\}", text)
            longest = max(map(len, re.findall(r"[A-Za-z]+", " ".join(pieces))), default=0)
            if longest > 3 and text not in messages.strings(message):
                patterns.add(".+?".join(re.escape(piece) for piece in pieces))
    ordered = sorted(patterns, key=len, reverse=True)
    return re.compile(rf"(?<![\w./@:-])(?:{'|'.join(ordered)})(?![\w/@-])")


ENGLISH = _english()
_SENTENCE = re.compile(r"[A-Za-z']{2,}(?: [A-Za-z']{2,}){2,}")


def english_in(texts: Iterable[str]) -> list[str]:
    found = []
    for text in texts:
        plain = re.sub("|".join(NAMES), "", text)
        if hit := ENGLISH.search(text) or _SENTENCE.search(plain):
            found.append(f"{hit.group()!r} in {text[:80]!r}")
    return found


# ---------------------------------------------------------------------------------------------------------------- scene


@dataclass(frozen=True, slots=True)
class Scene:
    accounts: list[VendorAccount]
    rooms: dict[str, Room]
    jobs: dict[str, Job]
    items: dict[str, Takeover]


def job_says(about: Job, kind: Kind, payload: Any) -> None:
    record_many([job_fact(about, kind, payload, key=f"zh:{kind}")], PROJECTIONS)


def audience(on: Job) -> None:
    for number, (kind, event) in enumerate(
        [
            (Kind.COMMENT, Audience(type=1, user="小满", text="多少钱？")),
            (Kind.COMMENT, Audience(type=1, text="好看")),
            (Kind.GIFT, Audience(type=2, user="阿梅", text="小心心", count=10)),
            (Kind.GIFT, Audience(type=2, user="阿梅", count=1)),
            (Kind.JOINED, Audience(type=3, user="夏天的风")),
            (Kind.LIKED, Audience(type=4, user="夏天的风")),
            (Kind.FOLLOWED, Audience(type=5, user="夏天的风")),
            (Kind.VIEWERS, Audience(type=6, count=1204)),
        ]
    ):
        fact = Fact(
            kind=kind,
            payload=event,
            source=Source.AUDIENCE,
            dedupe_key=f"zh:audience:{number}",
            at=clock.now(),
            team_id=on.team_id,
            account_id=on.account_id,
            room_id=on.room_id,
            job_id=on.pk,
        )
        record_many([fact], PROJECTIONS)


def every_item(of: Job, by: Person) -> dict[str, Takeover]:
    """A takeover in each state that a page shows."""
    paths = {
        "waiting": (),
        "sending": (Kind.ITEM_SENDING,),
        "accepted": (Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED),
        "queued": (Kind.ITEM_SENDING, Kind.ITEM_QUEUED),
        "done": (Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED, Kind.ITEM_FINISHED),
        "failed": (Kind.ITEM_SENDING, Kind.ITEM_FAILED),
        "refused": (Kind.ITEM_SENDING, Kind.ITEM_REFUSED),
        "cancelling": (Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_CANCEL_REQUESTED),
        "cancelled": (Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_CANCELLED),
        "expired": (Kind.ITEM_EXPIRED,),
        "playing": (Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED),
    }
    items = {name: make.happened(make.takeover(of, by), *kinds) for name, kinds in paths.items()}
    items["unknown"] = make.unknown(of, by)
    items["insert"] = make.takeover(of, by, mode=Mode.INSERT)
    return items


@pytest.fixture
def scene(cast: Cast) -> Scene:
    softsugar = make.account(cast.alpha, name="商汤账号")
    metastudio = make.account(cast.alpha, make.METASTUDIO, name="华为账号")
    silent = make.account(cast.alpha, make.METASTUDIO, name="备用账号", command_channel=False)
    refused = {"code": "401", "happened": ["Token refused.", "令牌无效。"], "todo": ["Enter it again.", "请重新填写。"]}
    rooms = {
        "busy": make.room(softsugar, code="K7Q", name="丝绒口红专场"),
        "huawei": make.room(metastudio, code="P9X", name="跑鞋夏季新款"),
        "starting": make.room(softsugar, code="M2D", name="明前龙井"),
        "ready": make.room(softsugar, code="R4T", name="亲子绘本馆"),
        "failed": make.room(softsugar, code="F6L", name="云南普洱茶"),
        "stopping": make.room(metastudio, code="S8S", name="厨房小家电"),
        "off": make.room(metastudio, code="D3H", name="儿童防晒"),
        "empty": make.room(silent, code="E5R", name="护眼台灯", paragraphs=()),
    }
    jobs = {name: make.on_air(rooms[name], cast.oki) for name in ("busy", "huawei", "failed", "stopping")}
    jobs["starting"] = make.job(rooms["starting"], cast.oki)
    jobs["ready"] = make.hear(make.on_air(rooms["ready"], cast.oki), JobSays.PAUSED)
    told = Told(code="98", happened=("Full.", "路数已用完。"), todo=("Wait.", "请稍后再试。"))
    items = every_item(jobs["busy"], cast.oki)
    items |= {f"huawei {name}": item for name, item in every_item(jobs["huawei"], cast.oki).items()}
    audience(jobs["busy"])
    for kind, payload in (
        (Kind.JOB_LINK, JobLink(link="down")),
        (Kind.JOB_STREAM, JobStream(link="down")),
        (Kind.JOB_REPORT_UNSURE, Unreported(events=3)),
        (Kind.JOB_SILENCED, Silenced(items=2)),
        (Kind.JOB_SILENCE_SENT, Nothing()),
        (Kind.JOB_SILENCE_FAILED, told),
        (Kind.JOB_RESUMED, Nothing()),
        (Kind.JOB_CONFLICT, Nothing()),
        (Kind.JOB_STOP_REFUSED, told),
    ):
        job_says(jobs["huawei"], kind, payload)
    make.hear(jobs["failed"], JobSays.LOST)
    job_says(jobs["stopping"], Kind.JOB_STOP_REQUESTED, Told(why="换班"))
    now = clock.now()
    UnclaimedSession.objects.create(
        account=softsugar, vendor_ref="88123", state=str(JobSays.LIVE), first_seen_at=now, seen_at=now
    )
    VendorAccount.objects.filter(pk=silent.pk).update(health=Health.REFUSED, health_error=refused, clock_skew_ms=200)
    accounts = list(VendorAccount.objects.filter(team=cast.alpha).order_by("pk"))
    return Scene(accounts, rooms, {name: Job.objects.get(pk=job.pk) for name, job in jobs.items()}, items)


@pytest.fixture
def zh(sign_in: Any) -> Any:
    """`zh(person)`: a browser that asks for Chinese."""

    def browser(person: Person | None = None) -> Client:
        client: Client = sign_in(person)
        client.cookies["talkback_language"] = CHINESE
        return client

    return browser


def check(html: str) -> Words:
    words = words_of(html)
    assert english_in(words.texts) == []
    assert any(re.search("[一-鿿]", text) for text in words.texts)
    return words


def check_pages(client: Client, *urls: str, status: int = 200) -> None:
    answers = {url: client.get(url) for url in urls}
    assert [url for url, answer in answers.items() if answer.status_code != status] == []
    words = {url: words_of(answer.content.decode()) for url, answer in answers.items()}
    assert {url: found for url, one in words.items() if (found := english_in(one.texts))} == {}
    assert {one.lang for one in words.values()} == {CHINESE}


# ---------------------------------------------------------------------------------------------------------------- pages


LISTS = ("wall", "rooms", "takeovers", "jobs")


def test_pages_of_the_team(cast: Cast, scene: Scene, zh: Any) -> None:
    check_pages(zh(cast.vic), *(reverse(f"console:{name}", args=["alpha"]) for name in LISTS))
    check_pages(zh(cast.ada), *(reverse(f"console:{name}", args=["alpha"]) for name in (*LISTS, "vendor_accounts")))


def test_pages_of_an_empty_team(cast: Cast, zh: Any) -> None:
    check_pages(zh(cast.zoe), *(reverse(f"console:{name}", args=["omega"]) for name in (*LISTS, "vendor_accounts")))


def test_lists_with_a_filter(cast: Cast, scene: Scene, zh: Any) -> None:
    filters = ["rooms?q=none", "rooms?vendor=softsugar&show=on-air", "jobs?show=running", "jobs?show=failed"]
    filters += [f"takeovers?show={show}" for show in ("open", "speaking", "unknown")]
    check_pages(zh(cast.ada), *(f"/t/alpha/{path}" for path in filters))


@pytest.mark.parametrize("who", ["ada", "vic"])
def test_desks(cast: Cast, scene: Scene, zh: Any, who: str) -> None:
    codes = [room.code for room in scene.rooms.values()]
    check_pages(zh(getattr(cast, who)), *(reverse("console:desk", args=["alpha", code]) for code in codes))


def test_jobs(cast: Cast, scene: Scene, zh: Any) -> None:
    check_pages(zh(cast.oki), *(reverse("console:job", args=["alpha", job.pk]) for job in scene.jobs.values()))


def test_error_codes(cast: Cast, zh: Any) -> None:
    codes = reverse("vendors:help_errors", args=["alpha"])
    check_pages(zh(cast.vic), *(f"{codes}?page={number}" for number in range(1, 15)), f"{codes}?q=nothing-like-it")


def test_forms(cast: Cast, scene: Scene, zh: Any) -> None:
    edits = [reverse("rooms:edit", args=["alpha", scene.rooms[name].code]) for name in ("off", "empty")]
    edits += [reverse("vendors:detail", args=["alpha", account.pk]) for account in scene.accounts]
    new = [reverse(name, args=["alpha"]) for name in ("rooms:create", "vendors:create", "accounts:team")]
    check_pages(zh(cast.ada), *edits, *new, reverse("accounts:settings"))


def test_rules(cast: Cast, zh: Any) -> None:
    client = zh(cast.ada)
    check_pages(client, reverse("rooms:rule_sets", args=["alpha"]), reverse("rooms:create_rule_set", args=["alpha"]))
    gifts = Condition(Relation.ANY, 3, (Tag("giftNum", Match.GE, "5", Operation.SUM), Tag("name", Match.EQUAL, "小梅")))
    rules = [
        make.rule(trigger=Trigger(window_s=30, texts=("一百九十九元。", "到手价一百九十九元。"))),
        make.rule(event_type=EventType.GIFT, condition=gifts, trigger=Trigger(window_s=-1, texts=("谢谢。",))),
        make.rule(condition=Condition(Relation.GENERAL), enabled=False),
    ]
    made = make.rule_set(cast.alpha, cast.pia, *rules, name="晚间")
    make.room(make.account(cast.alpha, make.METASTUDIO), name="茶", rules=made)
    address = reverse("rooms:rule_set", args=["alpha", made.pk])
    check_pages(client, reverse("rooms:rule_sets", args=["alpha"]), address)
    check_pages(zh(cast.vic), address)


def test_what_rules_decide(cast: Cast, zh: Any) -> None:
    events = {"event": ["0", "1", "2", "3"], "seed": "1"}
    for no, kind in enumerate(("1", "1", "4", "5")):
        events |= {f"e{no}-at_s": str(no), f"e{no}-kind": kind, f"e{no}-user": "小梅", f"e{no}-text": "多少钱"}
    rule = {"often": "once", "event_type": "1", "relation": "AND", "priority": "5", "order": "ORDER", "enabled": "on"}
    rules = {f"r{key}-{name}": value for key in "01" for name, value in rule.items()}
    rules |= {"rule": ["0", "1"], "r0-texts": "一百九十九元。", "r1-texts": "请看左下角。", "r1-tag": "0"}
    rules |= {"r1t0-field": "content", "r1t0-operation": "NONE", "r1t0-match": "REGEX", "r1t0-value": "价格"}
    address, client = reverse("rooms:draft_rule_set", args=["alpha"]), zh(cast.ada)
    for changes in ({}, {"r0-texts": "", "e0-at_s": ""}):
        check(client.post(address, {**events, **rules, "do": "run", **changes}).content.decode())


REFUSED: list[tuple[str, dict[str, str]]] = [
    ("/t/alpha/rooms/new", {"name": ""}),
    (
        "/t/alpha/rooms/new",
        {"account": "1", "name": "新", "code": "??", "output_url": "http://x", "language": "xx"},
    ),
    ("/t/alpha/rules/new", {"name": "", "rule": "0", "r0-tag": "0", "r0-window_s": "0", "r0-priority": "1000"}),
    ("/t/alpha/vendor-accounts/new", {"name": ""}),
    ("/t/alpha/vendor-accounts/new", {"vendor": "metastudio", "base_url": "ftp://x", "project_ref": "!"}),
    ("/t/alpha/team/members", {"email": "not-one", "name": "", "role": "boss"}),
    ("/t/alpha/team/members", {"email": "new@alpha.test", "name": "", "role": "viewer"}),
    ("/t/alpha/team/members", {"email": "new@alpha.test", "name": "新人", "role": "viewer", "password": "123"}),
    ("/settings", {"language": "xx", "time_zone": "xx"}),
]


def test_refused_forms(cast: Cast, scene: Scene, zh: Any) -> None:
    """Our sentences and Django's own."""
    client = zh(cast.ada)
    answers = [(url, form, client.post(url, form)) for url, form in REFUSED]
    assert [(url, form) for url, form, answer in answers if answer.status_code != 422] == []
    for _, _, answer in answers:
        check(answer.content.decode())


def test_door(cast: Cast, zh: Any) -> None:
    check_pages(zh(), reverse("accounts:sign_in"))
    answer = zh().post(reverse("accounts:sign_in"), {"username": "ada@alpha.test", "password": "wrong"})
    assert "不匹配" in answer.content.decode()
    check(answer.content.decode())


def test_somebody_without_a_team(cast: Cast, zh: Any) -> None:
    cast.zoe.member.delete()
    check_pages(zh(cast.zoe), "/")


def test_locked_out_after_too_many_tries(cast: Cast, zh: Any, settings: Any) -> None:
    settings.AXES_ENABLED = True
    client = zh()
    for _ in range(settings.AXES_FAILURE_LIMIT + 1):
        answer = client.post(reverse("accounts:sign_in"), {"username": "ada@alpha.test", "password": "wrong"})
    assert answer.status_code == 429
    assert check(answer.content.decode()).lang == CHINESE


# --------------------------------------------------------------------------------------------------------------- errors


def test_pages_that_are_not_there(cast: Cast, zh: Any) -> None:
    check_pages(zh(cast.ada), "/t/alpha/rooms/ZZZ", status=404)
    check_pages(zh(cast.ada), "/nowhere", status=404)


def test_page_that_a_role_may_not_open(cast: Cast, zh: Any) -> None:
    check_pages(zh(cast.vic), reverse("vendors:create", args=["alpha"]), status=403)


def test_page_that_failed(cast: Cast, zh: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("dashboard.console.summary.summary", broken)
    client = zh(cast.ada)
    client.raise_request_exception = False
    check_pages(client, reverse("console:wall", args=["alpha"]), status=500)


def test_post_without_a_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.ada.user)
    client.cookies["talkback_language"] = CHINESE
    answer = client.post(reverse("accounts:settings"), {})
    assert answer.status_code == 403
    assert check(answer.content.decode()).lang == CHINESE


@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "404.html", "500.html", "accounts/locked_out.html"])
def test_plain_page_as_it_is_rendered_without_a_request(name: str) -> None:
    with translation.override(CHINESE):
        check(render_to_string(name))


# --------------------------------------------------------------------------------------------- what comes by the socket


def test_fragments_of_rooms(cast: Cast, scene: Scene) -> None:
    always = ("wall", "rooms", "desk")
    for room in scene.rooms.values():
        for view in (*always, "takeovers", "jobs", "job"):
            made = fragments.render(Reading(room.topic, 1, [view]), view=view, language=CHINESE)
            assert made.regions or view not in always, (room.code, view)
            words = {region: words_of(html).texts for region, html in made.regions.items()}
            assert {region: found for region, texts in words.items() if (found := english_in(texts))} == {}


def test_fragments_of_accounts_the_team_and_the_feed(cast: Cast, scene: Scene) -> None:
    for account in scene.accounts:
        made = fragments.render(Reading(account.topic, 1, ["vendors"]), view="vendors", language=CHINESE)
        assert len(made.regions) == 1
        check(*made.regions.values())
    check(fragments.summary_region(cast.alpha.pk, 1, CHINESE))
    heard = Event.objects.filter(job_id=scene.jobs["busy"].pk, source=Source.AUDIENCE).order_by("pk")
    reading = Reading(scene.jobs["busy"].topic, 1, ["desk"])
    rows = fragments.feed_rows(reading, heard, language=CHINESE)
    assert len(rows) == 7
    assert english_in(words_of("".join(rows)).texts) == []


# -------------------------------------------------------------------------------------------------- answers to commands


def toast(client: Client, url: str, form: dict[str, str] | None = None) -> str:
    answer = client.post(url, form or {}, headers={"HX-Request": "true", "X-Confirmed": "1"})
    return unquote(answer.headers["X-Toast"]).removeprefix("warn:")


def test_answers_to_commands(cast: Cast, scene: Scene, zh: Any) -> None:
    oki, ada, busy = zh(cast.oki), zh(cast.ada), scene.rooms["busy"].code
    unknown = scene.items["unknown"].pk
    said = [
        toast(oki, f"/t/alpha/rooms/{scene.rooms['off'].code}/start", {"key": "k1"}),
        toast(oki, f"/t/alpha/rooms/{scene.rooms['empty'].code}/start", {"key": "k2"}),
        toast(oki, f"/t/alpha/rooms/{busy}/start"),
        toast(oki, f"/t/alpha/rooms/{busy}/stop", {"word": "XXX", "reason": "换班"}),
        toast(oki, f"/t/alpha/rooms/{busy}/stop", {"word": busy}),
        toast(oki, reverse("takeover:check", args=["alpha", unknown])),
        toast(oki, reverse("takeover:again", args=["alpha", unknown]), {"key": "again"}),
        toast(oki, reverse("takeover:mark_spoken", args=["alpha", unknown]), {"version": "999"}),
        toast(oki, reverse("takeover:resume", args=["alpha", busy])),
        toast(oki, f"/t/alpha/rooms/{busy}/stop", {"word": busy, "reason": "换班"}),
        toast(ada, reverse("vendors:test", args=["alpha", scene.accounts[0].pk])),
        toast(ada, reverse("vendors:import_rooms", args=["alpha", scene.accounts[1].pk])),
        toast(zh(cast.vic), reverse("takeover:silence", args=["alpha", busy])),
    ]
    assert english_in(said) == []
    assert [words for words in said if not re.search("[一-鿿]", words)] == []


def test_refused_words_are_answered_beside_the_field(cast: Cast, scene: Scene, zh: Any) -> None:
    url = reverse("takeover:create", args=["alpha", scene.rooms["busy"].code])
    for text in ("", "太短了", "长" * 6000):
        answer = zh(cast.oki).post(
            url, {"text": text, "mode": "append", "key": "k"}, headers={"HX-Request": "true", "Idempotency-Key": "k"}
        )
        assert answer.status_code == 422
        check(answer.content.decode())


# ---------------------------------------------------------------------------------------------------- the search itself


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>Nothing waits. Words you say below stand here until they were heard.</p>", 1),
        ("<button title='Let the host speak again'>恢复播报</button>", 1),
        ("<b data-t='{n} changes wait. The rooms go on.'></b>", 1),
        ("<p>K7Q already has a running job. Nothing was started.</p>", 1),
        ("<p>we wrote this by hand</p>", 1),
        ("<h2>Queue</h2>", 1),
        ("<b lang='en'>Queue</b><code>manage.py relay is running</code>", 0),
        ("<p>https://a.test/wall/Queue 由 Talkback 中继发送，MetaStudio 已接收</p>", 0),
        ("<p>队列</p>", 0),
    ],
)
def test_english_is_found(html: str, found: int) -> None:
    assert len(english_in(words_of(html).texts)) == found
