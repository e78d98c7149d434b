from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.sandbox.metastudio_job import Job
from dashboard.sandbox.metastudio_ssml import SsmlError, SsmlValueError, read


@pytest.mark.parametrize("root", ["speak", "speake", "speack"])
def test_tags_are_not_heard(root: str) -> None:
    text = (
        f'<{root}> <emotion type="HAPPY"><insert-action id="1" name="n" tag="t"/>Hello.<break time="200ms"/>I am '
        f'<phoneme ph="liao3">here</phoneme> &amp; <say-as interpret-as="money">15.55</say-as></emotion></{root}>'
    )
    assert read(text).text == " Hello.I am here & 15.55"


def test_an_alias_is_heard_instead() -> None:
    assert read('<speak><sub alias="Paul">P.</sub> is here</speak>').text == "Paul is here"


def test_text_without_root_is_plain() -> None:
    assert read("a < b & c <break/>").text == "a < b & c <break/>"


def test_breaks_and_rates_take_time() -> None:
    plain = Job.speech_at("Hello there everybody.", 1.0).duration_s
    paused = Job.speech_at('<speak>Hello there<break time="2s"/> everybody.</speak>', 1.0).duration_s
    slow = Job.speech_at('<speak><prosody rate="50">Hello there everybody.</prosody></speak>', 1.0).duration_s
    assert paused == pytest.approx(plain + 2)
    assert slow == pytest.approx(2 * plain)


@pytest.mark.parametrize(
    "text",
    [
        "<speak>a",
        "<speak>a</b>",
        "<speak>a</speak>b",
        "<speak><speak>a</speak></speak>",
        "<speak><bold>a</bold></speak>",
        "<speak>a < b</speak>",
        '<speak><break time="1s"></break></speak>',
        '<speak><sub alias="x"><break/></sub></speak>',
        "<speak><break time=1s/></speak>",
        "<speak><!DOCTYPE x></speak>",
    ],
)
def test_tags_that_do_not_fit_are_refused(text: str) -> None:
    with pytest.raises(SsmlError):
        read(text)


@pytest.mark.parametrize(
    "tag",
    [
        '<break time="199ms"/>',
        '<break time="10.1s"/>',
        '<break time="long"/>',
        '<break strength="huge"/>',
        '<prosody rate="49">a</prosody>',
        '<prosody rate="fast">a</prosody>',
        '<emotion type="ANGRY">a</emotion>',
        '<say-as interpret-as="song">a</say-as>',
        "<phoneme>a</phoneme>",
        "<sub>a</sub>",
    ],
)
def test_values_outside_the_document_are_refused(tag: str) -> None:
    with pytest.raises(SsmlValueError):
        read(f"<speak>{tag}</speak>")


@pytest.mark.parametrize(
    "tag", ["<break/>", '<break time="10s"/>', '<break time="200ms"/>', '<prosody rate="200"></prosody>']
)
def test_values_at_the_edge_are_taken(tag: str) -> None:
    assert read(f"<speak>a{tag}</speak>").text == "a"


@given(st.text(alphabet="<>/speak brt=\"'&;1ms中。", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for candidate in (text, f"<speak>{text}</speak>"):
        try:
            read(candidate)
        except SsmlError:
            continue
