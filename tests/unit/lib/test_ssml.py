"""Every documented tag and limit: taken when right, refused with its place when wrong; and nothing brings it down."""

from __future__ import annotations

import time
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.lib import ssml
from dashboard.lib.ssml import Tag
from dashboard.lib.ssml.phonemes import is_phoneme, is_pinyin
from dashboard.lib.ssml.tags import EMOTIONS, LONGEST, READINGS, ROOTS, RULES, STRENGTHS_MS, Holds
from dashboard.sandbox.metastudio_ssml import SsmlError
from dashboard.sandbox.metastudio_ssml import read as read_by_vendor


def speak(inside: str) -> str:
    return f"<speak>{inside}</speak>"


def faults(source: str) -> list[tuple[str, int, int]]:
    return [(one.code, one.place.line, one.place.character) for one in ssml.read(source).faults]


def only_fault(source: str) -> tuple[str, str]:
    """The one fault's code, and what stands at its place."""
    reading = ssml.read(source)
    assert reading.document is None
    assert len(reading.faults) == 1, [str(one) for one in reading.faults]
    one = reading.faults[0]
    return one.code, source[one.place.offset :]


# -------------------------------------------------------------------------------------------------- what is documented

#: The examples of the reference itself, with their slips taken out (A24, A26, A48).
PRINTED = [
    '<speack> <emotion type="HAPPY"><insert-action id="2692ea5d095caaafcfed21dc4590b701" name="fingertips of both '
    'hands touched" tag="system_female_animation_0026"/>Hello.<break time="200ms"/>I\'m a MetaStudio AI virtual human. '
    '</emotion>I\'ll show you<phoneme ph="liao3">how</phoneme>MetaStudio works. </speack>',
    'One sentence<break time="200ms"/>another sentence',
    'One sentence<break strength="strong"/>another sentence',
    'The <phoneme ph="W EH1 DH AH0">weather</phoneme> is very good.',
    'The<phoneme ph="tian1 qi1">weather</phoneme>is good today.',
    '<say-as interpret-as="money">15.55 RMB</say-as>',
    '<say-as interpret-as="spell">Hello</say-as><!-- Read: H E L L O -->',
    '<sub alias="Paul">P.</sub>is German.',
    '<prosody rate="50"> Hello, everyone. I\'m a MetaStudio virtual human.</prosody>',
]


@pytest.mark.parametrize("source", PRINTED)
def test_what_the_reference_prints_is_taken(source: str) -> None:
    whole = source if source.startswith("<speack>") else speak(source)
    reading = ssml.read(whole)
    assert reading.faults == ()
    assert reading.document is not None
    assert ssml.plain(reading.document) == read_by_vendor(ssml.write(reading.document)).text


RIGHT = [
    *(f"<{root}>你好</{root}>" for root in ROOTS),
    *(speak(f'你好<break time="{time}"/>') for time in ("200ms", "10s", "10000ms", "0.2s", "1.5s", " 500 ms ")),
    *(speak(f'你好<break strength="{strength}"/>') for strength in STRENGTHS_MS),
    speak("你好<break/>"),
    speak('你好<break time="1s" strength="weak"></break>'),
    *(speak(f'<phoneme ph="{ph}">{words}</phoneme>') for ph, words in [
        ("hang2", "行"), ("chang2 cheng2", "长城"), ("lü4", "绿"), ("lv4", "绿"), ("de5", "的"), ("er2", "儿"),
        ("T AH0 M EY1 T OW2", "tomato"), ("zhong1", "China"),
    ]),
    *(speak(f'<say-as interpret-as="{reading}">199</say-as>') for reading in READINGS),
    speak('<sub alias="一百九十九">199</sub>元'),
    *(speak(f'<prosody rate="{rate}">慢一点</prosody>') for rate in (50, 51, 100, 199, 200)),
    *(speak(f'<emotion type="{kind}">大家好！</emotion>欢迎') for kind in EMOTIONS),
    speak('欢迎。<emotion type="HAPPY">大家<prosody rate="80">好</prosody><break/>吗？”</emotion> 再见'),
    speak('大家好\n<emotion type="SAD">再见</emotion>'),
    speak('<insert-action id="a-1"/>'),
    speak('你好<insert-action id="a-1" name="wave" tag="system_1"/>'),
    speak("&lt;b&gt; &amp; &quot;&apos; &#20320;&#x597D;"),
    speak("<![CDATA[1 < 2 & 3]]>"),
    f' \n{speak("你好")}\n',
    '<?xml version="1.0" encoding="UTF-8"?>' + speak("你好"),
]  # fmt: skip


@pytest.mark.parametrize("source", RIGHT)
def test_what_is_documented_is_taken(source: str) -> None:
    reading = ssml.read(source)
    assert [str(one) for one in reading.faults] == []
    assert reading.document is not None
    written = ssml.write(reading.document)
    again = ssml.read(written)
    assert again.document is not None
    assert (ssml.write(again.document), ssml.plain(again.document)) == (written, ssml.plain(reading.document))
    assert read_by_vendor(written).text == ssml.plain(reading.document)


#: source, the fault, and what stands at its place
WRONG = [
    *((speak(f'好<break time="{time}"/>'), "break_time", f'{time}"/>') for time in (
        "199ms", "10001ms", "10.1s", "0.1s", "200", "-1s", "1e3ms", "soon", "1 m", "٢٠٠ms",
    )),
    (speak('好<break strength="huge"/>'), "one_of", 'huge"'),
    (speak('好<break time="1s" strength="Strong"/>'), "one_of", 'Strong"'),
    (speak("好<break>啊</break>"), "holds_nothing", "<break>"),
    (speak('好<break tme="1s"/>'), "unknown_attribute", "tme="),
    (speak("<phoneme>好</phoneme>"), "needs", "<phoneme>"),
    (speak('<phoneme ph=" ">好</phoneme>'), "needs", "<phoneme"),
    (speak('<phoneme ph="hao3"></phoneme>'), "needs_text", "<phoneme"),
    (speak('<phoneme ph="hao6">好</phoneme>'), "pinyin", 'hao6"'),
    (speak('<phoneme ph="hao">好</phoneme>'), "pinyin", 'hao"'),
    (speak('<phoneme ph="hap3">好</phoneme>'), "pinyin", 'hap3"'),
    (speak('<phoneme ph="HH AW1">好</phoneme>'), "pinyin", 'HH AW1"'),
    (speak('<phoneme ph="tian1">天气</phoneme>'), "syllables", 'tian1"'),
    (speak('<phoneme ph="W EH3">weather</phoneme>'), "phonemes", 'W EH3"'),
    (speak('<phoneme ph="W1 EH">weather</phoneme>'), "phonemes", 'W1 EH"'),
    (speak('<phoneme ph="hao3"><break/>好</phoneme>'), "holds_text", "<break/>"),
    (speak("<say-as>1</say-as>"), "needs", "<say-as>"),
    (speak('<say-as interpret-as="song">1</say-as>'), "one_of", 'song"'),
    (speak('<say-as interpret-as="date"> </say-as>'), "needs_text", "<say-as"),
    (speak('<say-as interpret-as="date"><sub alias="x">1</sub></say-as>'), "holds_text", "<sub"),
    (speak("<sub>1</sub>"), "needs", "<sub>"),
    (speak('<sub alias="">1</sub>'), "needs", "<sub"),
    (speak('<sub alias="一"></sub>'), "needs_text", "<sub"),
    (speak('<sub alias="一"><sub alias="二">1</sub></sub>'), "holds_text", '<sub alias="二'),
    *((speak(f'<prosody rate="{rate}">好</prosody>'), "rate", f'{rate}"') for rate in (
        "49", "201", "0", "1000", "-50", "50.5", "50%", "slow", "５０",
    )),
    (speak("<prosody>好</prosody>"), "needs", "<prosody>"),
    (speak('<prosody rate="50">好<break/></prosody>'), "holds_text", "<break/>"),
    (speak('<prosody rate="50"/>'), "needs_text", "<prosody"),
    (speak('<emotion type="ANGRY">好</emotion>'), "one_of", 'ANGRY"'),
    (speak('<emotion type="happy">好</emotion>'), "one_of", 'happy"'),
    (speak("<emotion>好</emotion>"), "needs", "<emotion>"),
    (speak('<emotion type="SAD"><emotion type="CALM">好</emotion></emotion>'), "within_itself", '<emotion type="C'),
    (speak('大家<emotion type="SAD">好。</emotion>'), "emotion_begins", "<emotion"),
    (speak('<emotion type="SAD">大家</emotion>好。'), "emotion_ends", "</emotion>"),
    (speak('<insert-action name="wave"/>'), "needs", "<insert-action"),
    (speak('<insert-action id="1">好</insert-action>'), "holds_nothing", "<insert-action"),
    (speak("<bold>好</bold>"), "unknown_tag", "<bold>"),
    (speak("<BREAK/>好"), "unknown_tag", "<BREAK/>"),
    (speak(speak("好")), "inner_root", "<speak>好"),
    ('<speak version="1.0">好</speak>', "unknown_attribute", "version="),
    ("<p>好</p>", "no_root", "<p>"),
    ("大家好", "no_root", "大家好"),
    ("", "no_root", ""),
    ("<speak>好", "not_closed", "<speak>"),
    ("<speak>好</speak>啊", "two_roots", "啊"),
    ("<speak>好</speak><speak>啊</speak>", "two_roots", "<speak>啊"),
    ("<speak>1 < 2</speak>", "not_a_tag", " 2"),
    ("<speak>A & B</speak>", "not_a_tag", " B"),
    ("<speak><break time=1s/></speak>", "not_a_tag", "1s/>"),
    ('<speak><break time="1s" time="2s"/></speak>', "twice", 'time="2s'),
    ("<speak>&nbsp;</speak>", "entity", "&nbsp;"),
    ("<speak>&#0;</speak>", "character", "&#0;"),
    ("<speak>好\x07</speak>", "character", "\x07"),
    ("<speak>好\ud800</speak>", "character", "\ud800"),
    ("<speak>好<?php 1?></speak>", "forbidden", "<?php"),
    ("<speak></speak>", "empty", "<speak>"),
    (speak(" <break/> "), "empty", "<speak>"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "code", "there"), WRONG)
def test_what_is_wrong_is_refused_where_it_stands(source: str, code: str, there: str) -> None:
    found, rest = only_fault(source)
    assert (found, rest[: len(there)]) == (code, there)


def test_every_tag_and_attribute_has_a_wrong_and_a_right_example() -> None:
    wrong = "".join(source for source, *_ in WRONG)
    right = "".join([*RIGHT, *PRINTED])
    for tag, rule in RULES.items():
        for name in rule.attributes:
            assert f"<{tag}" in wrong
            assert f"{name}=" in right


@pytest.mark.parametrize(
    ("before", "line", "character"),
    [
        ("", 1, 8),
        ("大家好", 1, 11),
        ("😀👨‍👩‍👧", 1, 14),
        ("a\r\nb\rc\n  ", 4, 3),
        ("مرحبا\u200f", 1, 14),
        ("𠮷野家", 1, 11),
    ],
)
def test_places_are_counted_as_people_count(before: str, line: int, character: int) -> None:
    assert faults(speak(f"{before}<oops/>")) == [("unknown_tag", line, character)]


def test_a_sentence_says_where_and_what() -> None:
    reading = ssml.read(speak('大家好<break time="20s"/>'))
    assert str(reading.faults[0]) == "line 1, character 24: A pause takes 200ms to 10s, for example 500ms or 1.5s."


def test_several_faults_are_told_together_but_not_without_end() -> None:
    assert [code for code, *_ in faults(speak('<a/><prosody rate="1">好</prosody><break time="1ms"/>'))] == [
        "unknown_tag",
        "rate",
        "break_time",
    ]
    assert len(faults(speak("<a/>" * 30_000))) == 20


def test_an_unclosed_tag_is_named_before_the_end_that_does_not_fit() -> None:
    found = faults('<speak><prosody rate="50">好</speak>')
    assert found == [("not_closed", 1, 8), ("not_open", 1, 30)]


# ------------------------------------------------------------------------------------------------------------- hostile

BOMBS = {
    "billion laughs": '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><speak>&j;</speak>",
    "quadratic": f'<!DOCTYPE l [<!ENTITY a "{"a" * 60_000}">]><speak>{"&a;" * 20_000}</speak>'[:LONGEST],
    "a file": '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><speak>&a;</speak>',
    "an address": '<!DOCTYPE l SYSTEM "http://127.0.0.1:9/x.dtd"><speak>a</speak>',
    "parameters": '<!DOCTYPE l [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;]><speak>a</speak>',
    "nothing but a doctype": "<!DOCTYPE speak><speak>a</speak>",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_at_once(name: str) -> None:
    began = time.perf_counter()
    assert [code for code, *_ in faults(BOMBS[name])] == ["forbidden"]
    assert time.perf_counter() - began < 0.5


HEAVY = {
    "words": speak("好" * (LONGEST - 15)),
    "lines": speak("\n" * (LONGEST - 16) + "好"),
    "pauses": speak("好<break/>" * ((LONGEST - 15) // 9)),
    "mistakes": speak("<x/>" * ((LONGEST - 15) // 4)),
    "depth": ("<speak>" + "<a>" * 40_000)[:LONGEST],
    "emotions": ("<speak>" + "<emotion type='SAD'>" * 6_000)[:LONGEST],
    "attributes": speak("<break " + " ".join(f'a{n}=""' for n in range(9_000)) + "/>")[:LONGEST],
    "ampersands": ("<speak>" + "&amp;" * 26_000)[:LONGEST],
    "a comment": speak("<!--" + "-" * 1_000 + "好" * 130_000)[:LONGEST],
    "right to left": speak("مرحبا بالعالم " * 9_000)[:LONGEST],
    "emoji": speak("👩🏽‍🚀" * 25_000)[:LONGEST],
}


@pytest.mark.parametrize("name", HEAVY)
def test_131072_characters_of_anything_are_read_or_refused_quickly(name: str) -> None:
    source = HEAVY[name]
    assert len(source) <= LONGEST
    began = time.perf_counter()
    reading = ssml.read(source)
    assert time.perf_counter() - began < 1.5
    assert (reading.document is None) == bool(reading.faults)


def test_one_character_too_many_is_told_at_its_place() -> None:
    source = speak("好" * (LONGEST - 14))
    assert len(source) == LONGEST + 1
    assert only_fault(source) == ("too_long", ">")


def test_typing_is_checked_within_50_ms() -> None:
    source = speak('这一句话，慢慢说。<break time="300ms"/><prosody rate="80">慢慢地</prosody>说。' * 40)
    ssml.read(source)
    began = time.perf_counter()
    for _ in range(5):
        ssml.read(source)
    assert (time.perf_counter() - began) / 5 < 0.05


@given(st.text(max_size=80), st.sampled_from(["", "<speak>", "<speak><emotion type='SAD'>", "<!DOCTYPE "]))
def test_any_text_gives_a_reading(text: str, before: str) -> None:
    for source in (before + text, f"{before}{text}</speak>"):
        reading = ssml.read(source)
        assert (reading.document is None) == bool(reading.faults)
        for one in reading.faults:
            assert 0 <= one.place.offset <= len(source)
            assert str(one)


@given(st.text(alphabet="<>/speakbrtimsodyA \"'=&;1好。!-[]?", max_size=60))
def test_any_tags_give_a_reading(text: str) -> None:
    for source in (text, speak(text)):
        reading = ssml.read(source)
        assert (reading.document is None) == bool(reading.faults)


# ------------------------------------------------------------------------------------------- generated, right and wrong

_WORDS = st.text(alphabet="好的天气 abc,，1<&>\"'😀\n", min_size=1, max_size=8).filter(lambda words: words.strip())


def _attribute(name: str, value: str) -> str:
    return f" {name}={quoteattr(value)}"


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


#: A right value of each attribute, and a wrong one where the document leaves any.
_RIGHT_VALUES: dict[tuple[Tag, str], st.SearchStrategy[str]] = {
    (Tag.BREAK, "time"): st.integers(200, 10_000).map(lambda ms: f"{ms}ms") | st.sampled_from(["1s", "2.5s", "10s"]),
    (Tag.BREAK, "strength"): st.sampled_from(sorted(STRENGTHS_MS)),
    (Tag.PHONEME, "ph"): st.sampled_from(["hao3", "W EH1 DH ER0"]),
    (Tag.SAY_AS, "interpret-as"): st.sampled_from(READINGS),
    (Tag.SUB, "alias"): _WORDS,
    (Tag.PROSODY, "rate"): st.integers(50, 200).map(str),
    (Tag.EMOTION, "type"): st.sampled_from(EMOTIONS),
    (Tag.INSERT_ACTION, "id"): _WORDS,
    (Tag.INSERT_ACTION, "name"): _WORDS,
    (Tag.INSERT_ACTION, "tag"): _WORDS,
}
_WRONG_VALUES: dict[tuple[Tag, str], st.SearchStrategy[str]] = {
    (Tag.BREAK, "time"): st.integers(0, 199).map(lambda ms: f"{ms}ms") | st.integers(11, 999).map(lambda s: f"{s}s"),
    (Tag.BREAK, "strength"): st.text("abc-", min_size=1),
    (Tag.PHONEME, "ph"): st.text("bcdfg6789", min_size=1),
    (Tag.SAY_AS, "interpret-as"): st.text("abc", min_size=1),
    (Tag.PROSODY, "rate"): st.integers(0, 49).map(str) | st.integers(201, 10**6).map(str) | st.text("x%", min_size=1),
    (Tag.EMOTION, "type"): st.text("abcXYZ", min_size=1),
}


@st.composite
def elements(draw: st.DrawFn, *, within: tuple[Tag, ...] = (), wrong: tuple[Tag, str] | None = None) -> str:
    tag = wrong[0] if wrong else draw(st.sampled_from([one for one in Tag if one not in within]))
    written = ""
    for name, is_needed in RULES[tag].attributes.items():
        if wrong == (tag, name):
            written += _attribute(name, draw(_WRONG_VALUES[tag, name]))
        elif is_needed or draw(st.booleans()):
            written += _attribute(name, draw(_RIGHT_VALUES[tag, name]))
    if RULES[tag].holds is Holds.NOTHING:
        return f"<{tag}{written}/>"
    inside = "weather" if tag is Tag.PHONEME else _escaped(draw(_WORDS))
    if tag is Tag.EMOTION:
        inside = "".join(draw(st.lists(elements(within=(tag,)), max_size=3))) + f"{inside}。"
        return f"。<{tag}{written}>{inside}</{tag}>"
    return f"<{tag}{written}>{inside}</{tag}>"


@st.composite
def documents(draw: st.DrawFn) -> str:
    parts = draw(st.lists(_WORDS.map(_escaped) | elements(), min_size=1, max_size=6))
    root = draw(st.sampled_from(ROOTS))
    return f"<{root}>{''.join(parts)}好。</{root}>"


@settings(max_examples=300)
@given(documents())
def test_what_passes_here_is_taken_by_the_vendor_and_heard_the_same(source: str) -> None:
    reading = ssml.read(source)
    assert [str(one) for one in reading.faults] == []
    assert reading.document is not None
    written = ssml.write(reading.document)
    heard = read_by_vendor(written)
    assert heard.text == ssml.plain(reading.document)
    assert ssml.read(written).document is not None


@settings(max_examples=200)
@given(st.data(), st.sampled_from(sorted(_WRONG_VALUES)), _WORDS)
def test_a_wrong_value_is_refused_at_the_value(data: st.DataObject, which: tuple[Tag, str], before: str) -> None:
    part = data.draw(elements(wrong=which))
    source = speak(_escaped(before) + part)
    tag, name = which
    found = [one for one in ssml.read(source).faults if one.code not in ("emotion_begins", "empty")]
    assert [one.place.offset for one in found] == [source.index(f' {name}="', source.rindex(f"<{tag}")) + len(name) + 3]


@given(documents(), st.sets(st.sampled_from(list(Tag))))
def test_words_survive_whatever_a_vendor_does_not_know(source: str, unknown: set[Tag]) -> None:
    document = ssml.read(source).document
    assert document is not None
    less = ssml.without(document, unknown)
    assert ssml.plain(less) == ssml.plain(document)
    assert not set(ssml.tags_of(less)) & unknown
    assert set(ssml.tags_of(less)) == set(ssml.tags_of(document)) - unknown


# ------------------------------------------------------------------------------------------------------------ estimates


def test_pauses_and_speed_take_time() -> None:
    document = ssml.read(speak('一二三四<break time="1.5s"/><prosody rate="50">五六七八</prosody><break/>')).document
    assert document is not None
    assert ssml.paced(document) == ssml.Pace("一二三四五六七八", 1.5, 1900)


@pytest.mark.parametrize("syllable", ["nü3", "nv3", "lüe4", "ri4", "yuan2", "shuang1", "er2", "a1", "zhe5", "qiong2"])
def test_pinyin(syllable: str) -> None:
    assert is_pinyin(syllable)


@pytest.mark.parametrize("syllable", ["bang", "bang0", "bang6", "qan1", "zü4", "fing1", "", "1", "Bang1", "好"])
def test_no_pinyin(syllable: str) -> None:
    assert not is_pinyin(syllable)


def test_phonemes_have_stress_on_vowels_only() -> None:
    assert all(map(is_phoneme, ["AA", "AA0", "ER2", "ZH", "NG"]))
    assert not any(map(is_phoneme, ["AA3", "B1", "XX", "aa1", ""]))
    with pytest.raises(SsmlError):
        read_by_vendor(speak("<oops/>"))
