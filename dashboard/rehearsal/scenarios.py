"""The ten scripted incidents: what the local vendor does, when, and what is right and wrong to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.vendors.models import VendorKind

#: Words that are translated when they are shown.
Text = str | Promise


class Deed(StrEnum):
    """What a person can do in a room, as the debrief counts it."""

    SAY = "say"
    ANSWER = "answer"
    REPEAT = "repeat"
    AGAIN = "again"
    MARK_SPOKEN = "mark_spoken"
    CHECK_AGAIN = "check_again"
    CANCEL = "cancel"
    SILENCE = "silence"
    RESUME = "resume"
    START = "start"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Step:
    """A fault of the sandbox, `at_s` real seconds after the incident began."""

    kind: str
    at_s: float = 0.0
    for_s: float | None = None
    count: int | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    #: The vendor whose way of failing this is; "" for both.
    vendor: str = ""
    endpoint: str = ""
    #: All rooms of the account feel it, not this one alone.
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    slug: str
    title: Text
    #: What the operator is told beforehand; a surprise keeps it back.
    brief: Text
    #: What was right, said in the debrief.
    lesson: Text
    lasts_s: int
    steps: tuple[Step, ...] = ()
    #: Words that the host is made to say, at once, when the incident begins.
    words: str = ""
    right: frozenset[Deed] = frozenset()
    wrong: Mapping[Deed, Text] = field(default_factory=dict)
    #: Acts that show that somebody saw it; saying a sentence alone shows nothing.
    shows: frozenset[Deed] | None = None
    notice_within_s: int = 15
    #: There is nothing to see until somebody says a sentence: seconds count from the first.
    needs_words: bool = False
    #: The one vendor on which it can be seen; "" for both.
    vendor: str = ""
    #: The host must be silent this soon; None where silence is not asked for.
    silent_within_s: int | None = None


_NOT_TWICE = _("The words had gone out already: viewers could hear them twice.")
_NO_STOP = _("The broadcast was fine; stopping it took it off the air for nothing.")
_NOT_HEARD = _("Nobody had heard these words.")
_SOFTSUGAR, _METASTUDIO = VendorKind.SOFTSUGAR.value, VendorKind.METASTUDIO.value
_COMMAND = "execute_smart_live_command"
#: On SoftSugar the script goes the same way as people's words; what happens shall happen to these.
_PEOPLES: Mapping[str, object] = {"urgent_only": True}

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        slug="slow-vendor",
        title=_("The vendor answers slowly"),
        brief=_("Each answer to a sentence takes four seconds. Say two sentences as usual."),
        lesson=_("Wait: a sentence on its way shows its own seconds, and pressing again only says it twice."),
        lasts_s=60,
        steps=(Step("latency", for_s=60, params={"seconds": 4}),),
        right=frozenset({Deed.SAY, Deed.ANSWER}),
        wrong={Deed.REPEAT: _NOT_TWICE, Deed.AGAIN: _NOT_TWICE, Deed.STOP: _NO_STOP},
        notice_within_s=20,
        needs_words=True,
        # SoftSugar's sentences go over its channel, which no slow call holds up.
        vendor=_METASTUDIO,
    ),
    Scenario(
        slug="lost-answer",
        title=_("A sentence gets no answer"),
        brief=_("Say one sentence. The vendor takes it, and its answer never comes."),
        lesson=_("Unknown is not failed. Listen in the room, then check again or mark it as spoken."),
        lasts_s=60,
        steps=(Step("timeout_after", count=1, for_s=60, endpoint=_COMMAND),),
        right=frozenset({Deed.CHECK_AGAIN, Deed.MARK_SPOKEN}),
        wrong={Deed.AGAIN: _NOT_TWICE, Deed.REPEAT: _NOT_TWICE, Deed.STOP: _NO_STOP},
        notice_within_s=25,
        needs_words=True,
        # On SoftSugar the queue is read again at once, and nothing stays unknown.
        vendor=_METASTUDIO,
    ),
    Scenario(
        slug="swallowed-sentence",
        title=_("A sentence is never heard"),
        brief=_("Say one sentence. The vendor drops it and says nothing."),
        lesson=_("Listen first. Nobody heard it, so after a check it is right to send it again."),
        lasts_s=75,
        steps=(
            Step("timeout_before", count=1, for_s=75, vendor=_METASTUDIO, endpoint=_COMMAND),
            Step("swallow_frame", count=1, for_s=75, vendor=_SOFTSUGAR, params=_PEOPLES),
        ),
        right=frozenset({Deed.CHECK_AGAIN, Deed.AGAIN, Deed.REPEAT}),
        wrong={Deed.MARK_SPOKEN: _NOT_HEARD, Deed.STOP: _NO_STOP},
        notice_within_s=30,
        needs_words=True,
    ),
    Scenario(
        slug="untold-sentence",
        title=_("A sentence is heard, and nobody tells"),
        brief=_("Say one sentence. It is spoken, but the vendor reports nothing of it."),
        lesson=_("Viewers heard it. Mark it as spoken once it is unknown; sending again repeats it."),
        lasts_s=75,
        steps=(Step("swallow_notices", count=1, for_s=75, params=_PEOPLES),),
        right=frozenset({Deed.CHECK_AGAIN, Deed.MARK_SPOKEN}),
        wrong={Deed.AGAIN: _NOT_TWICE, Deed.REPEAT: _NOT_TWICE, Deed.STOP: _NO_STOP},
        notice_within_s=40,
        needs_words=True,
    ),
    Scenario(
        slug="channel-drops",
        title=_("The takeover channel keeps breaking"),
        brief=_("The line to the vendor is cut three times within half a minute."),
        lesson=_("The host speaks on and Talkback connects again by itself; say what you have to say."),
        lasts_s=45,
        steps=tuple(Step("drop_socket", at_s=at, params={"abrupt": True}) for at in (0, 12, 24)),
        right=frozenset({Deed.SAY, Deed.ANSWER}),
        wrong={Deed.STOP: _NO_STOP, Deed.REPEAT: _NOT_TWICE, Deed.AGAIN: _NOT_TWICE},
    ),
    Scenario(
        slug="wrong-words",
        title=_("The host says something wrong"),
        brief=_("The host promises a price that is not true. Silence the room."),
        lesson=_(
            "Silence first (⇧Esc), then find out why. MetaStudio keeps the rest of what was cut: say something now"
            " before you let the host speak again."
        ),
        lasts_s=30,
        words=(
            "各位朋友注意了，今天直播间所有商品全部免费送，一分钱都不要，直接下单就可以带走。"
            "再说一遍，全场免费，不限数量，想拿多少拿多少，现在就去点小黄车。"
        ),
        right=frozenset({Deed.SILENCE, Deed.CANCEL}),
        wrong={Deed.STOP: _("Silence was enough; stopping lost the broadcast and its viewers.")},
        notice_within_s=6,
        silent_within_s=8,
    ),
    Scenario(
        slug="comment-flood",
        title=_("Comments flood in"),
        brief=_("Thirty times as many comments as usual. Answer one of them."),
        lesson=_("Hold the feed, choose one question, answer it. The host can go on meanwhile."),
        lasts_s=60,
        steps=(Step("flood", for_s=60, params={"times": 30}),),
        right=frozenset({Deed.ANSWER, Deed.SAY}),
        shows=frozenset({Deed.ANSWER, Deed.SAY}),
        wrong={Deed.STOP: _NO_STOP, Deed.SILENCE: _("Nothing wrong was said; viewers heard a host fall silent.")},
    ),
    Scenario(
        slug="session-ends",
        title=_("The broadcast dies, and the vendor is full"),
        brief=_("The vendor ends the broadcast with a failure and has no room for a new one for 20 seconds."),
        lesson=_("Start it again once. While the vendor says that it is full, wait and then start; nothing is lost."),
        lasts_s=75,
        steps=(
            Step("session_end"),
            Step("quota", for_s=20, is_wide=True),
        ),
        right=frozenset({Deed.START}),
        wrong={},
    ),
    Scenario(
        slug="outage",
        title=_("The vendor is down"),
        brief=_("Calls to the vendor fail for 40 seconds, in all rooms of the account. Open channels stay open."),
        lesson=_("What is on air stays on air. What you see grows old and says so; wait, and act when it is fresh."),
        lasts_s=60,
        steps=(Step("outage", for_s=40, is_wide=True),),
        wrong={Deed.STOP: _NO_STOP, Deed.REPEAT: _NOT_TWICE, Deed.AGAIN: _NOT_TWICE},
        notice_within_s=20,
    ),
    Scenario(
        slug="frozen-vendor",
        title=_("The vendor freezes"),
        brief=_("For half a minute the vendor neither answers nor closes."),
        lesson=_(
            "A frozen line says nothing of the air. MetaStudio's script goes on; SoftSugar's host falls silent when its"
            " sentences run out. Both go on by themselves."
        ),
        lasts_s=50,
        steps=(Step("freeze", for_s=30),),
        wrong={Deed.STOP: _NO_STOP, Deed.REPEAT: _NOT_TWICE, Deed.AGAIN: _NOT_TWICE},
        notice_within_s=20,
    ),
)

BY_SLUG: Mapping[str, Scenario] = {scenario.slug: scenario for scenario in SCENARIOS}


def fitting(vendor: str) -> tuple[Scenario, ...]:
    """The incidents that can be seen on this vendor."""
    return tuple(scenario for scenario in SCENARIOS if scenario.vendor in ("", vendor))


def steps_for(scenario: Scenario, vendor: str) -> tuple[Step, ...]:
    return tuple(step for step in scenario.steps if step.vendor in ("", vendor))
