"""The rehearsal page, the line above a desk, and debriefs, as people see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from django.urls import reverse

from dashboard.jobs.models import Job
from dashboard.lib.clock import ManualClock
from dashboard.lib.errors import Conflict
from dashboard.rehearsal import control
from dashboard.rehearsal.models import Run
from dashboard.rehearsal.scenarios import BY_SLUG, SCENARIOS
from dashboard.rehearsal.services import course, finish
from dashboard.rehearsal.services.start import start_run
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import quiet
from dashboard.vendors import services as vendors
from dashboard.vendors.models import VendorKind
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.cast import Cast

STATE: dict[str, Any] = {"clock": {"speed": 2.0}, "audience": [], "faults": []}


class Answers:
    """What the sandbox answers, by path; what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.bodies: list[bytes] = []
        self.state = STATE
        self.heard: list[dict[str, Any]] = []
        self.is_there = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not self.is_there:
            raise httpx.ConnectError("refused", request=request)
        self.asked.append((request.method, request.url.path))
        self.bodies.append(request.content)
        known = {
            "/sandbox/knobs": self.state,
            "/sandbox/audible": {"heard": self.heard},
            "/sandbox/faults": {"id": "f7"},
        }
        return httpx.Response(200, json=known.get(request.url.path, {}))


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Answers:
    answers = Answers()
    client = httpx.Client

    def open_client(**options: Any) -> httpx.Client:
        return client(**{**options, "transport": httpx.MockTransport(answers)})

    monkeypatch.setattr(control.httpx, "Client", open_client)
    return answers


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    room = make.room(make.account(cast.alpha, make.SOFTSUGAR, is_sandbox=True), code="K7Q")
    return make.on_air(room, cast.oki)


def begin(cast: Cast, job: Job, slug: str | None = "wrong-words") -> Run:
    scenario = BY_SLUG[slug] if slug else None
    return start_run(room=job.room, scenario=scenario, user=cast.oki.user, actor=cast.oki.actor)


def url(name: str, *args: Any) -> str:
    return reverse(f"rehearsal:{name}", args=["alpha", *args])


def test_a_team_without_a_sandbox_is_told_what_to_do(cast: Cast, sign_in: Any) -> None:
    page = sign_in(cast.oki).get(url("page")).content.decode()
    assert "no sandbox account" in page
    assert "Start the rehearsal" not in page


def test_the_page_offers_ten_incidents_and_a_surprise(cast: Cast, job: Job, sandbox: Answers, sign_in: Any) -> None:
    page = sign_in(cast.oki).get(url("page")).content.decode()
    assert page.count('name="scenario"') == len(SCENARIOS) + 1
    assert 'value="K7Q"' in page
    assert 'aria-pressed="true">2×' in page


def test_the_page_stands_without_the_sandbox_and_says_so(cast: Cast, job: Job, sandbox: Answers, sign_in: Any) -> None:
    sandbox.is_there = False
    page = sign_in(cast.oki).get(url("page"))
    assert page.status_code == 200
    assert "The sandbox does not answer" in page.content.decode()


def test_faults_name_their_room_and_how_long_they_last(cast: Cast, job: Job, sandbox: Answers, sign_in: Any) -> None:
    first = {"id": "f1", "kind": "latency", "vendor": "softsugar", "hits": 3, "starts_in_s": None, "left_s": 12.4}
    foreign = {**first, "id": "f2", "kind": "<b>new</b>", "session": "gone", "left_s": None}
    wide = {**first, "id": "f3", "session": None}
    sandbox.state = {**STATE, "faults": [{**first, "session": job.vendor_ref}, foreign, wide]}
    page = sign_in(cast.vic).get(url("now")).content.decode()
    assert "Slow answers" in page
    assert "12 s left" in page
    assert "&lt;b&gt;new&lt;/b&gt;" in page
    assert "another room" in page
    assert "SenseTime SoftSugar" in page


def test_an_incident_that_this_vendor_cannot_show_is_refused(cast: Cast, job: Job, sandbox: Answers) -> None:
    with pytest.raises(Conflict, match="cannot be seen"):
        begin(cast, job, "slow-vendor")
    assert sandbox.asked == []


def test_the_strip_keeps_a_surprise_until_it_is_over(cast: Cast, job: Job, sandbox: Answers, sign_in: Any) -> None:
    viewer = sign_in(cast.vic)
    assert viewer.get(url("strip", "K7Q")).content.strip() == b"<span hidden></span>"
    run = begin(cast, job, None)
    strip = viewer.get(url("strip", "K7Q")).content.decode()
    assert "Something will go wrong" in strip
    assert str(run.scenario.title) not in strip
    assert viewer.get(url("debrief", run.pk))["Location"] == reverse("console:desk", args=["alpha", "K7Q"])
    finish.end_run(run=run, actor=cast.oki.actor)
    strip = viewer.get(url("strip", "K7Q")).content.decode()
    assert str(run.scenario.title) in strip
    assert url("debrief", run.pk) in strip


def test_only_the_first_who_sees_it_is_counted(
    cast: Cast, job: Job, sandbox: Answers, manual_clock: ManualClock
) -> None:
    run = begin(cast, job)
    manual_clock.advance(5)
    assert finish.notice(run=run, user=cast.oki.user, actor=cast.oki.actor)
    first = Run.objects.get(pk=run.pk).noticed_at
    manual_clock.advance(5)
    assert not finish.notice(run=run, user=cast.pia.user, actor=cast.pia.actor)
    again = Run.objects.get(pk=run.pk)
    assert (again.noticed_at, again.noticed_by) == (first, cast.oki.user)


def test_a_press_before_the_incident_is_a_false_alarm_and_leaves_the_next_one_open(
    cast: Cast, job: Job, sandbox: Answers, sign_in: Any, manual_clock: ManualClock
) -> None:
    run = begin(cast, job, "outage")
    answer = sign_in(cast.oki).post(url("notice", run.pk), headers={"HX-Request": "true"})
    assert "Nothing is wrong yet" in unquote(answer["X-Toast"])
    manual_clock.advance(5)
    assert finish.notice(run=run, user=cast.oki.user, actor=cast.oki.actor)
    finish.end_run(run=run, actor=cast.oki.actor)
    page = sign_in(cast.vic).get(url("debrief", run.pk)).content.decode()
    assert "False alarms" in page
    assert "2.0 s" in page


def test_the_wrong_words_are_said_once_when_their_time_comes(
    cast: Cast, job: Job, sandbox: Answers, manual_clock: ManualClock
) -> None:
    run = begin(cast, job)
    course.go_on(manual_clock.now())
    assert not Takeover.objects.filter(text=run.scenario.words).exists()
    manual_clock.advance(4)
    course.go_on(manual_clock.now())
    course.go_on(manual_clock.now())
    words = Takeover.objects.get(text=run.scenario.words)
    assert (words.author_label, words.mode) == ("Rehearsal", "now")


def test_what_is_over_says_nothing_more(cast: Cast, job: Job, sandbox: Answers, manual_clock: ManualClock) -> None:
    """A relay that was off for two hours must not put the wrong words on air then."""
    run = begin(cast, job)
    manual_clock.advance(7200)
    course.go_on(manual_clock.now())
    assert not Takeover.objects.filter(text=run.scenario.words).exists()
    assert Run.objects.get(pk=run.pk).ended_at == run.over_at


def test_words_for_a_broadcast_that_is_over_are_not_said_in_the_next(
    cast: Cast, job: Job, sandbox: Answers, sign_in: Any, manual_clock: ManualClock
) -> None:
    run = begin(cast, job)
    manual_clock.advance(1)
    make.hear(job, JobSays.ENDED)
    make.on_air(job.room, cast.oki)
    manual_clock.advance(3)
    course.go_on(manual_clock.now())
    assert not Takeover.objects.filter(text=run.scenario.words).exists()
    page = sign_in(cast.vic).get(url("debrief", run.pk)).content.decode()
    assert "could not be made to say" in page


def test_an_account_that_moves_away_is_no_sandbox_any_more(cast: Cast, job: Job, sandbox: Answers) -> None:
    """Wrong words must never reach a real vendor, whoever edits the account in between."""
    run = begin(cast, job)
    draft = vendors.AccountDraft(
        vendor=VendorKind.SOFTSUGAR,
        name="Now a real one",
        base_url="https://vendor.talkback.test",
        secrets={"token": "a-real-token"},
    )
    vendors.update_account(account=job.account, draft=draft, actor=cast.ada.actor)
    course.go_on(run.incident_at)
    assert not Takeover.objects.filter(text=run.scenario.words).exists()
    job.account.refresh_from_db()
    assert not job.account.is_sandbox


def test_an_account_that_points_elsewhere_is_never_asked(cast: Cast, job: Job, sandbox: Answers) -> None:
    job.account.base_url = "https://vendor.talkback.test"
    with pytest.raises(Conflict, match="no sandbox"):
        control.Sandbox(job.account)


def test_an_end_without_the_sandbox_says_so(cast: Cast, job: Job, sandbox: Answers, sign_in: Any) -> None:
    run = begin(cast, job, "outage")
    sandbox.is_there = False
    browser = sign_in(cast.oki)
    browser.post(url("end", run.pk), headers={"HX-Request": "true"})
    assert "its faults run out by themselves" in browser.get(url("debrief", run.pk)).content.decode()
    assert Run.objects.get(pk=run.pk).ended_at is not None


def test_what_a_surprise_holds_is_not_shown_on_the_page(cast: Cast, job: Job, sandbox: Answers, sign_in: Any) -> None:
    run = begin(cast, job, None)
    Run.objects.filter(pk=run.pk).update(fault_ids=["f7"])
    fault = {"kind": "freeze", "vendor": "softsugar", "session": job.vendor_ref, "hits": 0, "left_s": 40}
    sandbox.state = {
        **STATE,
        "faults": [{**fault, "id": "f7", "starts_in_s": 12}, {**fault, "id": "f8", "starts_in_s": None}],
    }
    page = sign_in(cast.vic).get(url("now")).content.decode()
    assert 'id="fault-f7"' not in page
    assert 'id="fault-f8"' in page


def test_the_debrief_says_who_did_what_and_whether_it_was_right(
    cast: Cast, job: Job, sandbox: Answers, sign_in: Any, manual_clock: ManualClock
) -> None:
    run = begin(cast, job)
    manual_clock.advance(4)
    course.go_on(manual_clock.now())
    manual_clock.advance(3)
    quiet.silence(job=job, user=cast.oki.user, actor=cast.oki.actor)
    spoken = run.incident_at + timedelta(seconds=1)
    cut = spoken + timedelta(seconds=3.2)
    sandbox.heard = [
        {
            "ref": "1",
            "text": run.scenario.words,
            "started_real": spoken.isoformat(),
            "ended_real": cut.isoformat(),
            "cut": True,
        }
    ]
    finish.end_run(run=run, actor=cast.oki.actor)
    page = sign_in(cast.vic).get(url("debrief", run.pk)).content.decode()
    assert "3.2 s" in page
    assert "4.0 s" in page
    assert "silenced the room" in page
    assert page.count("not reached") == 0


def test_the_record_is_kept_with_the_rehearsal(
    cast: Cast, job: Job, sandbox: Answers, sign_in: Any, manual_clock: ManualClock
) -> None:
    run = begin(cast, job, "outage")
    manual_clock.advance(10)
    finish.end_run(run=run, actor=cast.oki.actor)
    manual_clock.advance(2)
    assert course.ended_without_record(manual_clock.now()) == []  # what was cut at the end is written down in between
    manual_clock.advance(5)
    ((ended, sessions),) = course.ended_without_record(manual_clock.now())
    heard = course.what_was_heard(ended, sessions)
    assert heard is not None
    course.keep_record(ended, heard)
    assert course.ended_without_record(manual_clock.now()) == []
    asked = len(sandbox.asked)
    sandbox.is_there = False
    page = sign_in(cast.vic).get(url("debrief", run.pk)).content.decode()
    assert "The sandbox did not answer" not in page
    assert len(sandbox.asked) == asked


def test_what_was_ended_before_it_began_is_not_judged(cast: Cast, job: Job, sandbox: Answers, sign_in: Any) -> None:
    run = begin(cast, job, None)
    finish.end_run(run=run, actor=cast.oki.actor)
    page = sign_in(cast.vic).get(url("debrief", run.pk)).content.decode()
    assert "nothing to judge" in page
    assert "Noticed after" not in page
    assert 'data-verdict="incident"' not in page


def test_a_debrief_without_the_sandbox_says_what_is_missing(
    cast: Cast, job: Job, sandbox: Answers, sign_in: Any, manual_clock: ManualClock
) -> None:
    run = begin(cast, job, "outage")
    sandbox.is_there = False
    manual_clock.advance(120)
    course.go_on(manual_clock.now())
    page = sign_in(cast.vic).get(url("debrief", run.pk)).content.decode()
    assert "The sandbox did not answer" in page
    assert "Sentences heard twice" not in page


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"kind": "nonsense", "whom": "room:K7Q"}, "Select a valid choice"),
        ({"kind": "latency", "whom": "room:ZZZ"}, "Select a valid choice"),
        ({"kind": "latency", "whom": "room:K7Q", "value": "100000"}, "from 0 to 120"),
        ({"kind": "flood", "whom": "room:K7Q", "value": "0"}, "from 1 to 200"),
        ({"kind": "error", "whom": "room:K7Q", "value": "10"}, "from 400 to 599"),
        ({"kind": "quota", "whom": "room:K7Q"}, "concerns the whole vendor"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(
    cast: Cast, job: Job, sandbox: Answers, sign_in: Any, body: dict[str, str], words: str
) -> None:
    answer = sign_in(cast.oki).post(url("add_fault"), body, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert ("POST", "/sandbox/faults") not in sandbox.asked


def test_a_room_of_a_real_account_is_never_disturbed(cast: Cast, job: Job, sandbox: Answers, sign_in: Any) -> None:
    real = make.room(make.account(cast.alpha, make.SOFTSUGAR), code="P9X")
    make.on_air(real, cast.oki)
    browser = sign_in(cast.ada)
    for name, body in (
        ("start", {"room": "P9X", "scenario": "outage"}),
        ("add_fault", {"kind": "outage", "whom": "room:P9X"}),
    ):
        assert browser.post(url(name), body).status_code == 422
    assert browser.post(url("audience", "P9X"), {"rate": "10.0"}).status_code == 404
    assert browser.get(url("strip", "P9X")).status_code == 404
    assert sandbox.asked == []
    with pytest.raises(Conflict, match="no sandbox"):
        control.Sandbox(real.account)


def test_the_desk_of_a_real_room_asks_for_no_rehearsal(cast: Cast, job: Job, sign_in: Any) -> None:
    make.room(make.account(cast.alpha, make.SOFTSUGAR), code="P9X")
    browser = sign_in(cast.vic)
    assert b"rehearsal-strip" not in browser.get(reverse("console:desk", args=["alpha", "P9X"])).content
    assert b"rehearsal-strip" in browser.get(reverse("console:desk", args=["alpha", "K7Q"])).content
