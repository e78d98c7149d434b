"""What becomes of a rule's answer. Pure."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    #: It answers, and its words are not asked for yet: the next round asks, once.
    MADE = "made", _("about to be said")
    FIRED = "fired", _("fired")
    SUPPRESSED = "suppressed", _("suppressed")
    LOST = "lost", _("lost to rank")
    REFUSED = "refused", _("refused")


class Cause(models.TextChoices):
    """Why an answer was not said, where it was not."""

    NONE = "", ""
    WINDOW = "window", _("it answered a moment ago")
    ONCE = "once", _("it answers once in a livestream")
    NOT_ON_AIR = "not_on_air", _("the room was not on air")
    PAUSED = "paused", _("the room was paused")
    SILENCED = "silenced", _("the room was silenced")
    FLOOR = "floor", _("somebody spoke by microphone")
    CLAIMED = "claimed", _("somebody answers this question")
    QUEUE = "queue", _("too many words of people waited")
    LATE = "late", _("it would have come too late")
    WORDLESS = "wordless", _("the rule has no words")
    RECORDING = "recording", _("the rule has a recording, which this vendor does not play")
    LIMITS = "limits", _("the vendor does not take such words")
