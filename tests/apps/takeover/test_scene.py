"""A change of the scene with words goes where words go, and as carefully."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from dashboard.takeover.models import Kind, Takeover
from tests import cast as make
from tests.cast import SOFTSUGAR, WORDS, Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("mode", "presses"), [("append", 1), ("insert", 1), ("now", 2)])
def test_only_what_cuts_takes_a_second_press(cast: Cast, sign_in: Any, mode: str, presses: int) -> None:
    job = make.on_air(make.room(make.account(cast.alpha, SOFTSUGAR)), cast.oki)
    url = reverse("takeover:change_scene", args=["alpha", job.room.code])
    browser, body = sign_in(cast.oki), {"bit_rate": "5", "text": WORDS, "mode": mode, "key": "scene"}
    first = browser.post(url, body)
    assert first.status_code == (204 if presses == 1 else 428)
    assert Takeover.objects.filter(kind=Kind.SCENE).count() == 2 - presses
    assert browser.post(url, body, headers={"X-Confirmed": "1"}).status_code == 204
    assert Takeover.objects.filter(kind=Kind.SCENE).count() == 1


def test_a_refusal_names_its_field(cast: Cast, sign_in: Any) -> None:
    job = make.on_air(make.room(make.account(cast.alpha, SOFTSUGAR)), cast.oki)
    url = reverse("takeover:change_scene", args=["alpha", job.room.code])
    answer = sign_in(cast.oki).post(url, {"bit_rate": "8", "key": "scene"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["X-Field"]) == (422, "bit_rate")
    assert answer.content.decode() == "Choose a number from 0 to 7."
