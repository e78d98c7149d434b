"""Jobs: one livestream of a room, from start to end."""

from __future__ import annotations

from django.db import models

from dashboard.accounts.models import Team, User
from dashboard.jobs.states import CAN_SPEAK, CAN_STOP, END_STATES, ON_AIR, JobState, Link, Rung, StreamLink
from dashboard.lib.fields import EncryptedTextField
from dashboard.rooms.models import Room
from dashboard.vendors.models import VendorAccount, new_key, new_slug

IS_OPEN = ~models.Q(state__in=sorted(END_STATES))


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
    poll_left_at = models.DateTimeField(null=True, blank=True)
    remaining_s = models.PositiveIntegerField(null=True, blank=True)
    remaining_at = models.DateTimeField(null=True, blank=True)

    # playing
    script_no = models.PositiveIntegerField(null=True, blank=True)
    script_at = models.DateTimeField(null=True, blank=True)
    play_no = models.PositiveIntegerField(default=0)
    script_held = models.BooleanField(default=False)
    viewers = models.PositiveIntegerField(null=True, blank=True)
    viewers_at = models.DateTimeField(null=True, blank=True)
    comments = models.PositiveIntegerField(default=0)
    gifts = models.PositiveIntegerField(default=0)
    audience_at = models.DateTimeField(null=True, blank=True)

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
