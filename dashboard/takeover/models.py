"""Takeovers: everything a person or rule makes the digital human say, and the script items our player sends."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashboard.accounts.models import Role as TeamRole
from dashboard.accounts.models import Team, User
from dashboard.jobs.models import Job
from dashboard.lib import ssml, trace
from dashboard.lib.prepared import PreparedObjects
from dashboard.rooms.models import Room
from dashboard.takeover.states import TERMINAL, Mode, Source, TakeoverState, derive
from dashboard.vendors.models import Rank
from dashboard.vendors.port import Role

IS_OPEN = ~models.Q(state__in=sorted(TERMINAL))

#: In place of the words of what is not ours.
_NOT_FROM_HERE = _("Sent at the vendor, not from here. Its words are not told.")
_BY_THEIR_RULES = _("A reply by the vendor's rules. The vendor does not tell its words.")

#: How long something may be approved, in seconds, and the limits of what a room may choose.
APPROVE_WITHIN_S, SHORTEST_APPROVAL_S, LONGEST_APPROVAL_S = 30, 5, 300


def new_trace_id() -> str:
    return uuid.uuid4().hex


class Kind(models.TextChoices):
    """What a takeover is made of. `params` holds what goes beyond `text`: which clip, which change of the scene."""

    TEXT = "text", _("text")
    SSML = "ssml", _("SSML")
    AUDIO = "audio", _("audio clip")
    VOICE = "voice", _("microphone")
    SCENE = "scene", _("scene")


class SecondPerson(models.Model):
    """What takes a second person in a room before it is sent. Any one condition is enough; without one nothing does."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    room = models.OneToOneField(Room, on_delete=models.CASCADE, related_name="second_person")
    #: Values of `Kind`, `Mode` and `accounts.Role`; of the kinds never the microphone, which nobody can approve.
    kinds = models.JSONField(default=list, blank=True)
    modes = models.JSONField(default=list, blank=True)
    roles = models.JSONField(default=list, blank=True)
    #: Looked for as they are, whatever the case.
    words = models.JSONField(default=list, blank=True)
    approver = models.CharField(max_length=16, choices=TeamRole.choices, default=TeamRole.OPERATOR)
    #: How long it may be approved, in seconds.
    within_s = models.PositiveSmallIntegerField(default=APPROVE_WITHIN_S)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"second person in {self.room.code}"


#: What may say when a sentence was over, the surest first.
ENDS = ("finished_at", "cancel_ok_at", "failed_at", "rejected_at", "expired_at", "marked_spoken_at")


class TakeoverManager(models.Manager["Takeover"]):
    """Single sentences that every fact looks for: with their job a row is 120 columns, so its SQL is made once."""

    def of_trace(self, trace_id: str) -> Takeover | None:
        """The sentence that we gave this trace id, with its job, the job's account and the room."""
        return _with_room(_OF_TRACE.one(trace=trace_id))

    def whole(self, trace_id: str) -> Takeover:
        """The same, where it must be there. Raises `Takeover.DoesNotExist`."""
        item = self.of_trace(trace_id)
        if item is None:
            raise Takeover.DoesNotExist
        return item

    def of_reference(self, job_id: int, vendor_ref: str) -> Takeover | None:
        """The job's sentence of that name at the vendor, with as much."""
        return _with_room(_OF_REFERENCE.one(job=job_id, ref=vendor_ref)) if vendor_ref else None


class Takeover(models.Model):
    # content
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="takeovers")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="takeovers")
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="takeovers")
    number = models.PositiveIntegerField()
    #: The idempotency key the browser minted when the draft began; empty for what Talkback itself sends.
    key = models.CharField(max_length=64, blank=True, default="")
    source = models.CharField(max_length=16, choices=Source.choices)
    rank = models.PositiveSmallIntegerField(choices=Rank.choices)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.TEXT)
    mode = models.CharField(max_length=8, choices=Mode.choices)
    text = models.TextField()
    params = models.JSONField(default=dict, blank=True)
    content_hash = models.CharField(max_length=64)
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    author_label = models.CharField(max_length=120, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    cause_event_id = models.BigIntegerField(null=True, blank=True)
    trace_id = models.CharField(max_length=64, unique=True, default=new_trace_id)
    #: The request in which it was asked for; its commands keep it, however much later they leave.
    origin = models.CharField(max_length=64, blank=True, default=trace.asked_in, db_default="")
    vendor_ref = models.CharField(max_length=128, blank=True, default="")
    #: Script player: the how-manieth play of this job, and which script items it speaks (joined where too short).
    play_no = models.PositiveIntegerField(null=True, blank=True)
    first_no = models.PositiveIntegerField(null=True, blank=True)
    last_no = models.PositiveIntegerField(null=True, blank=True)
    #: The takeover that this one says once more, after its outcome stayed unknown.
    again_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    # place
    place = models.BigIntegerField(default=0)
    #: Rises with each new state and each decision of a person or rule; pages send back the one they show.
    version = models.PositiveIntegerField(default=1)
    estimate_ms = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    #: When viewers are expected to hear it, as of the last reading of the queue.
    eta_at = models.DateTimeField(null=True, blank=True)
    #: How long after the press it was promised to be heard, in milliseconds; kept to measure how true that was.
    promised_ms = models.PositiveIntegerField(null=True, blank=True)
    #: Not worth hearing after this.
    useful_until = models.DateTimeField(null=True, blank=True)

    # before it is handed on: the undo window, then a second person where the room wants one
    held_until = models.DateTimeField(null=True, blank=True)
    approval_why = models.CharField(max_length=120, blank=True, default="")
    approval_due_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    #: Of the content that was approved: other content is not.
    approved_hash = models.CharField(max_length=64, blank=True, default="")

    # evidence
    requested_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True, blank=True)
    hold_over_at = models.DateTimeField(null=True, blank=True)
    approval_asked_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    cancel_sent_at = models.DateTimeField(null=True, blank=True)
    cancel_ok_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    rejected_at = models.DateTimeField(null=True, blank=True)
    timeout_at = models.DateTimeField(null=True, blank=True)
    #: It left the vendor's queue, or the job ended, and nobody was told how it ended.
    left_at = models.DateTimeField(null=True, blank=True)
    expired_at = models.DateTimeField(null=True, blank=True)
    marked_spoken_at = models.DateTimeField(null=True, blank=True)
    marked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    cut_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    error = models.JSONField(null=True, blank=True)
    unknown_reason = models.CharField(max_length=40, blank=True, default="")
    #: Derived from the evidence, stored beside it so that lists can filter.
    state = models.CharField(max_length=20, choices=TakeoverState.choices, default=TakeoverState.WAITING)

    objects = TakeoverManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "key"], condition=~models.Q(key=""), name="takeover_key_once"),
            models.UniqueConstraint(fields=["room", "number"], name="takeover_number_once"),
            models.UniqueConstraint(
                fields=["job", "vendor_ref"], condition=~models.Q(vendor_ref=""), name="takeover_vendor_ref_once"
            ),
            models.UniqueConstraint(fields=["job", "play_no"], name="takeover_play_no_once"),
        ]
        indexes = [
            models.Index(fields=["job", "place"], condition=IS_OPEN, name="takeover_open_place"),
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="takeover_due"),
            models.Index(fields=["team", "id"], condition=IS_OPEN, name="takeover_team_open"),
        ]

    def __str__(self) -> str:
        return f"{self.room.code}-{self.number}"

    @property
    def ended_at(self) -> datetime | None:
        """When it was over, as far as anybody knows; None while it may still be heard."""
        return next((at for name in ENDS if (at := getattr(self, name)) is not None), None)

    @property
    def words(self) -> str:
        """What viewers hear of it, as text: without tags; who speaks; or, of what is not ours, why nobody knows."""
        if self.source == Source.FOREIGN and not self.text:
            return str(_BY_THEIR_RULES if self.rank == Rank.RULE else _NOT_FROM_HERE)
        if self.kind == Kind.VOICE:
            return gettext("%(name)s speaks by microphone.") % {"name": self.author_label}
        if self.kind != Kind.SSML:
            return self.text
        reading = ssml.read(self.text)
        return ssml.plain(reading.document).strip() if reading.document is not None else self.text

    @property
    def is_asked_first(self) -> bool:
        """Held, and then it leaves to a second person, not to the vendor."""
        return self.state == TakeoverState.HELD and bool(self.approval_why) and self.approved_at is None

    @property
    def role(self) -> Role:
        return Role(self.params.get("role") or Role.STREAMER)

    @property
    def removed(self) -> list[str]:
        """Tags that the vendor or the voice did not know, once it was said without them."""
        return list(self.params.get("removed") or ())

    @property
    def can_be_repeated(self) -> bool:
        """Whether we have what it said: a voice is not kept, and of what is not ours nobody told the words."""
        return self.kind != Kind.VOICE and self.source != Source.FOREIGN

    @property
    def is_open(self) -> bool:
        return TakeoverState(self.state) not in TERMINAL

    @property
    def was_asked_to_end(self) -> bool:
        """By a cancel, or by *now*: what its end says of its length is not its own."""
        return self.cancel_requested_at is not None or self.cancel_sent_at is not None or self.cut_by_id is not None

    @property
    def is_on_its_way(self) -> bool:
        """It left us, and the vendor has not said anything of it yet."""
        told = (self.accepted_at, self.queued_at, self.started_at, self.timeout_at)
        return self.claimed_at is not None and all(at is None for at in told)

    def was_said(self, by: datetime, began_at: datetime | None = None) -> bool:
        """Whether what was heard to begin, or is reckoned to have, is over by then, said a little slower than usual."""
        if (began_at := began_at or self.started_at) is None:
            return False
        return began_at + timedelta(milliseconds=self.estimate_ms * 11 // 10 + 300) <= by

    def refresh_state(self, *, is_decision: bool = False) -> list[str]:
        """Set `state` from the evidence; the columns to save, which is the caller's.

        A new state, and a decision of a person or rule, is a new version: a page that shows an older one can't decide.
        """
        changed = []
        if self.approved_hash and self.approved_hash != self.content_hash:
            self.approved_at, self.approved_hash = None, ""  # what was approved was other content
            changed = ["approved_at", "approved_hash"]
        before, self.state = self.state, derive(self)
        if self.state != before or is_decision:
            self.version += 1
        return ["state", "version", *changed]


class Floor(models.Model):
    """Who may speak by microphone in a job right now: at most one person, on one page. See docs/microphone.md."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="+")
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="floor")
    holder = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    holder_label = models.CharField(max_length=120, blank=True, default="")
    #: Rises with every new holder: what an earlier one still sends counts for nothing.
    epoch = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(null=True, blank=True)
    #: Renewed by the microphone that is armed with it; a floor that nobody renews is free from then on.
    expires_at = models.DateTimeField(null=True, blank=True)
    #: The page whose microphone is armed; empty while none is.
    talker = models.CharField(max_length=32, blank=True, default="")
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_label = models.CharField(max_length=120, blank=True, default="")
    asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], condition=models.Q(holder__isnull=False), name="floor_expiry")]

    def __str__(self) -> str:
        return f"{self.job} {self.holder_label or '-'}"


class TalkTicket(models.Model):
    """Lets one page of one person open the microphone's socket once, within seconds. Only its digest is kept."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    floor_epoch = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.job_id} {self.digest[:8]}"


_WIDE = ("job__account", "job__room")
_OF_TRACE = PreparedObjects(lambda trace: Takeover.objects.select_related(*_WIDE).filter(trace_id=trace))
# Where it says that there is a name at all, SQLite uses the index that leaves those without one out.
_OF_REFERENCE = PreparedObjects(
    lambda job, ref: Takeover.objects.select_related(*_WIDE).filter(job_id=job, vendor_ref=ref).exclude(vendor_ref="")
)


def _with_room(item: Takeover | None) -> Takeover | None:
    if item is not None:
        item.room = item.job.room  # known already: no second join of the same row
    return item
