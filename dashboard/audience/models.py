"""What the audience does: comments and the like are events; here is how far they went on, and what answers them."""

from __future__ import annotations

from django.db import models

from dashboard.accounts.models import Team, User
from dashboard.audience.states import Cause, Closed, Outcome, QuestionState, question_state
from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.states import ChangeKind, ChangeState
from dashboard.rooms.models import Room
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import TakeoverState


class ReportCursor(models.Model):
    """How far a job's audience events were forwarded to the vendor's event report.

    `batch_to_seq` is set, durable, before a batch leaves. A batch whose outcome is unknown is never repeated: its
    events are counted in `unsure_events` and the cursor goes on.
    """

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="report_cursor")
    sent_through_seq = models.BigIntegerField(default=0)
    batch_to_seq = models.BigIntegerField(null=True, blank=True)
    batch_sent_at = models.DateTimeField(null=True, blank=True)
    unsure_events = models.PositiveIntegerField(default=0)
    last_ok_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.job_id} through {self.sent_through_seq}"


class RuleCursor(models.Model):
    """The rules of a job whose vendor runs none, and how far they have decided.

    `through_id` is the last event that was decided, `memory` what the rules remember then (`Matcher.remembered`). Both
    move in the transaction of the decisions: a relay that takes over decides the next event, as the first would have.
    """

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="rule_cursor")
    #: As the room's set had them when the job began: a running job keeps the rules it started with.
    rules = models.JSONField(default=list, blank=True)
    rule_set_name = models.CharField(max_length=80, blank=True, default="")
    rule_set_version = models.PositiveIntegerField(null=True, blank=True)
    through_id = models.BigIntegerField(default=0)
    memory = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"{self.job_id} through {self.through_id}"

    def follow(self, job: Job) -> None:
        """Where somebody put other rules on air, they decide from now on. What a rule has seen stays."""
        if job.rules is None or job.rules == self.rules:
            return
        put = JobChange.objects.filter(job=job, kind=ChangeKind.RULES, state=ChangeState.ACCEPTED).first()
        self.rules = job.rules
        if put is not None:
            self.rule_set_name = str(put.payload.get("name") or "")
            self.rule_set_version = put.payload.get("version")
        self.save(update_fields=["rules", "rule_set_name", "rule_set_version"])


class RuleDecision(models.Model):
    """What the rules decided about one event for which one of them holds: one row per event, whatever crashes."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="rule_decisions")
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="rule_decisions")
    event_id = models.BigIntegerField()
    event_type = models.PositiveSmallIntegerField()
    event_at = models.DateTimeField()
    received_at = models.DateTimeField()
    #: What the event said, so that the log reads without the event log: strangers' words, only ever as text.
    who = models.CharField(max_length=80, blank=True, default="")
    words = models.CharField(max_length=300, blank=True, default="")
    #: The rule that answered, or the first that would have.
    rule_index = models.CharField(max_length=64, blank=True, default="")
    rule_name = models.CharField(max_length=120, blank=True, default="")
    #: Names of other rules that held and lost to it.
    beaten = models.JSONField(default=list, blank=True)
    text = models.TextField(blank=True, default="")
    quiet_until = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    cause = models.CharField(max_length=12, choices=Cause.choices, blank=True, default=Cause.NONE)
    takeover = models.OneToOneField(
        Takeover, on_delete=models.SET_NULL, null=True, blank=True, related_name="rule_decision"
    )
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "event_id"], name="rule_decision_once_per_event")]
        indexes = [
            models.Index(fields=["room", "id"], name="rule_decision_room"),
            models.Index(fields=["job"], condition=models.Q(outcome=Outcome.MADE), name="rule_decision_made"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_name}: {self.outcome}"


#: Not closed, and no answer to it was heard to its end.
IS_UNANSWERED = models.Q(closed_at=None) & ~models.Q(takeover__state=TakeoverState.DONE)


class Question(models.Model):
    """Something that the audience asks: one comment, or several that ask the same (`likeness.py`).

    Whether it is answered follows from the takeover that answers it, so nothing has to be kept in step with that.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="questions")
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="questions")
    #: The comment that asked first: strangers' words, only ever as text.
    event_id = models.BigIntegerField()
    who = models.CharField(max_length=80, blank=True, default="")
    text = models.CharField(max_length=500)
    asked_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)
    #: By its words; otherwise somebody claimed a comment that did not look like one.
    is_detected = models.BooleanField(default=True)
    claimed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    claimed_at = models.DateTimeField(null=True, blank=True)
    #: What answers it, or was to: the last one.
    takeover = models.ForeignKey(Takeover, on_delete=models.SET_NULL, null=True, blank=True, related_name="questions")
    closed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_why = models.CharField(max_length=8, choices=Closed.choices, blank=True, default=Closed.NOT)
    #: Rises with each decision of a person; pages send back the one they show.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["job", "asked_at"], condition=models.Q(closed_at=None), name="question_not_closed"),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def state(self) -> QuestionState:
        return question_state(self, self.takeover.state if self.takeover is not None else None)


class Asking(models.Model):
    """One comment that asks a question."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="askings")
    event_id = models.BigIntegerField(unique=True)

    def __str__(self) -> str:
        return f"{self.event_id} asks {self.question_id}"
