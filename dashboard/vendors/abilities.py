"""The one table of what an account can do: offered as it is, done in another way at a cost, or not at all and why.

Composer, queue, steering pages, services and the account page ask it; nothing else decides by a vendor's name what to
offer. Where nothing stands here about how an ability is done, the vendor does it itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.vendors.models import VendorAccount, VendorKind

Words = str | Promise


class Ability(StrEnum):
    TEXT = "text"
    SSML = "ssml"
    AUDIO = "audio"
    MICROPHONE = "microphone"
    SCENE = "scene"
    LAYER = "layer"
    PAUSE_SCRIPT = "pause_script"
    STREAMER = "streamer"
    CO_STREAMER = "co_streamer"
    SILENCE = "silence"
    MOVE = "move"
    CANCEL = "cancel"
    REPORTS_PLAYING = "reports_playing"
    SEE_QUEUE = "see_queue"
    PLAYS_SCRIPT = "plays_script"
    REWRITE_SCRIPT = "rewrite_script"
    RULES = "rules"
    REWRITE_RULES = "rewrite_rules"
    OUTPUT = "output"
    PRELOAD = "preload"
    STREAM_LINK = "stream_link"


LABELS: dict[Ability, Words] = {
    Ability.TEXT: _("Say text"),
    Ability.SSML: _("Say marked-up text (SSML)"),
    Ability.AUDIO: _("Play an audio clip"),
    Ability.MICROPHONE: _("Speak by microphone"),
    Ability.SCENE: _("Change the scene on air"),
    Ability.LAYER: _("Show a layer"),
    Ability.PAUSE_SCRIPT: _("Pause the script"),
    Ability.STREAMER: _("Speak as the host"),
    Ability.CO_STREAMER: _("Speak as the co-host"),
    Ability.SILENCE: _("Silence"),
    Ability.MOVE: _("Move what waits"),
    Ability.CANCEL: _("Cancel what waits"),
    Ability.REPORTS_PLAYING: _("Reports what is being spoken"),
    Ability.SEE_QUEUE: _("Shows what waits at the vendor"),
    Ability.PLAYS_SCRIPT: _("Plays the script"),
    Ability.REWRITE_SCRIPT: _("Rewrite the running script"),
    Ability.RULES: _("Answers the audience by rules"),
    Ability.REWRITE_RULES: _("Rewrite the rules on air"),
    Ability.OUTPUT: _("Change where the stream goes"),
    Ability.PRELOAD: _("Load material ahead"),
    Ability.STREAM_LINK: _("Video link to the platform"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """`cost`: what this way of doing it costs. `reason`: why it is not offered, and what is instead."""

    cost: Words = ""
    reason: Words = ""

    @property
    def is_offered(self) -> bool:
        return not self.reason

    @property
    def note(self) -> Words:
        return self.reason or self.cost


_NATIVE = Offer()
_NO_CHANNEL = _("needs the RTC command channel, which this account does not have")
_SOFTSUGAR: dict[Ability, Offer] = {
    Ability.SSML: Offer(
        cost=_(
            "SoftSugar's documents do not name the tags it knows, so it gets the words alone, with aliases written "
            "out; the queue says what was left out"
        )
    ),
    Ability.AUDIO: Offer(
        cost=_(
            "streamed as sound, which takes an empty queue: At end waits for it, After sentence and Now cancel "
            "what waits at the vendor first"
        )
    ),
    Ability.LAYER: Offer(cost=_("as a foreground of the scene")),
    Ability.PAUSE_SCRIPT: Offer(cost=_("no further paragraph is sent; the one being spoken ends")),
    Ability.CO_STREAMER: Offer(reason=_("SoftSugar's rooms have one host; say it as the host")),
    Ability.PLAYS_SCRIPT: Offer(cost=_("Talkback's relay plays it, one paragraph ahead")),
    Ability.REWRITE_SCRIPT: Offer(cost=_("what has not been sent yet; the paragraph that waits at the vendor is said")),
    Ability.RULES: Offer(cost=_("Talkback runs them on the comments it receives")),
    Ability.REWRITE_RULES: Offer(cost=_("Talkback runs them, so a change counts from the next comment")),
    Ability.OUTPUT: Offer(reason=_("SoftSugar can change the bit rate while on air, not the address; start a new job")),
    Ability.STREAM_LINK: Offer(reason=_("SoftSugar does not report it")),
}
_METASTUDIO: dict[Ability, Offer] = {
    Ability.SCENE: Offer(reason=_("MetaStudio changes the scene with the script; show a layer instead")),
    Ability.MOVE: Offer(cost=_("what waits is held here; the one sentence that was handed over stays where it is")),
    Ability.CANCEL: Offer(cost=_("what waits is held here; the one sentence that was handed over is heard")),
    Ability.SEE_QUEUE: Offer(cost=_("Talkback's own queue; replies of the vendor's rules show when they are spoken")),
    Ability.PRELOAD: Offer(reason=_("MetaStudio loads what a room needs by itself")),
}


def offer(account: VendorAccount, ability: Ability) -> Offer:
    """How `account` does `ability`, or why it does not."""
    if account.vendor == VendorKind.SOFTSUGAR:
        return _SOFTSUGAR.get(ability, _NATIVE)
    return _by_channel(account).get(ability) or _METASTUDIO.get(ability, _NATIVE)


def can_be_reached(account: VendorAccount) -> bool:
    """Whether the account's vendor can fetch from this console: by its public address, or on this very machine."""
    return bool(settings.PUBLIC_URL) and (settings.PUBLIC_URL.startswith("https://") or account.is_sandbox)


def offers(account: VendorAccount) -> dict[Ability, Offer]:
    return {ability: offer(account, ability) for ability in Ability}


def _by_channel(account: VendorAccount) -> dict[Ability, Offer]:
    """What depends on how this MetaStudio account is set up."""
    has_channel = bool(account.capabilities.get("command_channel"))
    has_clip = bool(account.capabilities.get("silent_clip_url"))
    has_newer_calls = bool(account.capabilities.get("newer_calls"))
    listed = {Ability.SEE_QUEUE: _NATIVE} if has_newer_calls else {}
    if not can_be_reached(account):
        unreachable = _("MetaStudio fetches clips from this console, whose public address is not set")
        listed[Ability.AUDIO] = Offer(reason=unreachable)
    if has_channel:
        kit = Offer(cost=_("in the sandbox; a real account needs the vendor's RTC kit for the sound itself"))
        return listed | {Ability.MICROPHONE: kit}
    silence = Offer(cost=_("a silent clip cuts in; the script goes on after it"))
    return listed | {
        Ability.MICROPHONE: Offer(reason=_NO_CHANNEL),
        Ability.PAUSE_SCRIPT: Offer(reason=_NO_CHANNEL),
        Ability.REPORTS_PLAYING: Offer(reason=_NO_CHANNEL),
        Ability.SILENCE: silence if has_clip else Offer(reason=_("set the address of a silent clip")),
    }
