"""Filters, paging and order of the four lists, each filter alone and together with others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.metastudio.conftest import SCRIPT, Vendor

ROOMS, JOBS, GROUPS = "smart-live-rooms", "smart-live-jobs", "smart-live-interaction-rule-groups"


def scene(**fields: str) -> dict[str, Any]:
    return {"script_name": "S", "shoot_scripts": [{"text_config": {"text": SCRIPT}}], **fields}


ROOM_BODIES: list[dict[str, Any]] = [
    {"room_name": "Tea", "scene_scripts": [scene(dh_id="nina", model_asset_id="Model-A")]},
    {"room_name": "Tea house", "room_type": "TEMP", "scene_scripts": [scene(dh_id="omar", model_asset_id="model-b")]},
    {"room_name": "Own template", "room_type": "TEMPLATE"},
    {"room_name": "Shared template", "room_type": "TEMPLATE", "shared_config": {"shared_type": "SHARED"}},
    {"room_name": "Public template", "room_type": "TEMPLATE", "shared_config": {"shared_type": "PUBLIC"}},
    {"room_name": "Shared room", "shared_config": {"shared_type": "SHARED"}},
]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"room_name": "tea"}, ["Tea house", "Tea"]),
        ({"dh_id": "nina"}, ["Tea"]),
        ({"dh_id": "nin"}, []),
        ({"model_name": "MODEL"}, ["Tea house", "Tea"]),
        ({"model_name": "-b"}, ["Tea house"]),
        ({"room_type": "NORMAL"}, ["Shared room", "Tea"]),
        ({"room_type": "TEMP"}, ["Tea house"]),
        ({"template_own_type": "Owned"}, ["Own template"]),
        ({"template_own_type": "SHARED_TO_OTHERS"}, ["Shared template"]),
        ({"template_own_type": "SHARED_FROM_OTHERS"}, []),
        ({"template_own_type": "Public"}, ["Public template"]),
        ({"live_state": "NULL", "room_type": "TEMPLATE", "limit": "2"}, ["Public template", "Shared template"]),
        ({"room_name": "tea", "dh_id": "omar"}, ["Tea house"]),
        ({"room_name": "", "dh_id": ""}, [body["room_name"] for body in reversed(ROOM_BODIES)]),
    ],
)
async def test_rooms(vendor: Vendor, query: dict[str, str], wanted: list[str]) -> None:
    for body in ROOM_BODIES:
        assert (await vendor.call("POST", vendor.path(ROOMS), body)).status_code == 200
    answer = await vendor.call("GET", vendor.path(ROOMS), query=query)
    assert [row["room_name"] for row in answer.json()["smart_live_rooms"]] == wanted


async def test_rooms_by_the_state_and_time_of_their_latest_task(vendor: Vendor) -> None:
    await vendor.make_room(room_name="Never")
    first = await vendor.on_air(room_name="First")
    await vendor.call("POST", vendor.job_path(first, "stop"))
    vendor.play(3600)
    second = await vendor.on_air(room_name="Second", play_policy={"repeat_count": -1})

    async def names(**query: str) -> list[str]:
        answer = await vendor.call("GET", vendor.path(ROOMS), query=query)
        return [row["room_name"] for row in answer.json()["smart_live_rooms"]]

    assert await names(live_state="SUCCESS") == await names(live_state="SUCCEED") == ["First"]
    assert await names(live_state="PROCESSING,NULL") == ["Second", "Never"]
    assert await names(start_time=first.started, end_time=first.started) == ["First"]
    assert await names(start_time=first.ended) == ["Second"]
    assert await names(end_time=second.started) == ["Second", "First"]
    # Another zone is the same moment.
    assert await names(end_time=first.started.replace("Z", "+00:00")) == ["First"]


async def live_jobs(vendor: Vendor) -> list[str]:
    """Five jobs a minute apart: four over, in two rooms, one on air."""
    made = []
    tea = await vendor.make_room(room_name="Tea", play_policy={"repeat_count": -1})
    coffee = await vendor.make_room(room_name="Coffee", play_policy={"repeat_count": -1})
    for room_id in (tea, coffee, tea, coffee, tea):
        job_id = (await vendor.start(room_id))["job_id"]
        vendor.play(30)
        if len(made) < 4:
            await vendor.call("POST", vendor.job_path(vendor.face.model.jobs[job_id], "stop"))
        vendor.play(30)
        made.append(job_id)
    return made


async def test_jobs_of_a_room_and_of_the_tenant(vendor: Vendor) -> None:
    made = await live_jobs(vendor)
    first = vendor.face.model.jobs[made[0]]
    created = [vendor.face.model.jobs[job_id].created for job_id in made]

    async def ids(*where: str, **query: str) -> list[int]:
        answer = await vendor.call("GET", vendor.path(*where), query=query)
        assert answer.json()["count"] >= len(answer.json()["smart_live_jobs"])
        return [made.index(row["job_id"]) for row in answer.json()["smart_live_jobs"]]

    assert await ids(JOBS) == [0, 1, 2, 3, 4]
    assert await ids(JOBS, sort_dir="desc", sort_key="create_time") == [4, 3, 2, 1, 0]
    assert await ids(JOBS, sort_dir="desc", offset="1", limit="2") == [3, 2]
    assert await ids(JOBS, room_name="COFF") == [1, 3]
    assert await ids(JOBS, state="PROCESSING") == [4]
    assert await ids(JOBS, state="WAITING,PROCESSING", room_name="Coffee") == []
    assert await ids(JOBS, state="SUCCESS,PROCESSING") == [0, 1, 2, 3, 4]
    assert await ids(JOBS, create_since=created[1], create_until=created[3]) == [1, 2, 3]
    assert await ids(JOBS, create_since=created[3], state="SUCCEED") == [3]
    of_room = (ROOMS, first.room_id, JOBS)
    assert await ids(*of_room) == [0, 2, 4]
    assert await ids(*of_room, state="SUCCEED", sort_dir="desc") == [2, 0]
    assert await ids(*of_room, create_until=created[2], limit="1") == [0]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_pages_hold_everything_once(vendor: Vendor, size: int) -> None:
    for number in range(7):
        await vendor.make_room(room_name=f"Room {number}")
        await vendor.call("POST", vendor.path(GROUPS), {"group_name": f"Group {number}"})
    for path, key, name in ((ROOMS, "smart_live_rooms", "room_id"), (GROUPS, "interaction_rule_groups", "group_id")):
        seen: list[str] = []
        for offset in range(0, 14, size):
            page = (await vendor.call("GET", vendor.path(path), query={"offset": offset, "limit": size})).json()
            assert page["count"] == 7
            seen += [row[name] for row in page.get(key, [])]
        assert len(seen) == len(set(seen)) == 7


async def test_libraries_by_name_and_time(vendor: Vendor) -> None:
    created = []
    for name in ("Welcome", "Prices", "Welcome back"):
        await vendor.call("POST", vendor.path(GROUPS), {"group_name": name})
        created.append(
            (await vendor.call("GET", vendor.path(GROUPS))).json()["interaction_rule_groups"][-1]["create_time"]
        )
        vendor.clock.advance(60)

    async def names(**query: str) -> list[str]:
        answer = await vendor.call("GET", vendor.path(GROUPS), query=query)
        return [row["group_name"] for row in answer.json()["interaction_rule_groups"]]

    assert await names(group_name="WELCOME") == ["Welcome", "Welcome back"]
    assert await names(create_since=created[1]) == ["Prices", "Welcome back"]
    assert await names(create_since=created[1], create_until=created[1]) == ["Prices"]
    assert await names(create_until=created[0], group_name="price") == []
