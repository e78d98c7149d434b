"""What a form refuses is said in our own words, with the name of the field, so that the page can say it there."""

from __future__ import annotations

import pytest

from dashboard.takeover.forms_scene import SceneForm
from dashboard.takeover.policy_form import SecondPersonForm


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("bit_rate", "-1", "Choose a number from 0 to 7."),
        ("front_volume", "401", "Choose a number from 0 to 400."),
        ("role_scale", "large", "Write a number."),
        ("front_w", "0", "Choose a number of at least 1."),
    ],
)
def test_a_scene_says_both_ends_of_the_range(name: str, value: str, sentence: str) -> None:
    form = SceneForm({"key": "k", name: value})
    assert form.errors == {name: [sentence]}


@pytest.mark.parametrize("seconds", ["1", "99999"])
def test_the_second_person_has_a_range_of_seconds(seconds: str) -> None:
    form = SecondPersonForm({"version": "0", "approver": "operator", "within_s": seconds})
    assert form.errors == {"within_s": ["Choose a number from 5 to 300."]}
