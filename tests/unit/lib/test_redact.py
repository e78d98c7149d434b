"""Nothing that is named like a secret reaches a log."""

from __future__ import annotations

import logging
import sys

import pytest

from dashboard.lib.redact import MASK, RedactingFormatter, redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: verysecret", f"Authorization: {MASK}"),
        ("X-Auth-Token=verysecret, next", f"X-Auth-Token={MASK}, next"),
        ('{"sessionToken": "verysecret", "a": 1}', f'{{"sessionToken": {MASK}, "a": 1}}'),
        ("{'stream_key': 'verysecret with blanks'}", f"{{'stream_key': {MASK}}}"),
        ("wss://x/y?token=verysecret&z=1", f"wss://x/y?token={MASK}&z=1"),
        ('"stream_keys": ["verysecret", "verysecret"]', f'"stream_keys": {MASK}'),
        ("password=verysecret", f"password={MASK}"),
        ("hwSecret=verysecret;hwTime=1", f"hwSecret={MASK};hwTime=1"),
    ],
)
def test_values_of_secret_names_are_masked(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Unauthorized: /callbacks/jobs/Ab-c_9", f"Unauthorized: /callbacks/jobs/{MASK}"),
        ("POST /callbacks/accounts/Ab?hwTime=1 HTTP/1.1", f"POST /callbacks/accounts/{MASK}?hwTime=1 HTTP/1.1"),
        ("'https://x.example/intake/slug/signature'", f"'https://x.example/intake/{MASK}'"),
        ("/intakes/7", "/intakes/7"),
    ],
)
def test_addresses_that_are_keys_are_masked(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize("scheme", ["Bearer", "SDK-HMAC-SHA256"])
def test_credentials_after_a_scheme_are_masked_to_the_end_of_the_line(scheme: str) -> None:
    masked = redact(f"sent {scheme} Access=AK, Signature=verysecret\nnext line")
    assert "verysecret" not in masked
    assert "AK" not in masked
    assert masked.endswith("next line")


@pytest.mark.parametrize("text", ["", "room K7Q is live", "monkey: banana", "tokens were renewed", "keyboard=qwerty"])
def test_other_words_stay(text: str) -> None:
    assert redact(text) == text


def test_the_formatter_masks_the_message_with_its_arguments() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "call to %s", ("https://x?token=verysecret",), None)
    assert RedactingFormatter().format(record) == f"call to https://x?token={MASK}"


def test_the_formatter_masks_a_traceback_too() -> None:
    try:
        raise ValueError("refused: access_key=verysecret")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "it failed", (), sys.exc_info())
    line = RedactingFormatter().format(record)
    assert "verysecret" not in line
    assert f"access_key={MASK}" in line
