"""Vendor accounts, the relays that keep them, the rate windows they share, and the outbox of commands to vendors."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from dashboard.accounts.models import Team
from dashboard.lib import shapes, trace
from dashboard.lib.fields import EncryptedTextField
from dashboard.lib.prepared import PreparedObjects
from dashboard.vendors.port import CallbackProof


def new_slug() -> str:
    return secrets.token_urlsafe(18)


def new_key() -> str:
    return secrets.token_urlsafe(32)


class VendorKind(models.TextChoices):
    METASTUDIO = "metastudio", _("Huawei Cloud MetaStudio")
    SOFTSUGAR = "softsugar", _("SenseTime SoftSugar")


class Health(models.TextChoices):
    UNTESTED = "untested", _("Not tested yet")
    OK = "ok", _("Connected")
    REFUSED = "refused", _("Credential refused")
    UNREACHABLE = "unreachable", _("Not reachable")


#: From here on the vendor's clock and ours disagree: what it stamps looks wrong, and signatures fail at 15 minutes.
SKEW_WARN_MS = 5_000
#: How unsure it is what a vendor's clock is off: a Date header counts whole seconds, and what it tells is kept until it
#: differs by another.
SKEW_UNSURE = timedelta(seconds=1.5)
#: While a vendor answers its listings, what it tells on an open link is not older than this.
LATEST_ON_A_LINK = timedelta(minutes=1)


class CallbackCheck(models.TextChoices):
    SIGNATURE = "signature", _("Verify the signature")
    PRESENCE = "presence", _("Accept unsigned, confirm by asking")


class AccountManager(models.Manager["VendorAccount"]):
    def of_callback(self, slug: str, vendor: str) -> VendorAccount | None:
        """The account of that vendor which is told of at that address; asked for by each callback."""
        return _OF_CALLBACK.one(slug=slug, vendor=str(vendor))


class VendorAccount(models.Model):
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="vendor_accounts")
    vendor = models.CharField(_("vendor"), max_length=16, choices=VendorKind.choices)
    name = models.CharField(_("name"), max_length=80)
    region = models.CharField(_("region"), max_length=32, blank=True, default="")
    base_url = models.URLField(_("address"), max_length=300)
    project_ref = models.CharField(_("project ID"), max_length=80, blank=True, default="")
    #: JSON of the secret parts of `port.Credential`, see `secrets_kept`.
    credential = EncryptedTextField(blank=True, default="")
    token = EncryptedTextField(blank=True, default="")
    token_expires_at = models.DateTimeField(null=True, blank=True)
    callback_slug = models.CharField(max_length=40, unique=True, default=new_slug)
    callback_key = EncryptedTextField(default=new_key)
    callback_check = models.CharField(
        max_length=16, choices=CallbackCheck.choices, default=CallbackCheck.SIGNATURE, verbose_name=_("callbacks")
    )
    #: What is switched on for this account beside the vendor's own set, e.g. {"command_channel": true}.
    capabilities = models.JSONField(default=dict, blank=True)
    is_sandbox = models.BooleanField(default=False)
    health = models.CharField(max_length=16, choices=Health.choices, default=Health.UNTESTED)
    health_at = models.DateTimeField(null=True, blank=True)
    health_error = models.JSONField(null=True, blank=True)
    #: Callbacks that were not the vendor's, or not as agreed.
    callbacks_refused = models.PositiveIntegerField(default=0)
    callback_refused_at = models.DateTimeField(null=True, blank=True)
    clock_skew_ms = models.IntegerField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    owner = models.CharField(max_length=80, blank=True, default="")
    epoch = models.PositiveIntegerField(default=0)
    poll_left_at = models.DateTimeField(null=True, blank=True)
    poll_ok_at = models.DateTimeField(null=True, blank=True)

    objects = AccountManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="account_name_once_per_team")]
        indexes = [models.Index(fields=["owner"], name="account_owner")]

    def __str__(self) -> str:
        return self.name

    @property
    def topic(self) -> str:
        return f"account:{self.pk}"

    @property
    def secrets_kept(self) -> dict[str, str]:
        """By their names in `port.Credential`, decrypted: not for logs, and for pages only masked."""
        return shapes.decode(self.credential or "{}", dict[str, str])

    @property
    def callback_proof(self) -> CallbackProof:
        """How callbacks of this account's next jobs are to be signed (MetaStudio)."""
        return CallbackProof(self.capabilities.get("callback_proof") or CallbackProof.HEADER)

    @property
    def is_clock_off(self) -> bool:
        return self.clock_skew_ms is not None and abs(self.clock_skew_ms) >= SKEW_WARN_MS

    @property
    def clock_unsure(self) -> timedelta:
        """How far what `our_time` makes of the vendor's times may be wrong; nothing where the clocks agree."""
        return SKEW_UNSURE if abs(self.clock_skew_ms or 0) >= SKEW_UNSURE / timedelta(milliseconds=1) else timedelta()

    def our_time(self, at: datetime, *, told_at: datetime, is_live: bool = False) -> datetime:
        """What was told as `at`, at `told_at`, by our clock; `is_live`: on an open link.

        Not all that a vendor tells carries its own clock's time (an unsigned callback, a listing): it is the clock by
        which `at` lies nearer to when it was told. `at` itself where the two clocks agree. What an open link tells is
        new: where it is more than a minute off by both, the vendor's was set since its last listing told what it says.
        Unless the vendor does not answer: then a link may lie unread, and what it tells be old.
        """
        ours = at - timedelta(milliseconds=self.clock_skew_ms or 0)
        nearest = ours if self.clock_unsure and abs(told_at - ours) < abs(told_at - at) else at
        is_new = nearest > told_at or (self.poll_ok_at is not None and told_at - self.poll_ok_at < LATEST_ON_A_LINK)
        return told_at if is_live and is_new and abs(told_at - nearest) > LATEST_ON_A_LINK else nearest


class Relay(models.Model):
    """One running relay. Its `beat` rises every 3 s; watchers compare it on their own clocks."""

    name = models.CharField(max_length=80, unique=True)
    host = models.CharField(max_length=80)
    process = models.PositiveIntegerField()
    address = models.CharField(max_length=120, blank=True, default="")
    beat = models.PositiveBigIntegerField(default=0)
    alive_until = models.DateTimeField()
    started_at = models.DateTimeField()
    leaving = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class RateWindow(models.Model):
    """The last departures of one API of one account, shared by all processes; changed only by version."""

    account = models.ForeignKey(VendorAccount, on_delete=models.CASCADE, related_name="rate_windows")
    api = models.CharField(max_length=60)
    per_s = models.PositiveSmallIntegerField()
    #: Unix seconds of the last `per_s` departures.
    departures = models.JSONField(default=list)
    version = models.PositiveBigIntegerField(default=0)
    closed_until = models.DateTimeField(null=True, blank=True)
    #: A panic waits for a place: nothing else takes one before.
    panic_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "api"], name="rate_window_once")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.api}"


class CommandState(models.TextChoices):
    READY = "ready"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


class CommandKind(models.TextChoices):
    CREATE = "create"
    GO_LIVE = "go_live"
    STOP = "stop"
    SAY = "say"
    CLIP = "clip"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    CHECK = "check"
    SOUND = "sound"
    REORDER = "reorder"
    SCENE = "scene"
    LAYER = "layer"
    PRELOAD = "preload"
    REWRITE_SCRIPT = "rewrite_script"
    REWRITE_RULES = "rewrite_rules"
    OUTPUT = "output"
    DROP_INSERTED = "drop_inserted"
    COMPARE = "compare"
    RECORD = "record"
    TEST = "test"
    PUSH_ROOM = "push_room"
    IMPORT_ROOMS = "import_rooms"
    END_SESSION = "end_session"


#: What lets viewers hear or see one takeover, which the command's subject names. A clip is the silent one of a silence.
SPEAKS = (CommandKind.SAY, CommandKind.SOUND, CommandKind.SCENE)


class Rank(models.IntegerChoices):
    """Who may cut whom; smaller goes first. Also the order in which a lane's commands leave."""

    PANIC = 0, _("panic")
    MICROPHONE = 1, _("microphone")
    PERSON_NOW = 2, _("person, now")
    PERSON = 3, _("person")
    QUICK_REPLY = 4, _("quick reply")
    RULE = 5, _("rule")
    SCRIPT = 6, _("script")


class Command(models.Model):
    """One thing to ask of a vendor. A lane is serial: at most one of its commands is `sending`."""

    account = models.ForeignKey(VendorAccount, on_delete=models.PROTECT, related_name="commands")
    job_id = models.BigIntegerField(null=True, blank=True)
    lane = models.CharField(max_length=40)
    kind = models.CharField(max_length=16, choices=CommandKind.choices)
    body = models.JSONField(default=dict)
    trace_id = models.CharField(max_length=64, unique=True)
    #: What it is about, e.g. `takeover:12`.
    subject = models.CharField(max_length=40, blank=True, default="")
    rank = models.PositiveSmallIntegerField(choices=Rank.choices, default=Rank.PERSON)
    state = models.CharField(max_length=16, choices=CommandState.choices, default=CommandState.READY)
    epoch = models.PositiveIntegerField(null=True, blank=True)
    relay = models.CharField(max_length=80, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    wait_reason = models.CharField(max_length=20, blank=True, default="")
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    vendor_ref = models.CharField(max_length=128, blank=True, default="")
    error = models.JSONField(null=True, blank=True)
    #: The vendor's id of its answer.
    request_id = models.CharField(max_length=80, blank=True, default="")
    #: Our request in which it was asked for; empty for what Talkback asks by itself.
    origin = models.CharField(max_length=64, blank=True, default=trace.asked_in, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lane"], condition=models.Q(state="sending"), name="command_one_sending_per_lane"
            ),
            models.UniqueConstraint(
                fields=["lane"],
                condition=models.Q(kind="create", state__in=("sending", "unknown")),
                name="command_one_doubtful_create_per_lane",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "id"], condition=models.Q(state="ready"), name="command_ready"),
            models.Index(fields=["deadline_at"], condition=models.Q(state="sending"), name="command_deadline"),
            models.Index(fields=["job_id", "kind", "state"], name="command_job"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.trace_id}"


class Decision(models.TextChoices):
    """What somebody wants done with a job that nobody here started."""

    ADOPT = "adopt"
    CLOSE = "close"


class UnclaimedSession(models.Model):
    """A job that the vendor runs and nobody here started, or that counts as over here (or an unknown create that could
    not be matched yet)."""

    account = models.ForeignKey(VendorAccount, on_delete=models.CASCADE, related_name="unclaimed_sessions")
    vendor_ref = models.CharField(max_length=128)
    state = models.CharField(max_length=16)
    user_data = models.CharField(max_length=120, blank=True, default="")
    room_ref = models.CharField(max_length=128, blank=True, default="")
    #: When the vendor says that it began; None where it does not tell.
    started_at = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    #: The job of ours that it is, or was: adopted, or ended here while it goes on there.
    job_id = models.BigIntegerField(null=True, blank=True)
    decision = models.CharField(max_length=16, choices=Decision.choices, blank=True, default="")
    decided_by = models.BigIntegerField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    #: Why it was not ended, as told to whoever asked.
    error = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "vendor_ref"], name="unclaimed_once")]

    def __str__(self) -> str:
        return self.vendor_ref

    @property
    def word(self) -> str:
        """What is typed before it is ended: the last of its reference."""
        return self.vendor_ref[-4:].upper()


_OF_CALLBACK = PreparedObjects(lambda slug, vendor: VendorAccount.objects.filter(callback_slug=slug, vendor=vendor))
