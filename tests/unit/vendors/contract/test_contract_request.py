"""A typed call as the parts of an HTTP request."""

from __future__ import annotations

import pytest

from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.generated import metastudio as api
from dashboard.vendors.contract.generated import softsugar as soft

BOOK = contract("metastudio")


def test_the_project_is_the_accounts_and_not_the_calls() -> None:
    call = api.ShowSmartLiveJob(room_id="r", job_id="j")
    assert call.path_values(BOOK) == {"room_id": "r", "job_id": "j"}
    assert call.query_values() == {}
    assert call.body_values() is None
    assert call.documented(BOOK).method == "GET"


def test_a_query_goes_as_text() -> None:
    call = api.ListAssets(query={"limit": 10, "action_editable": True, "name": "红 底"})
    assert call.query_values() == {"limit": "10", "action_editable": "true", "name": "红 底"}
    assert api.ListAssets().query_values() == {}
    assert api.ListAssets().query is not api.ListAssets().query, "one of its own for each"


def test_lists_are_joined_by_commas() -> None:
    assert api.ListAssets(query={"asset_id": ["a", "b"]}).query_values() == {"asset_id": "a,b"}


def test_a_body_goes_as_it_is_and_cannot_be_swapped_afterwards() -> None:
    call = soft.ChannelClose(body={"sessionId": "s"})
    assert call.body_values() == {"sessionId": "s"}
    with pytest.raises(AttributeError):
        call.body = {"sessionId": "t"}  # type: ignore[misc]
