"""What templates may hold: no inline style or script (the page's policy refuses them), no link that leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template import engines
from django.template.base import FilterExpression, Node, NodeList, Template
from django.template.defaulttags import URLNode
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.templatetags.static import StaticNode
from django.urls import URLPattern, URLResolver, get_resolver

from tests.architecture.budgets import ROOT

FOLDER = ROOT / "templates"
NAMES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))

_COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}|<!--.*?-->", re.DOTALL)
_FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script without src": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "an on… attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b|\bhx-on[:-]", re.IGNORECASE),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "code in hx-vals or hx-headers": re.compile(
        r"""\bhx-(vals|headers)\s*=\s*["']\s*(js|javascript):""", re.IGNORECASE
    ),
    "autoescape off": re.compile(r"\{%\s*autoescape\s+off"),
}


#: What may be printed as it is: fragments that the server rendered (console/markup.py), and help texts of our forms.
_RENDERED = {"html", "bar", "now", "queue", "script", "history", "steered", "audience", "stop", "outlook", "head"}
_RENDERED |= {"rows", "tiles", "dock", "ghosts", "summary_html", "field.help_text"}
_SAFE = re.compile(r"\{\{\s*([^}|]+?)\s*\|[^}]*\bsafe\b")


def markup(name: str) -> str:
    return _COMMENT.sub("", (FOLDER / name).read_text(encoding="utf-8"))


def compiled(name: str) -> Template:
    return engines["django"].get_template(name).template


def nodes(tree: NodeList | Node) -> Iterator[Node]:
    """Every node of a template, also inside blocks, conditions and loops."""
    for node in tree:
        yield node
        for attribute in node.child_nodelists:
            yield from nodes(getattr(node, attribute, None) or NodeList())


def all_nodes(name: str) -> list[Node]:
    return list(nodes(compiled(name).nodelist))


def url_names(patterns: list[URLPattern | URLResolver], spaces: tuple[str, ...] = ()) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from url_names(pattern.url_patterns, (*spaces, pattern.namespace) if pattern.namespace else spaces)
        elif pattern.name:
            yield ":".join((*spaces, pattern.name))


def literal(expression: object) -> str | None:
    """The text of a quoted argument; None where the template computes it."""
    found = getattr(expression, "var", expression) if isinstance(expression, FilterExpression) else expression
    return str(found) if isinstance(found, str) else None


@pytest.mark.parametrize("what", _FORBIDDEN)
def test_no_template_holds(what: str) -> None:
    held = [name for name in NAMES if _FORBIDDEN[what].search(markup(name))]
    assert held == []


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ('<p class="a" style="color:red">', "a style attribute"),
        ("<style>", "a style element"),
        ("<script>", "a script without src"),
        ('<script type="module">', "a script without src"),
        ('<button\n onclick="x()">', "an on… attribute"),
        ('<button hx-on:click="x()">', "hx-on"),
        ('<a href="javascript:x()">', "a javascript address"),
        ("<p hx-vals='js:{a: 1}'>", "code in hx-vals or hx-headers"),
        ("{% autoescape off %}", "autoescape off"),
    ],
)
def test_the_search_finds_what_it_looks_for(bad: str, what: str) -> None:
    assert _FORBIDDEN[what].search(bad)


def test_only_rendered_fragments_are_printed_as_they_are() -> None:
    assert {variable for name in NAMES for variable in _SAFE.findall(markup(name))} <= _RENDERED


def test_a_script_with_a_source_is_allowed() -> None:
    assert not _FORBIDDEN["a script without src"].search('<script type="module" src="/static/js/main.js">')


@pytest.mark.parametrize("name", NAMES)
def test_template_compiles_and_names_only_urls_that_exist(name: str) -> None:
    known = set(url_names(get_resolver().url_patterns))
    named = [literal(node.view_name) for node in all_nodes(name) if isinstance(node, URLNode)]
    assert [url for url in named if url is not None and url not in known] == []


@pytest.mark.parametrize("name", NAMES)
def test_template_includes_and_extends_only_templates_that_exist(name: str) -> None:
    named = [literal(node.template) for node in all_nodes(name) if isinstance(node, IncludeNode)]
    named += [literal(node.parent_name) for node in all_nodes(name) if isinstance(node, ExtendsNode)]
    assert [other for other in named if other is not None and other not in NAMES] == []


@pytest.mark.parametrize("name", NAMES)
def test_template_names_only_static_files_that_exist(name: str) -> None:
    named = [literal(node.path) for node in all_nodes(name) if isinstance(node, StaticNode)]
    assert [path for path in named if path is not None and finders.find(path) is None] == []


def test_every_template_is_used() -> None:
    """By a view, by the hub, by Django itself, or by another template."""
    by_name = {"403.html", "403_csrf.html", "404.html", "500.html"}
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "dashboard").rglob("*.py")]
    texts += [markup(name) for name in NAMES]
    unused = [name for name in NAMES if name not in by_name and not any(f'"{name}"' in text for text in texts)]
    assert unused == []


def test_fragments_are_named_with_an_underscore_and_pages_extend_a_base() -> None:
    wrong = []
    for name in NAMES:
        extends = any(isinstance(node, ExtendsNode) for node in compiled(name).nodelist)
        if extends == Path(name).name.startswith("_"):
            wrong.append(name)
    assert [name for name in wrong if not name.startswith("_base/")] == []
