"""A producer rewrites what is being spoken, pauses the script by a key, changes the scene, and swaps where it goes."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.console import PRODUCER, SAME_PRESS_MS, Desk, Person, pump
from tests.browser.stack import SPEED, Stack

SOFTSUGAR = "K7Q"
NEW = "最后这一段换成了新的话术，请大家听好。"
ADDED = "再补充一段，今天的优惠只在这一场直播间。"


def rewrite(page: Page, code: str) -> None:
    page.goto(f"/t/demo/rooms/{code}/script")
    page.locator(".edit-line:not([data-locked]) textarea").last.fill(NEW)
    page.click("[data-line-add]")
    expect(page.locator(".edit-line textarea").last).to_be_focused()
    page.keyboard.type(ADDED)
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.locator("[data-difference] ins").filter(has_text=NEW)).to_be_visible()
    expect(page.locator("[data-difference] ins").filter(has_text=ADDED)).to_be_visible()
    button = page.locator("button[name=seen]")
    button.click()
    expect(button).to_contain_text("Viewers hear the new words")
    page.wait_for_timeout(SAME_PRESS_MS)
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    button.click()
    page.wait_for_url(f"**/rooms/{code}")
    assert asked == []  # it was sent
    expect(page.locator(".p-script")).to_contain_text(ADDED)


def pause_by_key(page: Page) -> None:
    page.keyboard.press("p")
    expect(page.locator(".p-script .btn-armed")).to_be_visible()
    page.wait_for_timeout(SAME_PRESS_MS)
    page.keyboard.press("p")
    expect(page.locator(".p-script")).to_contain_text("Paused since")
    page.wait_for_timeout(SAME_PRESS_MS)
    page.keyboard.press("p")
    expect(page.locator(".p-script")).not_to_contain_text("Paused since")


def change_scene(page: Page, desk: Desk) -> None:
    page.click("[data-kind=scene]")
    page.fill("#scene-bit_rate", "5")
    page.get_by_role("button", name="Change the scene").click()
    expect(desk.queue.locator("[data-state=done]").filter(has_text="Mbit/s")).to_be_visible(timeout=20_000)


def keep_rename_and_delete_a_scene(page: Page) -> None:
    page.click("[data-kind=scene]")
    page.fill("#scene-bit_rate", "6")
    page.locator("#scene-form [name=preset_name]").fill("Sharp")
    page.get_by_role("button", name="Keep it").click()
    choice = page.locator("#scene-preset")
    expect(choice.locator("option")).to_have_text(["None", "Sharp"])
    page.get_by_text("Rename or delete kept scenes").click()
    name = page.get_by_label("Name of Sharp")
    name.fill("Crisp")
    name.press("Enter")
    expect(choice.locator("option")).to_have_text(["None", "Crisp"])
    expect(page.get_by_text("Rename or delete kept scenes")).to_be_focused()
    delete = page.locator("#scene-kept [data-confirm]")
    delete.click()
    expect(delete).to_contain_text("Delete Crisp")
    expect(choice.locator("option")).to_have_count(2)
    page.wait_for_timeout(SAME_PRESS_MS)
    delete.click()
    expect(choice).to_have_count(0)
    expect(page.locator("#scene-bit_rate")).to_have_value("6")


def test_typed_paragraphs_are_not_left_without_a_question(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    page = me.known(PRODUCER)
    me.desk(SOFTSUGAR, stack.room_id(SOFTSUGAR), page).put_on_air()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"/t/demo/rooms/{SOFTSUGAR}/script")
    field = page.locator(".edit-line:not([data-locked]) textarea").last
    words = field.input_value()
    field.click()
    page.keyboard.type(ADDED)
    page.reload()
    assert asked == ["beforeunload"]
    field.click()
    page.keyboard.type(ADDED)
    field.fill(words)
    page.click("[data-line-add]")  # an empty paragraph is none
    page.reload()
    page.goto(f"/t/demo/rooms/{SOFTSUGAR}/edit")
    page.locator("[name=paragraphs]").click()
    page.keyboard.type(ADDED)
    page.get_by_role("link", name="Leave without saving").click()
    page.wait_for_url(f"**/rooms/{SOFTSUGAR}")
    assert asked == ["beforeunload"] * 2


def test_a_running_job_is_steered(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    page = me.known(PRODUCER)
    desk = me.desk(SOFTSUGAR, stack.room_id(SOFTSUGAR), page)
    desk.put_on_air()
    locked = page.locator(".p-script")
    pump(page, lambda: int(locked.get_attribute("data-locked-through") or 0) <= 4, "its end is not reached yet", 60)
    stack.speed(0.5)  # no paragraph is reached between the difference and the press that sends it
    rewrite(page, desk.code)
    stack.speed(SPEED)
    pause_by_key(page)
    change_scene(page, desk)
    keep_rename_and_delete_a_scene(page)
