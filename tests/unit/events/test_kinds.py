"""Each kind of fact declares what it carries, and nothing else gets in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from dashboard.events.kinds import AUDIENCE, PAYLOADS, Audience, Fact, Item, Kind, Nothing, Payload, Told, payload_of
from dashboard.events.models import Source

NOW = datetime(2026, 3, 14, 6, 3, 22, tzinfo=UTC)


def fact(kind: Kind, payload: Payload, **more: Any) -> Fact:
    base: dict[str, Any] = {"source": Source.VENDOR, "dedupe_key": "x", "at": NOW, "team_id": 1}
    return Fact(kind=kind, payload=payload, **(base | more))


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_payload_that_forbids_other_fields(kind: Kind) -> None:
    shape = PAYLOADS[kind]
    assert issubclass(shape, Payload)
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        payload_of(shape, {**_least(shape), "undeclared": 1})


@pytest.mark.parametrize("kind", Kind)
def test_every_payload_survives_the_log(kind: Kind) -> None:
    payload = payload_of(PAYLOADS[kind], _least(PAYLOADS[kind]))
    assert payload_of(PAYLOADS[kind], msgspec.to_builtins(payload)) == payload


def _least(shape: type[Payload]) -> dict[str, Any]:
    samples: dict[Any, Any] = {str: "x", int: 1}
    return {one.encode_name: samples[one.type] for one in msgspec.structs.fields(shape) if one.required}


def test_an_undeclared_field_fails_when_the_fact_is_made() -> None:
    with pytest.raises(TypeError, match="surprise"):
        Told(surprise=1)  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_takes_only_its_own_payload(kind: Kind) -> None:
    wrong = Nothing() if PAYLOADS[kind] is not Nothing else Told()
    with pytest.raises(TypeError, match=f"{kind} carries {PAYLOADS[kind].__name__}"):
        fact(kind, wrong)


def test_item_and_audience_kinds_share_their_payloads() -> None:
    assert {PAYLOADS[kind] for kind in Kind if kind.value.startswith("item.")} == {Item}
    assert {PAYLOADS[kind] for kind in AUDIENCE} == {Audience}
    assert {kind for kind in Kind if kind.value.startswith("audience.")} == AUDIENCE


@pytest.mark.parametrize(
    ("ids", "topic"),
    [
        ({"room_id": 7, "account_id": 3}, "room:7"),
        ({"account_id": 3}, "account:3"),
        ({}, "team:1"),
    ],
)
def test_a_fact_belongs_to_the_narrowest_topic(ids: dict[str, int], topic: str) -> None:
    assert fact(Kind.JOB_ACCEPTED, Nothing(), **ids).topic == topic


def test_a_fact_is_frozen() -> None:
    with pytest.raises(AttributeError):
        fact(Kind.JOB_ACCEPTED, Nothing()).at = NOW  # type: ignore[misc]
