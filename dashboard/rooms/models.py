"""Rooms: what is prepared and can go live again; and the rules that answer their audience."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _

from dashboard.accounts.models import Team
from dashboard.lib.fields import EncryptedTextField
from dashboard.lib.languages import Language
from dashboard.library.models import Product
from dashboard.vendors.models import VendorAccount


class RulesAtVendor(models.TextChoices):
    """Whose interaction rules a room has at its vendor, so far as we may have brought them there."""

    NONE = "", "none"
    OURS = "ours", "ours"
    #: The room was imported with them, and nobody has chosen other ones since.
    THEIRS = "theirs", "the vendor's"


class RuleSet(models.Model):
    """Interaction rules under one name, for any number of rooms."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="rule_sets")
    name = models.CharField(_("name"), max_length=80)
    #: Rows of the contract's LiveRoomInteractionRuleInfo (`rules/stored.py`), in the order in which they are shown.
    rules = models.JSONField(default=list, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="rule_set_name_once_per_team")]

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="rooms")
    account = models.ForeignKey(VendorAccount, on_delete=models.PROTECT, related_name="rooms")
    code = models.CharField(_("code"), max_length=4)
    name = models.CharField(_("name"), max_length=120)
    cover = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(_("language"), max_length=16, choices=Language.choices, default=Language.CHINESE)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    #: Vendor-neutral settings of the room form: file_id, resolution, avatar, voice …
    config = models.JSONField(default=dict, blank=True)
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, null=True, blank=True, related_name="rooms")
    rules_at_vendor = models.CharField(
        max_length=8, choices=RulesAtVendor.choices, blank=True, default=RulesAtVendor.NONE, db_default=""
    )
    repeat_script = models.BooleanField(_("repeat the script"), default=True)
    output_url = models.CharField(_("RTMP address"), max_length=500, blank=True, default="")
    stream_key = EncryptedTextField(blank=True, default="")
    play_url = models.URLField(max_length=500, blank=True, default="")
    #: Empty until the vendor holds the room.
    vendor_ref = models.CharField(max_length=128, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    pushed_version = models.PositiveIntegerField(null=True, blank=True)
    push_error = models.JSONField(null=True, blank=True)
    #: What is being sold in it right now; its desk says so.
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True, related_name="on_air_in")
    #: What was measured of its voice, the last samples of each figure; `takeover/measured.py` writes and reads them.
    measured = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "code"], name="room_code_once_per_team"),
            models.UniqueConstraint(
                fields=["account", "vendor_ref"], condition=~models.Q(vendor_ref=""), name="room_vendor_ref_once"
            ),
        ]
        indexes = [models.Index(fields=["team", "archived_at", "name"], name="room_list")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def topic(self) -> str:
        return f"room:{self.pk}"

    @property
    def has_rules_at_vendor(self) -> bool:
        """The vendor may answer by rules: a job that starts now has them."""
        return self.rules_at_vendor != RulesAtVendor.NONE


@dataclass(frozen=True, slots=True)
class RoomDraft:
    """A room as its form holds it, before it is one."""

    account: VendorAccount
    code: str
    name: str
    language: str
    time_zone: str
    paragraphs: tuple[str, ...]
    config: dict[str, object] = field(default_factory=dict)
    output_url: str = ""
    stream_key: str = ""
    repeat_script: bool = True
    cover: int = 0
    rule_set: RuleSet | None = None


class Scene(models.Model):
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="scenes")
    no = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120, blank=True, default="")
    config = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["no"]
        constraints = [models.UniqueConstraint(fields=["room", "no"], name="scene_no_once")]

    def __str__(self) -> str:
        return self.name or f"{self.no}"


class ScriptItem(models.Model):
    scene = models.ForeignKey(Scene, on_delete=models.CASCADE, related_name="items")
    no = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120, blank=True, default="")
    text = models.TextField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["no"]
        constraints = [models.UniqueConstraint(fields=["scene", "no"], name="script_item_no_once")]

    def __str__(self) -> str:
        return self.title or self.text[:40]


class ScenePreset(models.Model):
    """A change of the scene under a name, for the desk of its room."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=40)
    #: In the contract's own form (ControlScript, 004:741-786).
    change = models.JSONField(default=dict)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["room", "name"], name="scene_preset_name_once")]

    def __str__(self) -> str:
        return self.name
