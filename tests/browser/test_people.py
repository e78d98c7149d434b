"""Roles and logins: who may not act sees why, and an open page notices when its rights or its login end."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.console import OPERATOR, SPEAK_MS, VIEWER, Person, pump
from tests.browser.stack import Stack

ROOM = "K7Q"
ENABLED = """() => [...document.querySelectorAll("[data-action]:not([aria-disabled=true])")]
  .map((one) => one.dataset.action).filter((action) => !document.body.dataset.allowed.split(" ").includes(action))"""


def test_a_viewer_sees_everything_and_is_told_why_nothing_acts(stack: Stack, person: Callable[..., Person]) -> None:
    admin = person(stack)
    working = admin.desk(ROOM, stack.room_id(ROOM), admin.known())
    working.put_on_air()
    viewer = person(stack)
    desk = viewer.desk(ROOM, stack.room_id(ROOM), viewer.sign_in(VIEWER))
    desk.wait_live()
    asked: list[str] = []
    viewer.context.on("request", lambda request: asked.append(request.url) if request.method != "GET" else None)
    actions = desk.page.locator("[data-action]:visible")
    assert actions.count() >= 5
    for number in range(actions.count()):
        _is_refused(actions.nth(number))
    desk.field.fill("观众身份的人不能说这一句话。")
    desk.button("append").click(force=True)
    expect(desk.page.locator("#toasts")).to_contain_text("Your role (Viewer) may not do this")
    desk.field.press("Enter")
    desk.bar.locator("[data-action=stop_job]").click(force=True)
    expect(desk.page.locator(f"#stop-{desk.id}")).to_be_hidden()
    desk.page.keyboard.press("Shift+Escape")
    expect(desk.field).to_have_value("观众身份的人不能说这一句话。")
    # The room goes on under the viewer's eyes: what arrives stays disabled too.
    words = "这一句由别人说，观众身份的人只能看着它来。"
    working.say(words)
    done = desk.item(words).and_(desk.page.locator("[data-state=done]"))
    enabled: set[str] = set()

    def is_done() -> bool:
        enabled.update(desk.page.evaluate(ENABLED))
        return done.count() == 1

    pump(desk.page, is_done, "the sentence was said", SPEAK_MS / 1000)
    assert enabled == set()
    assert asked == []
    desk.field.fill("")


def _is_refused(button: Locator) -> None:
    expect(button).to_have_attribute("aria-disabled", "true")
    assert (button.get_attribute("title") or "").startswith(("Your role (Viewer)", "Nothing is on air"))


def test_a_changed_role_closes_the_open_page(stack: Stack, person: Callable[..., Person]) -> None:
    admin, oki = person(stack), person(stack)
    team = admin.known()
    desk = oki.desk(ROOM, stack.room_id(ROOM), oki.sign_in(OPERATOR))
    desk.wait_live()
    _change_role(team, "Viewer")
    banner = desk.page.locator("#banner-access")
    expect(banner).to_contain_text("Your access has changed", timeout=10_000)
    expect(desk.page.locator("#beat b")).to_have_text("off")
    banner.locator("[data-reload]").click()
    expect(desk.page.locator("#beat b")).to_contain_text("live")
    expect(banner).to_be_hidden()
    expect(desk.button("append")).to_have_attribute("aria-disabled", "true")
    _change_role(team, "Operator")
    expect(banner).to_be_visible(timeout=10_000)
    banner.locator("[data-reload]").click()
    expect(desk.button("append")).not_to_have_attribute("aria-disabled", "true")


def _change_role(page: Page, role: str) -> None:
    page.goto("/t/demo/team")
    row = page.locator("tr", has_text=OPERATOR)
    row.locator("select[name=role]").select_option(label=role)
    row.locator("[data-action=edit_team]").first.click()
    expect(page.locator("#toasts")).to_contain_text("has another role now")


def test_signing_out_in_another_tab_is_seen_and_keeps_the_draft(stack: Stack, person: Callable[..., Person]) -> None:
    oki = person(stack)
    desk = oki.desk(ROOM, stack.room_id(ROOM), oki.sign_in(OPERATOR))
    desk.wait_live()
    words = "这份草稿在退出登录以后还应该在。"
    desk.field.fill(words)
    other = oki.context.new_page()
    other.goto("/t/demo/wall")
    other.locator("details.menu summary .avatar").first.click()
    other.get_by_role("button", name="Sign out").first.click()
    other.wait_for_url("**/sign-in**")
    banner = desk.page.locator("#banner-signed-out")
    expect(banner).to_contain_text("You are signed out", timeout=10_000)
    expect(desk.page.locator("#beat b")).to_have_text("off")
    expect(desk.field).to_have_value(words)
    link = banner.get_by_role("link", name="Sign in again")
    expect(link).to_have_attribute("href", f"/sign-in?next=/t/demo/rooms/{ROOM}")
    link.click()
    oki.fill_in(desk.page, OPERATOR)
    expect(desk.page).to_have_url(f"{stack.url}/t/demo/rooms/{ROOM}")
    expect(desk.field).to_have_value(words)
    desk.field.fill("")
