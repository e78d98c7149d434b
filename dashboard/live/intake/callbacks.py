"""What vendors report over HTTPS: verified, deduplicated, recorded, and only then acknowledged.

A missing or wrong signature is 401, a counter and an audit row, nothing else. A byte-identical repeat is 200 and
changes nothing. A terminal state, and anything unverified, is not applied: it makes the relay ask the vendor
(A11, B6).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from dashboard.events.kinds import Fact
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.live.intake.facts import Heard, fact_of
from dashboard.live.intake.forgeries import note_refused
from dashboard.live.intake.writer import COMMIT_S, writer
from dashboard.vendors import outbox
from dashboard.vendors.models import CallbackCheck, Command, CommandKind, CommandState, VendorAccount, VendorKind
from dashboard.vendors.port import (
    CallbackProof,
    CallbackRefused,
    CallbackRequest,
    CallbackTold,
    JobReport,
    JobSays,
    Report,
    Unrecognised,
)
from dashboard.vendors.registry import callback_reader

_ENDS = frozenset({JobSays.ENDED, JobSays.LOST, JobSays.FAILED, JobSays.BLOCKED})


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str


def of_job(slug: str, query: list[tuple[str, str]], headers: dict[str, str], body: bytes) -> Answer:
    """MetaStudio's callback for one job, at the job's own unguessable address."""
    job = Job.objects.of_callback(slug)
    if job is None:
        return Answer(404, "No such address.")
    url = settings.PUBLIC_URL + reverse("intake:job_callback", args=[slug])
    signs_path = bool(job.account.capabilities.get("callback_signs_path"))
    request = CallbackRequest(url, query, headers, body, clock.now(), signs_path)
    by_address = job.account.callback_proof is CallbackProof.ADDRESS
    verdict = callback_reader(job.account.vendor).read(request, job.callback_key, check=not by_address)
    if isinstance(verdict, CallbackRefused):
        return _refused(job.account, verdict, job.room_id)
    return _take(verdict, {job.vendor_ref: job}, default=job, trusted=by_address)


def of_account(slug: str, query: list[tuple[str, str]], headers: dict[str, str], body: bytes) -> Answer:
    """SoftSugar's status callback, one address per account (004:1123)."""
    account = VendorAccount.objects.of_callback(slug, VendorKind.SOFTSUGAR)
    if account is None:
        return Answer(404, "No such address.")
    url = settings.PUBLIC_URL + reverse("intake:account_callback", args=[slug])
    request = CallbackRequest(url, query, headers, body, clock.now())
    check = account.callback_check == CallbackCheck.SIGNATURE
    verdict = callback_reader(account.vendor).read(request, account.callback_key, check=check)
    if isinstance(verdict, CallbackRefused):
        return _refused(account, verdict, None)
    refs = {report.vendor_ref for report in verdict.reports}
    jobs = _jobs_of(account, refs)
    if refs - jobs.keys():
        if _has_start_in_doubt(account):
            # It may be the session of that start: not acknowledged, so it is told again when the start is settled.
            return Answer(503, "Not known yet; send it again.")
        jobs = _jobs_of(account, refs)  # bound between the two looks
    return _take(verdict, jobs, default=None)


def _jobs_of(account: VendorAccount, refs: set[str]) -> dict[str, Job]:
    """A callback tells of one session; where one ever told of more, each is looked for."""
    return {ref: job for ref in refs if (job := Job.objects.of_session(account.pk, ref)) is not None}


def _has_start_in_doubt(account: VendorAccount) -> bool:
    """A start left, and which session it opened is not bound yet."""
    doubtful = (CommandState.SENDING, CommandState.UNKNOWN)
    return Command.objects.filter(account=account, kind=CommandKind.CREATE, state__in=doubtful).exists()


def _take(verdict: CallbackTold, jobs: dict[str, Job], *, default: Job | None, trusted: bool = False) -> Answer:
    """`trusted`: the account chose that nothing but the job's own address proves what is told there."""
    facts: list[Fact] = []
    for number, report in enumerate(verdict.reports):
        job = jobs.get(report.vendor_ref) or default
        if job is None:
            continue  # nobody here started this session: the account's listing shows it as such
        if default is not None and _is_about_another(report, default):
            report = Unrecognised(report.vendor_ref, f"about another job: {type(report).__name__}", report.at)
        if not (verdict.verified or trusted) or _must_be_confirmed(report):
            _ask_vendor(job)
            continue
        facts.append(fact_of(job, report, Heard("callback", f"{verdict.dedupe}:{number}")))
    if facts:
        writer.submit(facts).result(timeout=COMMIT_S)
    return Answer(200, "ok")


def _is_about_another(report: Report, job: Job) -> bool:
    """The signature covers the address, not the body: what names another job is kept as text and moves nothing."""
    return bool(report.vendor_ref and job.vendor_ref) and report.vendor_ref != job.vendor_ref


def _must_be_confirmed(report: Report) -> bool:
    return isinstance(report, JobReport) and report.says in _ENDS


def _ask_vendor(job: Job) -> None:
    """Let the job's keeper ask for its state and queue now; one such question at a time is enough."""
    if not job.is_open or not job.vendor_ref:
        return
    waiting = Command.objects.filter(job_id=job.pk, kind=CommandKind.CHECK, state=CommandState.READY)
    if not waiting.exists():
        outbox.enqueue(account_id=job.account_id, job_id=job.pk, lane=outbox.check_lane(job.pk), kind=CommandKind.CHECK)


def _refused(account: VendorAccount, verdict: CallbackRefused, room_id: int | None) -> Answer:
    note_refused(account, verdict, room_id)
    return Answer(400 if verdict.why == "unreadable" else 401, "Refused.")
