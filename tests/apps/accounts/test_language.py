"""Choosing a language answers in it, and leaves nothing behind in the thread that served the request."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from dashboard.accounts import views
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_the_answer_is_in_the_language_just_chosen(cast: Cast, sign_in: Any) -> None:
    body = {"language": "zh-hans", "time_zone": "Asia/Shanghai"}
    page = sign_in(cast.oki).post(reverse("accounts:settings"), body, follow=True).content.decode()
    assert "设置已保存。" in page


def test_the_view_puts_the_threads_language_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views.messages, "success", lambda *_: None)
    request = RequestFactory().post("/", {"language": "zh-hans", "time_zone": "Asia/Shanghai"})
    request.user = cast.oki.user
    with translation.override("en"):
        assert views.settings(request).status_code == 302
        assert translation.get_language() == "en"
