"""The Chinese catalogue: complete against the sources, compiled as it stands, and written by its own rules."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import django
import pytest

from tests.architecture import messages
from tests.architecture.messages import MO, PO, ROOT

CONTENT = PO.read_text(encoding="utf-8")
CATALOGUE = messages.read(CONTENT)
TEXTS = {key: chinese for key, message in CATALOGUE.items() for chinese in messages.strings(message)}
#: Python files that hold their sentences as pairs (English, Chinese) instead of by the catalogue.
PAIRS = (
    "dashboard/vendors/metastudio/errors.py",
    "dashboard/live/relay/outcomes/shared.py",
    "dashboard/live/relay/outcomes/starts.py",
    "dashboard/live/relay/told.py",
    "dashboard/live/relay/tokens.py",
    "dashboard/takeover/ends.py",
    "dashboard/takeover/untold.py",
)

_HAN = "一-鿿"
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-+#0-9.]*[dfs]|\{\w+\}")
_RULES = {
    "full-width digits or letters": re.compile(r"[０-９Ａ-Ｚａ-ｚ]"),
    "the polite you": re.compile("您"),
    "a half-width mark behind a Chinese word": re.compile(rf"[{_HAN}][,;:!?(]|[{_HAN}]\.(?!\.)"),
    "three dots for an ellipsis": re.compile(r"\.\.\."),
    "an exclamation mark": re.compile("[!！]"),
    "no space between Chinese and Latin": re.compile(rf"[{_HAN}][A-Za-z0-9]|[A-Za-z0-9][{_HAN}]"),
    "a space beside a full-width mark": re.compile("[，。；：？、（）] | [，。；：？、（）]"),
    "a word that ours replaces": re.compile("脚本|频道|已成功|成功地"),
}


def broken_rules(chinese: str) -> list[str]:
    words = re.sub(r"</?\w+>", "", _PLACEHOLDER.sub("〇", chinese))
    return [rule for rule, pattern in _RULES.items() if pattern.search(words)]


def pair_strings(path: Path) -> Iterator[str]:
    """Every Chinese string of a module; of an f-string each piece by itself."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(f"[{_HAN}]", node.value):
            yield node.value


def test_catalogue_holds_exactly_the_texts_of_the_sources() -> None:
    texts = {text.key for text in messages.collect()}
    missing, unused = sorted(texts - set(CATALOGUE)), sorted(set(CATALOGUE) - texts)
    assert (missing, unused) == ([], []), "run `make messages`, then write the Chinese of what is new"


def test_texts_are_marked_by_names_that_the_catalogue_looks_for() -> None:
    """`gettext as _now` marks nothing: its texts would stay English and no other test would tell."""
    alias = re.compile(r"^from django\.utils\.translation import \w+ as (?!_$).*$", re.MULTILINE)
    modules = [path for path in messages.sources() if path.suffix == ".py"]
    found = [(path.name, line) for path in modules for line in alias.findall(path.read_text(encoding="utf-8"))]
    assert found == []


def test_every_text_has_its_chinese() -> None:
    assert messages.untranslated(CONTENT) == []


def test_compiled_catalogue_is_of_these_texts() -> None:
    assert MO.read_bytes() == messages.compiled(CONTENT), "run `make messages`"


def test_collecting_twice_changes_nothing() -> None:
    once = messages.updated(CONTENT, messages.collect())
    assert messages.updated(once, messages.collect()) == once


def test_head_of_the_catalogue_tells_no_date_and_no_machine() -> None:
    assert CONTENT.startswith(messages.HEAD)
    assert re.findall(r"Creation-Date|Revision-Date|/(?:home|Users|var)/|\.(?:html|py):\d", CONTENT) == []


def test_placeholders_of_both_languages_agree() -> None:
    def placeholders(text: str) -> list[str]:
        return sorted(_PLACEHOLDER.findall(text))

    wrong = [key for key, chinese in TEXTS.items() if placeholders(chinese) != placeholders(key[2] or key[1])]
    assert wrong == []


@pytest.mark.parametrize("rule", _RULES)
def test_chinese_of_the_catalogue_keeps_the_rule(rule: str) -> None:
    assert [chinese for chinese in TEXTS.values() if rule in broken_rules(chinese)] == []


@pytest.mark.parametrize("path", PAIRS)
def test_chinese_in_modules_keeps_the_rules(path: str) -> None:
    found = list(pair_strings(ROOT / path))
    assert found != []
    assert [(text, broken) for text in found if (broken := broken_rules(text))] == []


@pytest.mark.parametrize("vendor", ["metastudio", "softsugar"])
def test_chinese_of_the_vendors_codes_keeps_the_rules(vendor: str) -> None:
    groups = json.loads((ROOT / f"dashboard/vendors/{vendor}/data/words.json").read_text(encoding="utf-8"))
    found = [text for group in groups.values() for entry in group.values() for text in entry["zh"]]
    assert len(found) > 50
    assert [(text, broken) for text in found if (broken := broken_rules(text))] == []


def test_list_of_modules_with_pairs_is_whole() -> None:
    """Another module with Chinese sentences belongs on the list, or is known to hold data or the vendor's own words."""
    data = ("dashboard/sandbox/", "dashboard/vendors/contract/", "dashboard/live/demo/")
    data += ("dashboard/audience/likeness.py", "dashboard/vendors/softsugar/callbacks.py")
    data += ("dashboard/vendors/softsugar/gateway.py", "dashboard/rehearsal/scenarios.py")
    data += ("dashboard/library/lint.py", "dashboard/library/phrases.py")
    modules = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "dashboard").rglob("*.py")}
    found = {name for name, path in modules.items() if any(pair_strings(path))}
    assert {name for name in found if not name.startswith(data)} == set(PAIRS)


@pytest.mark.parametrize(
    ("chinese", "rule"),
    [
        ("共３条", "full-width digits or letters"),
        ("请您稍候", "the polite you"),
        ("未发送,请重试", "a half-width mark behind a Chinese word"),
        ("未发送.", "a half-width mark behind a Chinese word"),
        ("未发送(原因)", "a half-width mark behind a Chinese word"),
        ("发送中...", "three dots for an ellipsis"),
        ("已开播！", "an exclamation mark"),
        ("共3条", "no space between Chinese and Latin"),
        ("未发送。 请重试", "a space beside a full-width mark"),
        ("修改脚本", "a word that ours replaces"),
    ],
)
def test_a_broken_rule_is_found(chinese: str, rule: str) -> None:
    assert rule in broken_rules(chinese)


def test_template_texts_are_read_in_every_spelling() -> None:
    template = """
      {% load i18n %}{# {% translate "not this" %} #}{% comment %}{% translate "nor this" %}{% endcomment %}
    {% translate "One" %}{% translate 'Two' context "place" as x %} <b title="{% translate 'Three' %}">{{ x }}</b>
        {% blocktranslate trimmed count n=rows|length %}
          {{ n }} row
        {% plural %}{{ n }} rows{% endblocktranslate %}
    {% blocktranslate trimmed with code=a.b context "stop" %}Stop {{ code }}{% endblocktranslate %}{{ _("Four") }}
    """
    assert list(messages.texts_of("a.html", template)) == [
        ("", "One", ""),
        ("place", "Two", ""),
        ("", "Three", ""),
        ("", "%(n)s row", "%(n)s rows"),
        ("stop", "Stop %(code)s", ""),
        ("", "Four", ""),
    ]


def test_python_texts_are_read_in_every_spelling() -> None:
    module = """
_("One")
gettext_lazy("Two " "and a half")
pgettext_lazy("place", "Three")
ngettext("%(n)d row", "%(n)d rows", n)
{"a": lambda: _("Four")}
"""
    assert list(messages.texts_of("a.py", module)) == [
        ("", "One", ""),
        ("", "Two and a half", ""),
        ("place", "Three", ""),
        ("", "%(n)d row", "%(n)d rows"),
        ("", "Four", ""),
    ]


def test_sentences_taken_over_from_django_are_djangos_own() -> None:
    for (_, singular, plural), at in messages.OF_DJANGO.items():
        module = Path(django.__file__).parent.parent / at
        assert [text for text in (singular, plural) if text not in module.read_text(encoding="utf-8")] == []


def test_new_texts_arrive_empty_and_unused_ones_leave() -> None:
    kept, new = messages.Text(("", "Kept", ""), ("a.py",)), messages.Text(("air", "New", ""), ("a.py",))
    before = messages.HEAD + 'msgid "Kept"\nmsgstr "保留"\n\nmsgid "Gone"\nmsgstr "走了"\n'
    after = messages.updated(before, [kept, new])
    assert {key: message.string for key, message in messages.read(after).items()} == {kept.key: "保留", new.key: ""}
    assert messages.untranslated(after) == [new.key]


# ---------------------------------------------------------------------------------------------------------- the browser

_COMMENTS = re.compile(r"/\*.*?\*/|^\s*//.*?$|\s//\s.*?$", re.DOTALL | re.MULTILINE)
_STRINGS = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`")
#: Words with nothing but a space between them; selectors have marks, and their names begin small.
_SENTENCE = re.compile(r"\b[A-Z][a-z]+ [a-z]+\b|\b[a-z]{2,}(?: [a-z]{2,}){2,}\b")


def sentences(script: str) -> list[str]:
    texts = (next(filter(None, found), "") for found in _STRINGS.findall(_COMMENTS.sub("", script)))
    return [text for text in texts if _SENTENCE.search(text) and not re.search(r"[.#\[]\w|=>", text)]


def test_scripts_hold_no_words_of_their_own() -> None:
    """They fill the blanks of what the server wrote into data-… attributes."""
    scripts = sorted((ROOT / "static" / "js").rglob("*.js"))
    assert {path.name: found for path in scripts if (found := sentences(path.read_text(encoding="utf-8")))} == {}


def test_a_sentence_in_a_script_is_found() -> None:
    assert sentences('say(box, "Not sent. Try again"); // "a remark here"\nfind("main [data-key], .dock b");') == [
        "Not sent. Try again"
    ]
