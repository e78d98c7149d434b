"""Who is not signed in is led to the sign-in page; a part of a page that asks by itself gets nothing instead."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from tests.cast import Cast


def test_a_page_leads_to_the_sign_in_and_its_parts_stay_as_they_are(cast: Cast, sign_in: Any) -> None:
    path = reverse("rehearsal:page", args=["alpha"])
    page = sign_in().get(path)
    assert (page.status_code, page["Location"]) == (302, f"{reverse('accounts:sign_in')}?next={path}")
    part = sign_in().get(path, headers={"HX-Request": "true"})
    assert (part.status_code, part.content) == (204, b"")


def test_a_press_of_somebody_signed_out_is_led_to_the_sign_in(cast: Cast, sign_in: Any) -> None:
    answer = sign_in().post(reverse("rehearsal:start", args=["alpha"]), headers={"HX-Request": "true"})
    assert answer.status_code == 302
