"""The Chinese catalogue: every text of the sources collected into django.po, and compiled into django.mo.

`make messages` after a text changed: new texts arrive with an empty msgstr and their number is told, texts that nobody
uses any more leave. Pure Python (Babel, and Django's own reader of templates), so GNU gettext is not needed, and the
same sources give the same bytes on every machine: no dates, no line numbers, no paths of anybody's disk.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
PO = ROOT / "dashboard" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")

HEAD = """\
# The console in Simplified Chinese, written for operators: verbs lead, nobody is addressed as "nin", full-width
# punctuation in prose, half-width digits and Latin with a space around them, labels of two to six characters.
# One word per thing: room 直播间, its code 编号, job 直播任务, takeover 接管, words said by a person 插话, script 话术,
# queue 队列, vendor 厂商, host 主播, comment 弹幕, relay 中继. `make messages` keeps the rest of this file in step.
msgid ""
msgstr ""
"Project-Id-Version: Talkback\\n"
"Language: zh_Hans\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
_LAZY = {f"{name}_lazy": spec for name, spec in DEFAULT_KEYWORDS.items()}
_TEMPLATE_TAGS = ("gettext", "ngettext", "pgettext", "npgettext", "_")

#: What names a message: its context ("" for none), its msgid, and its plural ("" for none).
Key = tuple[str, str, str]
#: Sentences of Django that our forms show and its own Chinese lacks. Our catalogue is asked first.
OF_DJANGO: dict[Key, str] = {
    (
        "",
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ): "django/contrib/auth/password_validation.py",
}


@dataclass(frozen=True, slots=True)
class Text:
    """One text of the sources and the files it stands in."""

    key: Key
    files: tuple[str, ...]


def sources(root: Path = ROOT) -> list[Path]:
    """Every file that may hold texts, in the order in which the catalogue lists them."""
    modules = [path for path in (root / "dashboard").rglob("*.py") if "migrations" not in path.parts]
    return [*sorted((root / "templates").rglob("*.html")), *sorted(modules)]


def texts_of(name: str, content: str) -> Iterator[Key]:
    """The texts of one file, in its order."""
    keywords = {**DEFAULT_KEYWORDS, **_LAZY}
    if name.endswith(".html"):
        # One call on each line, in a text of blanks that is no Python: lines stand alone, so indentation is no matter.
        content = "\n".join(line.strip() for line in templatize(content, origin=name).splitlines())
        keywords = {tag: DEFAULT_KEYWORDS[tag] for tag in _TEMPLATE_TAGS}
    for _, found, _, context in extract(
        "python", io.BytesIO(content.encode()), keywords, options={"encoding": "utf-8"}
    ):
        singular, plural = found if isinstance(found, tuple) else (found, "")
        yield context or "", singular, plural


def collect(root: Path = ROOT) -> list[Text]:
    """Every text of the sources once, where it stands first."""
    found: dict[Key, list[str]] = {}
    for path in sources(root):
        name = path.relative_to(root).as_posix()
        for key in texts_of(name, path.read_text(encoding="utf-8")):
            files = found.setdefault(key, [])
            if name not in files:
                files.append(name)
    return [Text(key, tuple(files)) for key, files in found.items()] + [
        Text(key, (at,)) for key, at in OF_DJANGO.items()
    ]


def key_of(message: Message) -> Key:
    singular, plural = message.id if isinstance(message.id, tuple) else (message.id, "")
    return message.context or "", singular, plural


def read(content: str) -> dict[Key, Message]:
    """The catalogue's messages by what names them, without its head."""
    return {key_of(message): message for message in read_po(io.StringIO(content), locale="zh_Hans") if message.id}


def updated(content: str, texts: list[Text]) -> str:
    """The catalogue with exactly `texts`: known translations kept, new ones empty, unused ones gone."""
    known = read(content)
    catalog = Catalog(locale="zh_Hans")
    for text in texts:
        context, singular, plural = text.key
        before = known.get(text.key)
        catalog.add(
            (singular, plural) if plural else singular,
            before.string if before else None,
            locations=[(file, 0) for file in text.files],
            user_comments=before.user_comments if before else (),
            context=context or None,
        )
    body = io.BytesIO()
    write_po(body, catalog, width=0, omit_header=True, include_lineno=False)
    return HEAD + body.getvalue().decode()


def compiled(content: str) -> bytes:
    """The catalogue as Django loads it; its head holds no date, so the same texts give the same bytes."""
    catalog = read_po(io.StringIO(content), locale="zh_Hans")
    fixed = _Fixed(locale="zh_Hans")
    for message in catalog:
        if message.id:
            fixed[message.id] = message
    out = io.BytesIO()
    write_mo(out, fixed)
    return out.getvalue()


class _Fixed(Catalog):
    """A catalogue whose head does not tell when it was made."""

    mime_headers = [  # type: ignore[assignment]
        ("Language", "zh_Hans"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Plural-Forms", "nplurals=1; plural=0;"),
    ]


def untranslated(content: str) -> list[Key]:
    return [key for key, message in read(content).items() if not all(strings(message)) or message.fuzzy]


def strings(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, list | tuple) else (message.string or "",)


def main() -> int:
    content = updated(PO.read_text(encoding="utf-8") if PO.exists() else HEAD, collect())
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_text(content, encoding="utf-8")
    MO.write_bytes(compiled(content))
    missing = untranslated(content)
    for context, singular, _ in missing:
        print(f"no Chinese yet: {singular!r}{f' ({context})' if context else ''}")
    print(f"{PO.relative_to(ROOT)}: {len(read(content))} texts, {len(missing)} without Chinese")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
