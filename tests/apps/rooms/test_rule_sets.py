"""Rule sets: versions, names, where they are used, what a change sets in motion; the editor and its test box."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.urls import reverse

from dashboard.audit.models import AuditEntry
from dashboard.audit.trail import CONSOLE
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib.errors import Conflict, Invalid, NotThere
from dashboard.rooms.forms.rules import MOST_RULES
from dashboard.rooms.models import Room, RulesAtVendor, RuleSet
from dashboard.rooms.rules.model import Condition, EventType, Rule, Trigger
from dashboard.rooms.rules.stored import read_rules, written
from dashboard.rooms.services.at_vendor import import_rooms, push_plan, room_pushed
from dashboard.rooms.services.delete_rules import delete_rule_set
from dashboard.rooms.services.rule_sets import RuleSetDraft, create_rule_set, update_rule_set
from dashboard.vendors.models import Command
from dashboard.vendors.port import RoomSummary
from tests import cast as make
from tests.cast import METASTUDIO, SOFTSUGAR, Cast

pytestmark = pytest.mark.django_db


def pushes() -> int:
    return Command.objects.filter(kind="push_room").count()


def audited(action: str) -> AuditEntry:
    return AuditEntry.objects.get(action=action)


# ------------------------------------------------------------------------------------------------------------- service


def test_a_new_set_is_stored_in_the_contracts_words_and_audited(cast: Cast) -> None:
    rule = make.rule("price", "199.")
    made = make.rule_set(cast.alpha, cast.pia, rule, name="Evening")
    assert (made.name, made.version, made.rules) == ("Evening", 1, [written(rule)])
    assert read_rules(made.rules) == (rule,)
    entry = audited("create_rules")
    assert (entry.actor_id, entry.target_id, entry.after) == (
        cast.pia.user.pk,
        made.pk,
        {"name": "Evening", "rules": [written(rule)]},
    )
    assert pushes() == 0


def test_a_change_keeps_a_version_is_audited_by_rule_and_brought_to_the_vendor(cast: Cast) -> None:
    first, second = make.rule("price"), make.rule("size")
    made = make.rule_set(cast.alpha, cast.pia, first, second, name="Evening")
    room = make.room(make.account(cast.alpha, METASTUDIO), rules=made)
    other = make.room(make.account(cast.alpha, METASTUDIO))
    before = pushes()
    changed = make.rule("colour")
    draft = RuleSetDraft("Evening", (first, changed))
    done = update_rule_set(rule_set=made, draft=draft, version=1, actor=cast.pia.actor)
    assert (done.version, read_rules(RuleSet.objects.get().rules)) == (2, (first, changed))
    entry = audited("edit_rules")
    assert entry.before == {second.index: written(second), "order": [first.index, second.index]}
    assert entry.after == {changed.index: written(changed), "order": [first.index, changed.index]}
    assert pushes() == before + 1
    assert Command.objects.filter(kind="push_room").latest("pk").body["room"] == room.pk
    assert other.rule_set is None


def test_a_change_of_an_old_version_changes_nothing(cast: Cast) -> None:
    made = make.rule_set(cast.alpha, cast.pia, name="Evening")
    make.room(make.account(cast.alpha, METASTUDIO), rules=made)
    update_rule_set(rule_set=made, draft=RuleSetDraft("Second", ()), version=1, actor=cast.pia.actor)
    before = pushes()
    with pytest.raises(Conflict):
        update_rule_set(rule_set=made, draft=RuleSetDraft("Third", ()), version=1, actor=cast.pia.actor)
    assert (RuleSet.objects.get().name, RuleSet.objects.get().version, pushes()) == ("Second", 2, before)


def test_a_name_is_once_per_team(cast: Cast) -> None:
    make.rule_set(cast.alpha, cast.pia, name="Evening")
    other = make.rule_set(cast.alpha, cast.pia, name="Morning")
    with pytest.raises(Conflict) as refused:
        make.rule_set(cast.alpha, cast.pia, name="Evening")
    assert refused.value.field == "name"
    with pytest.raises(Conflict):
        update_rule_set(rule_set=other, draft=RuleSetDraft("Evening", ()), version=1, actor=cast.pia.actor)
    make.rule_set(cast.omega, cast.zoe, name="Evening")
    assert RuleSet.objects.count() == 3
    assert AuditEntry.objects.filter(action="edit_rules").count() == 0


def test_what_the_contract_does_not_take_is_not_stored(cast: Cast) -> None:
    wrong = Rule("r", EventType.FOLLOW, Condition(priority=2_000), Trigger(texts=("x",)))
    with pytest.raises(Invalid) as refused:
        create_rule_set(team=cast.alpha, draft=RuleSetDraft("Evening", (wrong,)), actor=CONSOLE)
    assert "event_type" in refused.value.message
    assert RuleSet.objects.count() == 0


def delete(cast: Cast, rule_set: RuleSet, *used_by: str) -> None:
    delete_rule_set(rule_set=rule_set, used_by=used_by, user=cast.pia.user, actor=cast.pia.actor, reason="Not needed.")


def test_a_deleted_set_is_taken_from_its_rooms_and_their_vendors(cast: Cast) -> None:
    made = make.rule_set(cast.alpha, cast.pia, name="Evening")
    room = make.room(make.account(cast.alpha, METASTUDIO), code="M2D", rules=made)
    push_plan(room.pk)
    before = pushes()
    delete(cast, made, "M2D")
    room.refresh_from_db()
    assert (RuleSet.objects.count(), room.rule_set, room.version, pushes()) == (0, None, 2, before + 1)
    assert push_plan(room.pk).rules == ()
    changed = Event.objects.filter(kind=Kind.ROOM_CHANGED, room_id=room.pk).latest("pk")
    assert (changed.data, changed.actor_id) == ({"fields": ["rule_set"]}, cast.pia.user.pk)
    entry = audited("delete_rules")
    assert (entry.reason, entry.before and entry.before["rooms"]) == ("Not needed.", ["M2D"])


def test_a_deletion_on_an_old_list_of_rooms_deletes_nothing(cast: Cast) -> None:
    made = make.rule_set(cast.alpha, cast.pia)
    room = make.room(make.account(cast.alpha, METASTUDIO), code="M2D", rules=made)
    with pytest.raises(Conflict):
        delete(cast, made)
    with pytest.raises(Conflict):
        delete(cast, made, "M2D", "K7Q")
    room.refresh_from_db()
    assert room.rule_set == made
    Room.objects.all().update(rule_set=None)
    delete(cast, made)
    with pytest.raises(NotThere):
        delete(cast, made)


# ------------------------------------------------------------------------------------------------------- at the vendor


def test_what_the_vendor_may_answer_by_is_known_before_the_push_leaves_and_until_it_is_gone(cast: Cast) -> None:
    made = make.rule_set(cast.alpha, cast.pia)
    room = make.room(make.account(cast.alpha, METASTUDIO), rules=made)
    assert not room.has_rules_at_vendor
    assert push_plan(room.pk).rules == tuple(made.rules)
    room.refresh_from_db()
    assert room.rules_at_vendor == RulesAtVendor.OURS
    Room.objects.filter(pk=room.pk).update(rule_set=None)
    assert push_plan(room.pk).rules == ()
    room.refresh_from_db()
    assert room.has_rules_at_vendor, "asked to take them away is not taken away"
    room_pushed(room, vendor_ref=room.vendor_ref, version=2, without_rules=True)
    room.refresh_from_db()
    assert not room.has_rules_at_vendor
    assert push_plan(room.pk).rules is None


def test_rules_that_came_with_an_imported_room_are_left_alone_until_others_are_chosen(cast: Cast) -> None:
    account = make.account(cast.alpha, METASTUDIO)
    import_rooms(account, [RoomSummary("v-1", "One", None, has_rules=True), RoomSummary("v-2", "Two", None)])
    one, two = Room.objects.order_by("vendor_ref")
    assert (one.rules_at_vendor, two.rules_at_vendor) == (RulesAtVendor.THEIRS, RulesAtVendor.NONE)
    assert (push_plan(one.pk).rules, push_plan(two.pk).rules) == (None, None)
    Room.objects.filter(pk=one.pk).update(rule_set=make.rule_set(cast.alpha, cast.pia))
    assert push_plan(one.pk).rules
    one.refresh_from_db()
    assert one.rules_at_vendor == RulesAtVendor.OURS


# ----------------------------------------------------------------------------------------------------------- room form


def room_form(room: Room, **changes: Any) -> dict[str, Any]:
    config = {name: str(value) for name, value in make.CONFIG[room.account.vendor].items()}
    base = {"name": room.name, "language": "zh-hans", "time_zone": "Asia/Shanghai", "version": room.version}
    base |= {"output_url": room.output_url}
    return {**base, **config, **changes}


def test_a_metastudio_room_chooses_a_set_and_is_pushed(cast: Cast, sign_in: Any) -> None:
    made, foreign = make.rule_set(cast.alpha, cast.pia, name="Evening"), make.rule_set(cast.omega, cast.zoe)
    room = make.room(make.account(cast.alpha, METASTUDIO))
    before = pushes()
    address = reverse("rooms:edit", args=["alpha", room.code])
    client = sign_in(cast.pia)
    assert client.post(address, room_form(room, rule_set=foreign.pk)).status_code == 422
    assert pushes() == before
    assert client.post(address, room_form(room, rule_set=made.pk)).status_code == 302
    room.refresh_from_db()
    assert (room.rule_set, pushes()) == (made, before + 1)
    entry = audited("edit_room")
    assert (entry.before, entry.after) == (
        {"name": room.name, "rules": ""},
        {"name": room.name, "rules": "Evening"},
    )


SHORT = "不贵哦。"


def test_a_softsugar_room_takes_rules_that_it_can_say(cast: Cast, sign_in: Any) -> None:
    made = make.rule_set(cast.alpha, cast.pia)
    account = make.account(cast.alpha, SOFTSUGAR)
    room = make.room(account)
    address = reverse("rooms:edit", args=["alpha", room.code])
    assert sign_in(cast.pia).post(address, room_form(room, rule_set=made.pk)).status_code == 302
    room.refresh_from_db()
    assert room.rule_set == made


@pytest.mark.parametrize(
    ("trigger", "told"),
    [
        (Trigger(texts=(SHORT,)), "SoftSugar takes sentences of 10 characters or more, and price says “不贵哦。”."),
        (Trigger(texts=("到手价一百九十九元。",), audios=("https://x.test/a.mp3",)), "SoftSugar plays no recordings"),
    ],
)
def test_a_softsugar_room_is_told_which_rule_it_could_not_say(
    cast: Cast, sign_in: Any, trigger: Trigger, told: str
) -> None:
    made = make.rule_set(cast.alpha, cast.pia, make.rule(name="price", trigger=trigger))
    room = make.room(make.account(cast.alpha, SOFTSUGAR))
    address = reverse("rooms:edit", args=["alpha", room.code])
    answer = sign_in(cast.pia).post(address, room_form(room, rule_set=made.pk))
    assert answer.status_code == 422
    assert told in answer.content.decode()
    room.refresh_from_db()
    assert room.rule_set is None


def test_rules_of_a_softsugar_room_do_not_become_what_it_could_not_say(cast: Cast) -> None:
    made = make.rule_set(cast.alpha, cast.pia)
    room = make.room(make.account(cast.alpha, SOFTSUGAR), rules=made)
    draft = RuleSetDraft(made.name, (make.rule("钱", SHORT, name="price"),))
    with pytest.raises(Invalid, match=f"{room.code} answer by these rules. Nothing was saved."):
        update_rule_set(rule_set=made, draft=draft, version=made.version, actor=cast.pia.actor)
    made.refresh_from_db()
    assert made.version == 1


# --------------------------------------------------------------------------------------------------------------- editor


def typed(**changes: Any) -> dict[str, Any]:
    """The editor with one whole rule, as the page sends it."""
    base = {
        "name": "Evening",
        "version": "0",
        "rule": ["0"],
        "r0-name": "Price",
        "r0-enabled": "on",
        "r0-event_type": "1",
        "r0-relation": "AND",
        "r0-often": "limited",
        "r0-window_s": "30",
        "r0-priority": "500",
        "r0-texts": "one\n\n two \nthree",
        "r0-audios": "",
        "r0-order": "ORDER",
        "r0-tag": ["0"],
        "r0t0-field": "content",
        "r0t0-operation": "NONE",
        "r0t0-match": "REGEX",
        "r0t0-value": "多少钱|价格",
        "event": ["0"],
        "e0-at_s": "3",
        "e0-kind": "1",
        "e0-user": "Anna",
        "e0-text": "多少钱？",
        "seed": "7",
    }
    return base | changes


def says(page: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r'class="rule-says"[^>]*>([^<]*)<', page)]


def test_what_is_typed_is_stored_and_read_as_a_sentence(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.pia)
    answer = client.post(reverse("rooms:create_rule_set", args=["alpha"]), typed())
    made = RuleSet.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("rooms:rule_set", args=["alpha", made.pk]))
    (rule,) = read_rules(made.rules)
    assert (rule.name, rule.trigger.window_s, rule.trigger.texts) == ("Price", 30, ("one", "two", "three"))
    assert rule.index.startswith("rule-")
    sentence = "When a comment matches 多少钱|价格, at most once per 30 s, the host says one of 3 texts."
    assert says(client.get(answer["Location"]).content.decode()) == [sentence]
    assert sentence in client.get(reverse("rooms:rule_sets", args=["alpha"])).content.decode()
    data = typed(version="1", **{"r0-index": rule.index, "r0-name": "Cost"})
    assert client.post(answer["Location"], data).status_code == 302
    assert [one.index for one in read_rules(RuleSet.objects.get().rules)] == [rule.index]


def test_a_reply_too_short_for_softsugar_is_saved_and_said_so(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.pia)
    new, told = reverse("rooms:create_rule_set", args=["alpha"]), "SoftSugar takes 10 characters or more"
    whole = client.post(new, typed(**{"r0-texts": "这一句有十个字以上，大家听得到"}), follow=True)
    assert told not in whole.content.decode()
    texts = "好\n这一句有十个字以上，大家听得到\n好的"
    answer = client.post(new, typed(name="Short", **{"r0-texts": texts}))
    made = RuleSet.objects.get(name="Short")
    assert answer["Location"] == reverse("rooms:rule_set", args=["alpha", made.pk])
    page = client.get(answer["Location"]).content.decode()
    assert "Rule 1: SoftSugar takes 10 characters or more. Its rooms can't choose these rules before" in html.unescape(
        page
    )
    assert page.count(told) == 2  # told on saving, and at the field for whoever comes later
    assert client.get(answer["Location"]).content.decode().count(told) == 1


def test_rooms_of_both_vendors_choose_rules(cast: Cast, sign_in: Any) -> None:
    page = sign_in(cast.pia).get(reverse("rooms:create_rule_set", args=["alpha"])).content.decode()
    assert "MetaStudio room chooses" not in page


def test_a_faulty_pattern_is_told_at_its_field_and_in_the_list_of_faults(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.pia).post(reverse("rooms:create_rule_set", args=["alpha"]), typed(**{"r0t0-value": r"(a)\1"}))
    page = html.unescape(answer.content.decode())
    assert says(page) == ["Price: not whole yet"]
    assert page.count("This pattern can't be read") == 2


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"name": ""}, "Name: This field is required."),
        ({"r0-texts": ""}, "Rule 1, The host says: Write at least one reply."),
        ({"r0-texts": "x" * 1_001}, "Rule 1, The host says: Reply 1 is longer than 1000 characters."),
        ({"r0-audios": "file:///etc/passwd"}, "Rule 1, Or plays: Each line is one address"),
        ({"r0-window_s": ""}, "Rule 1, Seconds: Write how many seconds"),
        ({"r0-window_s": "0"}, "Rule 1, Seconds: Ensure this value is greater than or equal to 1."),
        ({"r0-priority": "1000"}, "Rule 1, Priority: Ensure this value is less than or equal to 999."),
        ({"r0-priority": "-1"}, "Rule 1, Priority: Ensure this value is greater than or equal to 0."),
        ({"r0-event_type": "10"}, "Rule 1, When there is: Select a valid choice."),
        ({"r0t0-value": ""}, "Rule 1, With: This field is required."),
        ({"r0t0-value": r"(a)\1"}, "Rule 1, With: This pattern can't be read"),
        ({"r0t0-match": "MATH_GT"}, "Rule 1, With: Write a number to compare with."),
        ({"r0t0-operation": "SUM"}, "Rule 1, Compared: What is counted can only be compared as a number."),
        ({"r0t0-field": "giftNum"}, "Rule 1, What is looked at: the number of gifts: there is no such thing"),
    ],
)
def test_a_refusal_names_the_field_and_keeps_what_was_typed(
    cast: Cast, sign_in: Any, changes: dict[str, str], named: str
) -> None:
    answer = sign_in(cast.pia).post(reverse("rooms:create_rule_set", args=["alpha"]), typed(**changes))
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert named in page
    assert RuleSet.objects.count() == 0
    kept = {**typed(), **changes}
    for name in ("name", "r0-texts", "r0-window_s", "r0t0-value", "e0-text", "seed"):
        assert kept[name].strip() in page


def test_patterns_that_are_too_large_together_are_refused_at_the_one_that_is_too_much(cast: Cast, sign_in: Any) -> None:
    keys = [str(number) for number in range(10)]
    large = "(?:a?){500}"
    rules = {f"r{key}{name[2:]}": value for key in keys for name, value in typed().items() if name.startswith("r0")}
    rules |= {f"r{key}t0-value": large for key in keys}
    address = reverse("rooms:create_rule_set", args=["alpha"])
    answer = sign_in(cast.pia).post(address, {**typed(), **rules, "rule": keys})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert re.findall(r"Rule (\d+), With: The patterns of these rules are too large together", page) == ["8"]
    assert RuleSet.objects.count() == 0
    less = sign_in(cast.pia).post(address, {**typed(), **rules, "rule": keys[:7]})
    assert less.status_code == 302


def test_a_second_save_replaces_what_the_first_was_told_of(cast: Cast, sign_in: Any) -> None:
    made = make.rule_set(cast.alpha, cast.pia, name="Evening")
    update_rule_set(rule_set=made, draft=RuleSetDraft("Somebody else's", ()), version=1, actor=cast.ada.actor)
    client, address = sign_in(cast.pia), reverse("rooms:rule_set", args=["alpha", made.pk])
    refused = client.post(address, typed(version="1", name="Mine"))
    page = html.unescape(refused.content.decode())
    assert refused.status_code == 422
    assert "Somebody changed these rules while you edited" in page
    assert 'value="Mine"' in page
    assert RuleSet.objects.get().name == "Somebody else's"
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    assert client.post(address, typed(version=version[1], name="Mine")).status_code == 302
    assert (RuleSet.objects.get().name, RuleSet.objects.get().version) == ("Mine", 3)


def test_a_taken_name_is_said_beside_its_field(cast: Cast, sign_in: Any) -> None:
    make.rule_set(cast.alpha, cast.pia, name="Evening")
    answer = sign_in(cast.pia).post(reverse("rooms:create_rule_set", args=["alpha"]), typed())
    assert answer.status_code == 422
    assert "Another rule set of this team is called Evening." in answer.content.decode()
    assert RuleSet.objects.count() == 1


# ------------------------------------------------------------------------------------------ what is done without saving


def draft(client: Any, deed: str, *, is_htmx: bool = True, **changes: Any) -> Any:
    headers = {"HX-Request": "true"} if is_htmx else {}
    return client.post(reverse("rooms:draft_rule_set", args=["alpha"]), typed(do=deed, **changes), headers=headers)


def order(page: str) -> list[str]:
    return re.findall(r'name="rule" value="(\d+)"', page)


def two_rules() -> dict[str, Any]:
    second = {key.replace("r0", "r5", 1): value for key, value in typed().items() if key.startswith("r0")}
    return {**second, "rule": ["0", "5"], "r5-name": "Second"}


@pytest.mark.parametrize(
    ("deed", "left"),
    [
        ("add", ["0", "5", "6"]),
        ("up:5", ["5", "0"]),
        ("up:0", ["0", "5"]),
        ("down:0", ["5", "0"]),
        ("down:5", ["0", "5"]),
        ("remove:0", ["5"]),
        ("remove:9", ["0", "5"]),
        ("fly:0", ["0", "5"]),
    ],
)
def test_rules_are_added_moved_and_removed_with_all_that_was_typed(
    cast: Cast, sign_in: Any, deed: str, left: list[str]
) -> None:
    answer = draft(sign_in(cast.pia), deed, **{**two_rules(), "r0-texts": "", "r5-window_s": "soon"})
    page = answer.content.decode()
    assert (answer.status_code, order(page)) == (200, left)
    assert 'value="soon"' in page, "unjudged: a page that goes on complains of nothing"
    assert 'class="error"' not in page
    assert RuleSet.objects.count() == 0


def test_conditions_are_added_and_removed(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.pia)
    added = draft(client, "tag:0").content.decode()
    assert re.findall(r'name="r0-tag" value="(\d+)"', added) == ["0", "1"]
    assert "多少钱|价格" in added
    removed = draft(client, "untag:0:0").content.decode()
    assert re.findall(r'name="r0-tag" value="(\d+)"', removed) == []


def test_a_set_does_not_grow_without_end(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.pia)
    keys = [str(number) for number in range(MOST_RULES + 10)]
    assert len(order(draft(client, "add", rule=keys).content.decode())) == MOST_RULES
    full = draft(client, "tag:0", **{"r0-tag": [str(number) for number in range(20)]}).content.decode()
    assert len(re.findall(r'name="r0-tag"', full)) == 6


def test_the_largest_page_is_below_what_a_request_may_hold(cast: Cast, sign_in: Any) -> None:
    data: dict[str, Any] = {"rule": [str(key) for key in range(MOST_RULES)], "event": [str(no) for no in range(60)]}
    for key in range(MOST_RULES):
        data |= {f"r{key}{name[2:]}": value for name, value in typed().items() if re.match("r0[-]", name)}
        data |= {f"r{key}-index": "x", f"r{key}-open": "1", f"r{key}-tag": [str(tag) for tag in range(6)]}
        tags = {name[4:]: value for name, value in typed().items() if name.startswith("r0t0")}
        data |= {f"r{key}t{tag}{name}": value for tag in range(6) for name, value in tags.items()}
    for no in range(60):
        data |= {f"e{no}-{name}": "1" for name in ("at_s", "kind", "user", "text", "number", "value", "raw")}
    answer = draft(sign_in(cast.pia), "run", **data)
    assert answer.status_code == 200
    assert len(rows(answer.content.decode())) == 60


def test_a_rule_is_read_again_as_it_is_typed(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.pia)
    whole = draft(client, "read:0", **{"r0-often": "once"}).content.decode()
    assert says(whole) == [
        "When a comment matches 多少钱|价格, once in the whole livestream, the host says one of 3 texts."
    ]
    assert says(draft(client, "read:0", **{"r0-texts": ""}).content.decode()) == ["Write at least one reply."]
    assert draft(client, "read:7").status_code == 204


def test_without_a_script_the_whole_page_comes_back(cast: Cast, sign_in: Any) -> None:
    made = make.rule_set(cast.alpha, cast.pia, name="Evening")
    client = sign_in(cast.pia)
    page = draft(client, "run", is_htmx=False, rule_set=made.pk).content.decode()
    assert "<h1" in page
    assert reverse("rooms:rule_set", args=["alpha", made.pk]) in page
    assert "“one”" in page
    foreign = make.rule_set(cast.omega, cast.zoe)
    assert draft(client, "add", is_htmx=False, rule_set=foreign.pk).status_code == 404


# ------------------------------------------------------------------------------------------------------------- test box


def rows(page: str) -> list[str]:
    """Each event and its decision, as text."""
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", page.split("<tbody>")[-1], re.DOTALL)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", one)).split()) for one in found]


SHOW = {
    "event": ["0", "1", "2", "3"],
    "e1-at_s": "12",
    "e1-kind": "1",
    "e1-user": "Bo",
    "e1-text": "价格呢",
    "e2-at_s": "1",
    "e2-kind": "2",
    "e2-user": "Mei",
    "e3-at_s": "40",
    "e3-kind": "1",
    "e3-user": "Mei",
    "e3-text": "好看",
}


def test_the_box_says_what_is_answered_and_why_not_in_the_order_of_time(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.vic)
    page = draft(client, "run", **SHOW).content.decode()
    assert rows(page) == [
        "1 Mei joins no answer · no rule is about this kind of event",
        "3 Anna writes 多少钱？ “one” Price · the text matches 多少钱|价格, found “多少钱？”",
        "12 Bo writes 价格呢 no answer · Price · would answer, but is quiet until second 33",
        "40 Mei writes 好看 no answer · Price · not: the text matches 多少钱|价格, found “好看”",
    ]
    assert page == draft(client, "run", **SHOW).content.decode()
    assert "Seed 7" in page


def test_every_rule_that_was_asked_has_its_reason(cast: Cast, sign_in: Any) -> None:
    """Of two comment rules the first by priority answers, then the other; a third is switched off."""
    third = {key.replace("r5", "r9", 1): value for key, value in two_rules().items() if key.startswith("r5")}
    rules = {**two_rules(), **third, "rule": ["0", "5", "9"], "r5-priority": "1", "r9-name": "Off", "r9-enabled": ""}
    del rules["r9-enabled"]
    page = draft(sign_in(cast.pia), "run", **rules, **SHOW).content.decode()
    assert rows(page)[1:] == [
        "3 Anna writes 多少钱？ “one” Second · the text matches 多少钱|价格, found “多少钱？” "
        "Why 2 other rules did not Price · lost to Second: priority 1 goes before 500 Off · switched off",
        "12 Bo writes 价格呢 “one” Price · the text matches 多少钱|价格, found “价格呢” Why 2 other rules did not "
        "Second · would answer, but is quiet until second 33 Off · switched off",
        "40 Mei writes 好看 no answer · no condition holds Why 3 rules did not "
        "Price · not: the text matches 多少钱|价格, found “好看” "
        "Second · not: the text matches 多少钱|价格, found “好看” Off · switched off",
    ]


def test_the_box_tries_what_is_not_saved_and_names_what_it_cannot_read(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.pia)
    changed = draft(client, "run", **{"r0t0-value": "nothing", "name": ""}).content.decode()
    assert "no answer</span> · <b>Price</b> · not: the text matches nothing" in changed
    refused = html.unescape(draft(client, "run", **{"r0-texts": "", "e0-at_s": "soon"}).content.decode())
    assert "Rule 1, The host says: Write at least one reply." in refused
    assert "Event 1, At second: Enter a number." in refused
    assert "<table" not in refused


def test_hostile_texts_are_only_text(cast: Cast, sign_in: Any) -> None:
    page = draft(sign_in(cast.pia), "run", **{"e0-text": "<script>x</script>价格"}).content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_events_are_added_and_removed(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.pia)
    added = draft(client, "event", **SHOW).content.decode()
    assert re.findall(r'name="event" value="(\d+)"', added) == ["0", "1", "2", "3", "4"]
    assert 'name="e4-at_s" value="45"' in added
    removed = draft(client, "unevent:1", **SHOW).content.decode()
    assert re.findall(r'name="event" value="(\d+)"', removed) == ["0", "2", "3"]
    assert len(re.findall('name="event"', draft(client, "example").content.decode())) == 9


@pytest.fixture
def aired(cast: Cast) -> Job:
    return make.on_air(make.room(make.account(cast.alpha), code="K7Q"), cast.oki)


def test_the_last_events_of_a_room_can_be_tried(cast: Cast, sign_in: Any, aired: Job) -> None:
    for number in range(60):
        make.comment(aired, f"comment {number}")
    page = draft(sign_in(cast.pia), "latest", room="K7Q").content.decode()
    texts = re.findall(r'-text" value="([^"]*)"', page)
    assert texts == [f"comment {number}" for number in range(10, 60)]
    assert "K7Q" in page


def test_what_has_no_column_is_tried_as_it_was_reported(cast: Cast, sign_in: Any, aired: Job) -> None:
    raw = json.dumps({"user": {"name": "Anna", "level": 30}, "content": "hi"})
    make.comment(aired, "hi", user="Anna", raw=raw)
    client = sign_in(cast.pia)
    page = draft(client, "latest", room="K7Q").content.decode()
    found = re.search(r'name="e0-raw" value="([^"]*)"', page)
    assert found is not None
    level = {"r0t0-field": "level", "r0t0-match": "MATH_GE", "r0t0-value": "30"}
    tried = draft(client, "run", **level, **{"e0-raw": html.unescape(found[1])}).content.decode()
    assert "“one”" in tried
    assert "“one”" not in draft(client, "run", **level).content.decode()


def test_a_room_without_an_audience_or_of_another_team_gives_no_events(cast: Cast, sign_in: Any) -> None:
    make.room(make.account(cast.alpha), code="P9X")
    make.on_air(make.room(make.account(cast.omega), code="ZZZ"), cast.zoe)
    client = sign_in(cast.pia)
    refused = draft(client, "latest", room="P9X")
    assert (refused.status_code, refused.content.decode()) == (422, "P9X has no recorded audience yet.")
    assert draft(client, "latest", room="ZZZ").status_code == 404


# --------------------------------------------------------------------------------------------------------------- delete


def test_a_deletion_asks_for_the_name_and_a_reason(cast: Cast, sign_in: Any) -> None:
    made = make.rule_set(cast.alpha, cast.pia, name="Evening")
    make.room(make.account(cast.alpha, METASTUDIO), code="M2D", rules=made)
    client = sign_in(cast.pia)
    page = client.get(reverse("rooms:rule_set", args=["alpha", made.pk])).content.decode()
    address = re.search(r'hx-post="([^"]*/delete[^"]*)"', page)
    assert address is not None
    for data, status in (
        ({"word": "Morning", "reason": "x"}, 409),
        ({"word": "Evening", "reason": " "}, 422),
    ):
        assert client.post(address[1], data).status_code == status
        assert RuleSet.objects.count() == 1
    answer = client.post(address[1], {"word": "evening", "reason": "Over."}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, reverse("rooms:rule_sets", args=["alpha"]))
    assert RuleSet.objects.count() == 0
