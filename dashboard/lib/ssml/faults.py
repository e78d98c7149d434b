"""What is wrong with marked-up words: where, what, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Place:
    """`line` and `character` count from 1, in characters as people count them; `offset` from 0 in the whole source."""

    line: int
    character: int
    offset: int


@dataclass(frozen=True, slots=True)
class Fault:
    code: str
    place: Place
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def words(self) -> str:
        return str(WORDS[self.code]) % self.values

    def __str__(self) -> str:
        return gettext("line %(line)d, character %(character)d: %(fault)s") % {
            "line": self.place.line,
            "character": self.place.character,
            "fault": self.words,
        }


WORDS: dict[str, str | Promise] = {
    # how it is written
    "no_root": _("Everything stands between <speak> and </speak>."),
    "two_roots": _("Nothing may follow </speak>."),
    "not_closed": _("<%(tag)s> is not closed."),
    "not_open": _("This end tag closes nothing that is open."),
    "not_a_tag": _("This is no tag. Write < as &lt; and & as &amp;."),
    "twice": _("An attribute stands here twice."),
    "entity": _("Only &lt; &gt; &amp; &quot; &apos; and numbers such as &#8364; are known here."),
    "forbidden": _("A DOCTYPE, entities of your own and processing instructions are not allowed."),
    "unreadable": _("This can't be read as SSML."),
    "character": _("This character can't be sent."),
    "too_long": _("At most %(most)d characters, tags included."),
    # what it says
    "unknown_tag": _("<%(tag)s> is not known. Known: %(known)s."),
    "inner_root": _("<speak> stands only around everything."),
    "holds_nothing": _("<%(tag)s> holds nothing: write <%(tag)s …/>."),
    "holds_text": _("<%(tag)s> holds text only, no other tag."),
    "within_itself": _("<%(tag)s> can't stand within another <%(tag)s>."),
    "unknown_attribute": _("<%(tag)s> has no attribute %(attribute)s."),
    "needs": _("<%(tag)s> needs %(attribute)s."),
    "needs_text": _("<%(tag)s> has no text to act on."),
    "break_time": _("A pause takes 200ms to 10s, for example 500ms or 1.5s."),
    "one_of": _("%(attribute)s is one of: %(values)s."),
    "rate": _("The speed is 50 to 200, in percent of the usual one."),
    "pinyin": _("“%(syllable)s” is no pinyin syllable with its tone 1 to 5, for example hao3."),
    "syllables": _("%(words)d characters take %(words)d pinyin syllables; here are %(given)d."),
    "phonemes": _("“%(phoneme)s” is neither a CMU phoneme (for example W EH1) nor pinyin with its tone."),
    "emotion_begins": _("An emotion begins where a sentence begins."),
    "emotion_ends": _("An emotion ends where a sentence ends."),
    "empty": _("There is nothing to say yet."),
}
