"""What must be heard, worked out from the commands alone: the judge of the sandbox's players, and no part of them.

Written from the documents (004:213-480; 002:13990-14142) and our readings (B24, B25, B29, B38 and "what the play types
do to the script"). It shares one thing with the sandbox: how long a text takes to say. Times are world seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dashboard.sandbox.speech import Speech, measure

SYNTHESIS_S = 0.3
"""SoftSugar: from a text to its first sound, when nothing else is heard."""
PREPARE_S = 3.0
"""MetaStudio: from the start of a task to its first word."""
FOREVER = -1
SPOKEN_TO_THE_END, CUT = "", "cut"


@dataclass(slots=True)
class Stretch:
    """One unbroken stretch of sound."""

    ref: str
    start: float
    end: float | None = None
    is_cut: bool = False
    text: str = ""


@dataclass(slots=True)
class Order:
    """One thing that the client did, at a time of the world."""

    at: float
    do: str
    ref: str = ""
    refs: tuple[str, ...] = ()
    text: str = ""
    priority: object = -1
    seconds: float = 0.0
    """Of a file; or of microphone sound that was sent, in seconds of the world."""
    play_type: str = ""
    at_sentence_end: bool = False
    texts: tuple[str, ...] = ()
    """Of a rewritten script."""


@dataclass(slots=True)
class Wanted:
    ref: str
    text: str
    length: float | None
    ready: float


class SoftSugar:
    """A queue, one voice, and a microphone that needs both to be free."""

    def __init__(self, live_at: float) -> None:
        self.heard: list[Stretch] = []
        self.told: dict[str, list[int]] = {}
        """The notices that each takeover must have got: 20, 19, 18."""
        self.refused: list[str] = []
        self.queue: list[Wanted] = []
        self.on_air: Wanted | None = None
        self.free_at = live_at
        self.sound = 0.0

    def run(self, orders: list[Order], until: float) -> SoftSugar:
        for order in orders:
            self.play(order.at)
            getattr(self, f"do_{order.do}")(order)
            self.free_at = max(self.free_at, order.at) if self.on_air is None else self.free_at
        self.play(until)
        return self

    def play(self, until: float) -> None:
        while True:
            if self.on_air is not None:
                start, length = self.heard[-1].start, self.on_air.length
                if length is None or start + length > until:
                    return
                self.fall_silent(start + length, is_cut=False)
            elif not self.queue or max(self.free_at, self.queue[0].ready) > until:
                return
            else:
                self.begin(max(self.free_at, self.queue[0].ready))

    def begin(self, at: float) -> None:
        self.on_air = self.queue.pop(0)
        self.heard.append(Stretch(self.on_air.ref, at, text=self.on_air.text))
        self.told[self.on_air.ref].append(19)

    def fall_silent(self, at: float, *, is_cut: bool) -> None:
        self.heard[-1].end, self.heard[-1].is_cut = at, is_cut
        self.told[self.heard[-1].ref].append(18)
        self.on_air, self.free_at = None, at

    def place(self, wanted: Wanted, priority: object) -> None:
        """1 is next, n is n-th, everything else is last (004:236)."""
        is_place = type(priority) is int and priority >= 1
        self.queue.insert(min(priority - 1, len(self.queue)) if is_place else len(self.queue), wanted)  # type: ignore[operator]

    def do_say(self, order: Order) -> None:
        speech = measure(order.text)
        self.told[order.ref] = [20]
        self.place(Wanted(order.ref, speech.text, speech.duration_s, order.at + SYNTHESIS_S), order.priority)

    def do_reorder(self, order: Order) -> None:
        wanted = next((one for one in self.queue if one.ref == order.ref), None)
        if wanted is not None:
            self.queue.remove(wanted)
            self.place(wanted, order.priority)

    def do_cancel(self, order: Order) -> None:
        for ref in order.refs:
            if self.on_air is not None and self.on_air.ref == ref:
                self.fall_silent(order.at, is_cut=True)
                # The voice is free, so the next one begins before the next of the list is looked for.
                self.play(order.at)
            for wanted in [one for one in self.queue if one.ref == ref]:
                self.queue.remove(wanted)
                self.told[ref].append(18)

    def do_cancel_all(self, order: Order) -> None:
        waiting, self.queue = self.queue, []
        for wanted in waiting:
            self.told[wanted.ref].append(18)
        if self.on_air is not None:
            self.fall_silent(order.at, is_cut=True)

    def do_open(self, order: Order) -> None:
        if self.on_air is not None or self.queue:
            self.refused.append(order.ref)
            return
        self.told[order.ref], self.sound = [20], 0.0
        self.queue.append(Wanted(order.ref, "", None, float("inf")))

    def microphone(self, ref: str) -> Wanted | None:
        found = [one for one in (self.on_air, *self.queue) if one is not None and one.ref == ref]
        return found[0] if found else None

    def do_sound(self, order: Order) -> None:
        microphone = self.microphone(order.ref)
        if microphone is not None:
            self.sound += order.seconds
            microphone.ready = min(microphone.ready, order.at)

    def do_close(self, order: Order) -> None:
        """What was sent is heard out; a silence that was held open counts too."""
        microphone = self.microphone(order.ref)
        if microphone is not None and self.on_air is microphone:
            microphone.length = max(self.sound, order.at - self.heard[-1].start)


@dataclass(slots=True)
class Script:
    """Paragraphs in rounds; a rewrite replaces what this round has not played (002:9624)."""

    texts: tuple[str, ...]
    repeat: int
    played: int = 0
    """Paragraphs of this round so far: number n of the script is played when `played` > n."""
    round: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.round = self.texts

    def next(self) -> str | None:
        if self.played == len(self.round) and self.repeat != 0:
            self.repeat -= self.repeat != FOREVER
            self.round, self.played = self.texts, 0
        if self.played == len(self.round):
            return None
        self.played += 1
        return self.round[self.played - 1]

    @property
    def is_over(self) -> bool:
        return self.played == len(self.round) and self.repeat == 0

    def rewrite(self, texts: tuple[str, ...]) -> None:
        self.texts = texts
        self.round = self.round[: self.played] + texts[self.played :]


@dataclass(slots=True)
class Said:
    """A paragraph or a request, once its sound is known."""

    ref: str
    speech: Speech
    is_script: bool = False

    @property
    def length(self) -> float:
        return self.speech.duration_s


@dataclass(slots=True)
class MetaStudio:
    """A script that fills every gap, and requests that are put into it."""

    script: Script
    speed: int
    on_air_at: float
    heard: list[Stretch] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    """Requests that were heard to their end, in order: each is told once (002:9156)."""
    first: list[Said] = field(default_factory=list)
    """PLAY_NOW that came while a human spoke."""
    inserted: list[Said] = field(default_factory=list)
    appended: list[Said] = field(default_factory=list)
    now: Said | None = None
    begun_at: float = 0.0
    """When it would have begun had it never been paused."""
    cut_at: float | None = None
    pause_at: float | None = None
    frozen_at: float | None = None
    script_rests: bool = False
    """Paused, also when a request broke into the pause."""
    human: bool = False
    rested_before_human: bool = False
    free_at: float = 0.0
    ended_at: float | None = None
    ignored: list[int] = field(default_factory=list)

    def run(self, orders: list[Order], until: float) -> MetaStudio:
        self.free_at = self.on_air_at
        for number, order in enumerate(orders):
            self.play(order.at)
            if self.ended_at is not None:
                self.ignored.append(number)
                continue
            getattr(self, f"do_{order.do}")(order)
        self.play(until)
        return self

    # -- going on ----------------------------------------------------------------------------------------------------

    def play(self, until: float) -> None:
        while self.ended_at is None and self.frozen_at is None:
            if self.now is None:
                if not self.begin_next(until):
                    return
            elif self.human:
                return
            else:
                at, what = min(self.what_comes())
                if at > until:
                    return
                self.happen(what, at)

    def what_comes(self) -> Iterator[tuple[float, str]]:
        """An end at the very moment of a cut is an end."""
        assert self.now is not None
        yield self.begun_at + self.now.length, "1 end"
        if self.cut_at is not None and self.cut_at < self.begun_at + self.now.length - 1e-6:
            yield self.cut_at, "2 cut"
        if self.pause_at is not None:
            yield self.pause_at, "3 pause"

    def happen(self, what: str, at: float) -> None:
        if what == "1 end":
            assert self.now is not None
            if not self.now.is_script:
                self.finished.append(self.now.ref)
            self.fall_silent(at, is_cut=False)
        elif what == "2 cut":
            self.fall_silent(at, is_cut=True)
        if self.pause_at is not None and self.pause_at <= at + 1e-9:
            self.freeze(at)

    def begin_next(self, until: float) -> bool:
        if self.free_at > until:
            return False
        for waiting in (self.first, self.inserted, self.appended):
            if waiting:
                self.begin(waiting.pop(0), self.free_at)
                return True
        text = None if self.script_rests else self.script.next()
        if text is not None:
            self.begin(Said("script", self.speech(text), is_script=True), self.free_at)
            return True
        if self.script.is_over and not self.script_rests:
            self.ended_at = self.free_at
            return False
        self.free_at = max(self.free_at, until)
        return False

    def begin(self, said: Said, at: float) -> None:
        self.now, self.begun_at, self.cut_at = said, at, None
        self.heard.append(Stretch(said.ref, at, text=said.speech.text))

    def fall_silent(self, at: float, *, is_cut: bool) -> None:
        if self.now is not None and self.frozen_at is None:
            self.heard[-1].end, self.heard[-1].is_cut = at, is_cut
        self.now, self.cut_at, self.free_at = None, None, at

    def freeze(self, at: float) -> None:
        if self.now is not None:
            self.heard[-1].end, self.heard[-1].is_cut = at, True
        self.frozen_at, self.pause_at, self.script_rests = at, None, True

    def thaw(self, at: float) -> None:
        """What stood still goes on where it stood."""
        assert self.frozen_at is not None
        if self.now is not None:
            stood = at - self.frozen_at
            self.begun_at += stood
            self.cut_at = None if self.cut_at is None else self.cut_at + stood
            self.heard.append(Stretch(self.now.ref, at, text=self.now.speech.text))
        self.frozen_at, self.free_at, self.script_rests = None, max(self.free_at, at), False

    def speech(self, text: str) -> Speech:
        return measure(text, rate=self.speed / 100)

    def sentence_end(self, after: float) -> float | None:
        if self.now is None:
            return None
        return next(self.begun_at + end for end in self.now.speech.sentence_ends if self.begun_at + end > after + 1e-9)

    # -- orders ------------------------------------------------------------------------------------------------------

    def do_say(self, order: Order) -> None:
        """PLAY_NOW for a text without play_type (002:14020)."""
        self.ask(Said(order.ref, self.speech(order.text)), order.play_type or "PLAY_NOW", order.at)

    def do_audio(self, order: Order) -> None:
        """APPEND for a file without play_type (002:14040)."""
        file = Speech("", order.seconds, (order.seconds,), ())
        self.ask(Said(order.ref, file), order.play_type or "APPEND", order.at)

    def ask(self, said: Said, play_type: str, at: float) -> None:
        if play_type == "PLAY_NOW" and self.human:
            self.first.insert(0, said)
        elif play_type == "PLAY_NOW":
            self.fall_silent(at, is_cut=True)
            self.frozen_at = self.pause_at = None
            self.begin(said, at)
        elif play_type == "INSERT":
            self.inserted.append(said)
            if self.now is not None and self.now.is_script and self.cut_at is None:
                # A paused paragraph counts its sentences from where it stands.
                self.cut_at = self.sentence_end(at if self.frozen_at is None else self.frozen_at)
        else:
            self.appended.append(said)

    def do_pause(self, order: Order) -> None:
        if self.script_rests or self.human or self.frozen_at is not None:
            return
        self.pause_at = self.sentence_end(order.at) if order.at_sentence_end else None
        if self.pause_at is None:
            self.freeze(order.at)

    def do_resume(self, order: Order) -> None:
        if self.human or not self.script_rests:
            return
        if self.frozen_at is not None:
            self.thaw(order.at)
        else:
            self.script_rests, self.free_at = False, max(self.free_at, order.at)

    def do_open(self, order: Order) -> None:
        if self.human:
            return
        self.rested_before_human, self.script_rests = self.script_rests, False
        self.fall_silent(order.at, is_cut=True)
        self.frozen_at = self.pause_at = None
        self.begin(Said("voice", Speech("", float("inf"), (), ())), order.at)
        self.human = True

    def do_close(self, order: Order) -> None:
        if not self.human:
            return
        self.human = False
        self.fall_silent(order.at, is_cut=False)
        if self.rested_before_human:
            self.script_rests = True
            # What waited is not heard either until the pause ends.
            waiting = self.first or self.inserted or self.appended
            if waiting:
                self.begin(waiting.pop(0), order.at)
                self.heard.pop()
            self.frozen_at = order.at

    def do_rewrite(self, order: Order) -> None:
        self.script.rewrite(order.texts)

    def do_stop(self, order: Order) -> None:
        self.fall_silent(order.at, is_cut=True)
        self.ended_at = order.at
