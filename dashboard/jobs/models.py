"""Jobs: one livestream of a room, from start to end."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from dashboard.accounts.models import Team, User
from dashboard.jobs.states import (
    CAN_SPEAK,
    CAN_STOP,
    END_STATES,
    ON_AIR,
    ChangeKind,
    ChangeState,
    JobState,
    Link,
    Rung,
    StreamLink,
)
from dashboard.lib.fields import EncryptedTextField
from dashboard.lib.prepared import PreparedObjects
from dashboard.rooms.models import Room
from dashboard.vendors.models import VendorAccount, new_key, new_slug

#: So long before its end a token that was not renewed is an alarm.
RTC_ALARM_BEFORE = timedelta(seconds=30)

IS_OPEN = ~models.Q(state__in=sorted(END_STATES))


class JobManager(models.Manager["Job"]):
    """Single jobs that every callback, report and command looks for: a row is wide, so its SQL is made once."""

    def of_intake(self, slug: str) -> Job | None:
        """Whose audience is reported at that address."""
        return _OF_INTAKE.one(slug=slug)

    def of_callback(self, slug: str) -> Job | None:
        """Whom MetaStudio tells of at that address, with its account and room."""
        return _OF_CALLBACK.one(slug=slug)

    def of_session(self, account_id: int, vendor_ref: str) -> Job | None:
        """The account's job of that name at the vendor, with its account."""
        return _OF_SESSION.one(account=account_id, ref=vendor_ref)

    def whole(self, pk: int) -> Job:
        """With its account, its room and the room's rules. Raises `Job.DoesNotExist`."""
        job = _WHOLE.one(pk=pk)
        if job is None:
            raise Job.DoesNotExist
        return job


class Job(models.Model):
    # identity
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="jobs")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="jobs")
    account = models.ForeignKey(VendorAccount, on_delete=models.PROTECT, related_name="jobs")
    number = models.PositiveIntegerField()
    #: The idempotency key of the start that made it.
    key = models.CharField(max_length=64)
    started_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField()
    vendor_ref = models.CharField(max_length=128, blank=True, default="")
    session_token = EncryptedTextField(blank=True, default="")
    rtc = EncryptedTextField(blank=True, default="")
    report_url = EncryptedTextField(blank=True, default="")
    report_url_until = models.DateTimeField(null=True, blank=True)
    #: The vendor may answer this job's audience by rules of its own: not every reply it tells of is ours.
    runs_vendor_rules = models.BooleanField(default=False, db_default=False)
    #: What the job runs with, so far as we know: the room's at its start, then what was changed while it ran. What it
    #: started with from before there were these columns is the room's.
    config = models.JSONField(default=dict, blank=True, db_default={})
    output_url = models.CharField(max_length=500, blank=True, default="", db_default="")
    #: None where the vendor has rules of its own that nobody here knows.
    rules = models.JSONField(null=True, blank=True)
    callback_slug = models.CharField(max_length=40, unique=True, default=new_slug)
    callback_key = EncryptedTextField(default=new_key)
    intake_slug = models.CharField(max_length=40, unique=True, default=new_slug)

    # state
    state = models.CharField(max_length=16, choices=JobState.choices, default=JobState.STARTING)
    state_at = models.DateTimeField()
    state_source = models.CharField(max_length=16, default="console")
    rung = models.PositiveSmallIntegerField(choices=Rung.choices, default=Rung.REQUESTED)
    error = models.JSONField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    live_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=200, blank=True, default="")
    billed_from = models.DateTimeField(null=True, blank=True)
    #: Somebody took it over from its vendor: it runs longer than it is known here.
    adopted_at = models.DateTimeField(null=True, blank=True)
    #: Since when the vendor neither lists it nor knows it when asked, while it counts as running here.
    missing_since = models.DateTimeField(null=True, blank=True)
    #: A person wants silence since then. When the last word ended (`silent_at`) is told by evidence, never assumed.
    silenced_at = models.DateTimeField(null=True, blank=True)
    silenced_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    silent_at = models.DateTimeField(null=True, blank=True)
    #: What this silence can't do, as codes of `takeover.silences.Gap`, and the vendor's refusal of it.
    silence_gaps = models.JSONField(default=list, blank=True)
    silence_error = models.JSONField(null=True, blank=True)
    stop_requested_at = models.DateTimeField(null=True, blank=True)

    # keeping
    owner = models.CharField(max_length=80, blank=True, default="")
    epoch = models.PositiveIntegerField(default=0)
    heartbeat_ok_at = models.DateTimeField(null=True, blank=True)
    link = models.CharField(max_length=16, choices=Link.choices, default=Link.NONE)
    link_at = models.DateTimeField(null=True, blank=True)
    stream_link = models.CharField(max_length=16, choices=StreamLink.choices, default=StreamLink.NOT_REPORTED)
    stream_link_at = models.DateTimeField(null=True, blank=True)
    #: When its account's listing last had it: kept from the moment that one lacks it, or that it ended.
    listed_until = models.DateTimeField(null=True, blank=True)
    poll_left_at = models.DateTimeField(null=True, blank=True)
    remaining_s = models.PositiveIntegerField(null=True, blank=True)
    remaining_at = models.DateTimeField(null=True, blank=True)
    #: With which one more viewer joins the picture's RTC channel, and when it ends.
    viewer_token = EncryptedTextField(blank=True, default="")
    viewer_token_ends_at = models.DateTimeField(null=True, blank=True)
    #: Where the picture goes through an RTC application of our own: the end of the host's token, and when the vendor
    #: said that it has ended (96).
    rtc_ends_at = models.DateTimeField(null=True, blank=True)
    rtc_expired_at = models.DateTimeField(null=True, blank=True)
    #: When its renewal failed last; null once there is a newer token.
    rtc_refused_at = models.DateTimeField(null=True, blank=True)

    # playing
    script_no = models.PositiveIntegerField(null=True, blank=True)
    script_at = models.DateTimeField(null=True, blank=True)
    play_no = models.PositiveIntegerField(default=0)
    script_held = models.BooleanField(default=False)
    #: The script alone is paused since then, by a person; a silence is another thing.
    script_paused_at = models.DateTimeField(null=True, blank=True)
    #: Rises with each change of the running script; a page that shows an older one can't rewrite it.
    script_version = models.PositiveIntegerField(default=1, db_default=1)
    #: When the vendor's own record of the job was last compared with ours, and the fields in which it differs.
    compared_at = models.DateTimeField(null=True, blank=True)
    drift = models.JSONField(default=list, blank=True, db_default=[])
    viewers = models.PositiveIntegerField(null=True, blank=True)
    viewers_at = models.DateTimeField(null=True, blank=True)
    comments = models.PositiveIntegerField(default=0)
    gifts = models.PositiveIntegerField(default=0)
    audience_at = models.DateTimeField(null=True, blank=True)

    objects = JobManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "key"], name="job_key_once"),
            models.UniqueConstraint(fields=["room"], condition=IS_OPEN, name="job_one_open_per_room"),
            models.UniqueConstraint(fields=["room", "number"], name="job_number_once"),
            models.UniqueConstraint(
                fields=["account", "vendor_ref"], condition=~models.Q(vendor_ref=""), name="job_vendor_ref_once"
            ),
        ]
        indexes = [
            models.Index(fields=["team", "ended_at"], name="job_team_ended"),
            models.Index(fields=["team", "state"], condition=IS_OPEN, name="job_team_open"),
            models.Index(fields=["owner"], condition=IS_OPEN, name="job_owner_open"),
        ]

    def __str__(self) -> str:
        return f"{self.room.code}-{self.number:04d}"

    @property
    def rtc_is_alarm(self) -> bool:
        """Whether the picture's own token is over, or its renewal failed so late that only the next try can save it."""
        if self.rtc_refused_at is None or self.rtc_ends_at is None:
            return self.rtc_expired_at is not None
        return self.rtc_expired_at is not None or self.rtc_refused_at >= self.rtc_ends_at - RTC_ALARM_BEFORE

    @property
    def is_open(self) -> bool:
        return JobState(self.state) not in END_STATES

    @property
    def is_on_air(self) -> bool:
        return JobState(self.state) in ON_AIR

    @property
    def can_stop(self) -> bool:
        """Also once more, where the vendor refused or did not answer an earlier stop."""
        return JobState(self.state) in CAN_STOP or (self.state == JobState.STOPPING and self.error is not None)

    @property
    def can_speak(self) -> bool:
        return JobState(self.state) in CAN_SPEAK

    @property
    def topic(self) -> str:
        return f"room:{self.room_id}"


class JobScriptItem(models.Model):
    """The script as it was when the job started; edits of the room do not reach a running job by themselves."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="script")
    no = models.PositiveIntegerField()
    scene_no = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=120, blank=True, default="")
    text = models.TextField()
    source_item_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["no"]
        constraints = [models.UniqueConstraint(fields=["job", "no"], name="job_script_no_once")]

    def __str__(self) -> str:
        return f"{self.no} {self.title}"


class JobChange(models.Model):
    """One change of a running job that a person asked for, what it is, and what became of it."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=16, choices=ChangeKind.choices)
    state = models.CharField(max_length=16, choices=ChangeState.choices, default=ChangeState.ASKED)
    #: What it is, by kind; never a secret.
    payload = models.JSONField(default=dict, blank=True)
    #: JSON of what must not be read, e.g. stream keys.
    secret = EncryptedTextField(blank=True, default="")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    author_label = models.CharField(max_length=120, blank=True, default="")
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    #: Until when what it should bring about is watched for; None where nothing is.
    due_at = models.DateTimeField(null=True, blank=True)
    #: What was seen of its effect, in a word of its kind; empty while nothing was.
    seen = models.CharField(max_length=16, blank=True, default="")
    error = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="job_change_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def subject(self) -> str:
        return f"change:{self.pk}"


_OF_INTAKE = PreparedObjects(lambda slug: Job.objects.filter(intake_slug=slug))
_OF_CALLBACK = PreparedObjects(lambda slug: Job.objects.select_related("account", "room").filter(callback_slug=slug))
_OF_SESSION = PreparedObjects(
    lambda account, ref: Job.objects.select_related("account").filter(account=account, vendor_ref=ref)
)
_WHOLE = PreparedObjects(lambda pk: Job.objects.select_related("room__rule_set", "account").filter(pk=pk))
