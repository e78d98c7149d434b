"""A producer writes rules, tries them, gives them to a room, and the vendor answers a comment by them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import SimpleNamespace

import httpx
from playwright.sync_api import Page, expect

from dashboard.audience.addresses import intake_path
from tests.browser.console import PRODUCER, Person
from tests.browser.stack import Stack, until

REPLY = "到手价一百九十九元，左下角小黄车。"


def write_rules(page: Page) -> None:
    page.goto("/t/demo/rules")
    page.locator("[data-action=edit_rules]").first.click()
    page.fill("[name=name]", "Evening questions")
    page.fill("[name=r0-name]", "Price")
    page.fill("[name=r0t0-value]", "多少钱|价格")
    page.fill("[name=r0-texts]", REPLY)
    page.select_option("[name=r0-often]", "limited")
    page.fill("[name=r0-window_s]", "30")
    page.press("[name=r0-window_s]", "Tab")
    expect(page.locator("#r0-says")).to_have_text(
        f"When a comment matches 多少钱|价格, at most once per 30 s, the host says “{REPLY}”."
    )
    page.click("#rule-add")
    expect(page.locator("#id_r1-name")).to_be_focused()
    page.click("#r1-up")
    expect(page.locator(".rule").first).to_have_id("rule-1")
    expect(page.locator("#r1-up")).to_be_focused()
    expect(page.locator("[name=r0t0-value]")).to_have_value("多少钱|价格")
    page.click("#r1-remove")
    expect(page.locator(".rule")).to_have_count(1)


def try_them(page: Page) -> None:
    """On what is not saved yet, by the keyboard."""
    page.fill("[name=e1-text]", "这个多少钱？")
    page.fill("[name=e3-text]", "价格呢")
    page.locator("[name=e3-text]").press("Escape")
    page.keyboard.press("r")
    rows = page.locator("#decided tbody tr")
    expect(rows).to_have_count(9)
    expect(rows.nth(1)).to_contain_text(REPLY)
    expect(rows.nth(3)).to_contain_text("quiet until second 33")
    first = page.locator("#decided").inner_text()
    page.wait_for_timeout(650)  # the same press otherwise (static/js/actions.js)
    page.locator("button[value=run]").click()
    expect(page.locator("button[value=run]")).not_to_have_attribute("data-busy", "")
    assert page.locator("#decided").inner_text() == first


def test_rules_are_written_tried_given_to_a_room_and_heard(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    page = me.known(PRODUCER)
    write_rules(page)
    try_them(page)
    page.locator(".form-foot [data-action=edit_rules]").first.click()
    page.wait_for_url("**/rules/*")

    # Not one on air: a running job keeps the rules it has.
    (code, room_id), *_ = stack.rows(
        "SELECT room.code, room.id FROM rooms_room room JOIN vendors_vendoraccount account"
        " ON account.id = room.account_id WHERE account.vendor = 'metastudio' AND NOT EXISTS"
        " (SELECT 1 FROM jobs_job job WHERE job.room_id = room.id AND job.ended_at IS NULL) ORDER BY room.id"
    )
    page.goto(f"/t/demo/rooms/{code}/edit")
    page.select_option("[name=rule_set]", label="Evening questions")
    page.locator("[data-action=edit_room]").click()
    page.wait_for_url(f"**/rooms/{code}")
    until(
        lambda: (
            stack.rows("SELECT 1 FROM rooms_room WHERE id = ? AND rules_at_vendor = 'ours'", room_id)
            and not stack.rows("SELECT 1 FROM vendors_command WHERE kind = 'push_room' AND state != 'accepted'")
        ),
        "the vendor has the rules",
        15,
    )
    desk = me.desk(code, room_id, page)
    desk.put_on_air()
    report_comment(stack, room_id, "老板，这个多少钱？")
    # It waits for the end of the paragraph; somebody in the synthetic audience may have asked before.
    until(lambda: stack.audible(REPLY), "the vendor answers by the rule", 45)
    page.goto("/t/demo/rules")
    written = page.locator(".rule-set", has_text="Evening questions")
    expect(written.locator(".panel-foot")).to_contain_text(code)


def report_comment(stack: Stack, room_id: int, text: str) -> None:
    """As a capture tool does."""
    (slug,), *_ = stack.rows("SELECT intake_slug FROM jobs_job WHERE room_id = ? ORDER BY id DESC", room_id)
    content = json.dumps({"user": {"userId": "1", "name": "Anna"}, "content": text}, ensure_ascii=False)
    body = {"total": 1, "events": [{"timestamp": int(time.time()) * 1000, "type": 1, "content": content}]}
    url = stack.url + intake_path(SimpleNamespace(intake_slug=slug))  # type: ignore[arg-type]
    httpx.post(url, json=body, trust_env=False).raise_for_status()
