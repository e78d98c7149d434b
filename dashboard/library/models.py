"""What a team keeps ready for all its rooms: products, phrases (quick replies), words that nobody says, and clips."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from dashboard.accounts.models import Team, User


class Product(models.Model):
    """Something on sale. A room's desk says which one is on air; phrases and the lint take their facts from it."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="products")
    name = models.CharField(_("name"), max_length=80)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    facts = models.TextField(_("facts"), max_length=2000, blank=True, default="")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="product_name_once_per_team")]

    def __str__(self) -> str:
        return self.name


class QuickReply(models.Model):
    """A phrase that one press says at the end; `{product}`, `{price}` and `{room}` are filled in at the press."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="quick_replies")
    #: Of one room alone; empty for all rooms of the team.
    room = models.ForeignKey(
        "rooms.Room",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="quick_replies",
        verbose_name=_("room"),
    )
    title = models.CharField(_("title"), max_length=24)
    text = models.TextField(_("text"), max_length=1000)
    #: Rooms of another language don't show it; empty for rooms of every language.
    language = models.CharField(_("language"), max_length=16, blank=True, default="")
    #: The first nine of a room are on its keys 1 to 9.
    place = models.PositiveSmallIntegerField(_("place"), default=1)

    class Meta:
        ordering = ["place", "pk"]
        indexes = [models.Index(fields=["team", "place"], name="quick_reply_row")]

    def __str__(self) -> str:
        return self.title


class BannedWord(models.Model):
    """What nobody of the team says on air, however it is spelt in full or half width, with or without capitals."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="banned_words")
    word = models.CharField(_("word"), max_length=60)
    why = models.CharField(_("why"), max_length=120, blank=True, default="")

    class Meta:
        ordering = ["word", "pk"]
        constraints = [models.UniqueConstraint(fields=["team", "word"], name="banned_word_once_per_team")]

    def __str__(self) -> str:
        return self.word


class Clip(models.Model):
    """An audio file as it came, and its sound as 16 kHz mono beside it. Both lie under names of our own."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="clips")
    name = models.CharField(max_length=120)
    #: What is heard, in words: for the queue, for search, and for those who can't listen.
    transcript = models.TextField(max_length=4000, blank=True, default="")
    #: What the file was called where it came from; only ever shown as text.
    file_name = models.CharField(max_length=255, blank=True, default="")
    form = models.CharField(max_length=8)
    stored_as = models.CharField(max_length=40, unique=True)
    size = models.PositiveIntegerField()
    duration_ms = models.PositiveIntegerField()
    #: The loudest of each part, 0 to 100, for a small picture.
    peaks = models.JSONField(default=list)
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField()
    #: Taken from the library; its files stay while something may still play them.
    removed_at = models.DateTimeField(null=True, blank=True)
    files_gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["team", "removed_at", "name"], name="clip_of_team"),
            models.Index(
                fields=["removed_at"],
                condition=models.Q(removed_at__isnull=False, files_gone_at=None),
                name="clip_files_left",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def seconds(self) -> float:
        return self.duration_ms / 1000
