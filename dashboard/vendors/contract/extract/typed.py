"""Writes the contract as Python types, so that mypy knows each call, each key and each word of the vendors.

Only what may be sent is in them: other spellings of keys and values are for reading and are left out.
"""

from __future__ import annotations

import dataclasses
import json
import keyword
import re
from collections.abc import Iterator, Sequence

from dashboard.vendors.contract.catalogue import Contract
from dashboard.vendors.contract.model import Endpoint, Field, Source

WIDTH = 120
PLAIN = {
    "string": "str",
    "integer": "int",
    "long": "int",
    "float": "float",
    "boolean": "bool",
    "object": "dict[str, object]",
    "any": "object",
}
Words = tuple[str | int, ...]
#: The name of a list of words, by table and key.
Aliases = dict[tuple[str, str], str]
Part = tuple[str, Sequence[Field], Source]


def module(book: Contract) -> str:
    """The source of one vendor's module, laid out as ruff lays it out."""
    aliases, literals = _words(book)
    words = "\n".join(f"{name} = {_literal(name, values)}" for name, values in literals.items())
    tables = [_table(name, fields, source, aliases) for name, fields, source in (*_ordered(book), *_messages(book))]
    calls = [part for one in (*book.endpoints, *book.sockets) for part in _call(book, one, aliases)]
    base = f'class Call(Request, frozen=True):\n    """Any call of {book.vendor}."""'
    return "\n\n\n".join([f"{_head(book)}\n{words}", base, *tables, *calls]) + "\n"


def _head(book: Contract) -> str:
    return f'''"""The contract of {book.vendor} as types: written by `make contract` from the data, never by hand.

Keys and words are those on the wire. `…Query` and `…Body` are what a call takes, `…Answer` is what it gives.
"""

from typing import ClassVar, Literal, NotRequired, TypedDict

from dashboard.vendors.contract.request import Request
'''


def class_name(name: str) -> str:
    """CamelCase of an endpoint, a key or a word; most tables are printed in it already."""
    parts = re.split("[_-]", name)
    if len(parts) > 1 and name.isupper():
        parts = [part.lower() for part in parts]
    return "".join(part[:1].upper() + part[1:] for part in parts)


# -------------------------------------------------------------------------------------------------------------- words


def _words(book: Contract) -> tuple[Aliases, dict[str, Words]]:
    """A name for each list of words: that of a vocabulary, else the key's where it has one list everywhere, else the
    key's with the first table that has the list before it."""
    lists: dict[str, dict[Words, list[str]]] = {}
    for owner, fields, _ in _parts(book):
        for row in fields:
            if len(row.enum) > 1 and not row.separator:
                lists.setdefault(row.name, {}).setdefault(row.enum, []).append(owner)
    literals = {class_name(name).removesuffix("s"): _vocabulary(book, name) for name in book.vocabularies}
    known = {words: name for name, words in literals.items()}
    aliases: Aliases = {}
    for key, found in lists.items():
        for words, owners in found.items():
            own = class_name(key) if len(found) == 1 else owners[0] + class_name(key)
            alias = known.get(words, own)
            if literals.setdefault(alias, words) != words:
                raise ValueError(f"{alias} would be two lists of words")
            aliases.update({(owner, key): alias for owner in owners})
    literals["EndpointId"] = tuple(one.id for one in (*book.endpoints, *book.sockets))
    if book.status_codes:
        literals["StatusCode"] = tuple(one.code for one in book.status_codes)
    for direction in sorted({one.direction for one in book.frames}):
        literals[f"{direction.title()}Code"] = tuple(one.code for one in book.frames if one.direction == direction)
    return aliases, dict(sorted(literals.items()))


def _vocabulary(book: Contract, name: str) -> Words:
    return tuple(int(term.value) if term.value.isdigit() else term.value for term in book.vocabulary(name))


def _literal(name: str, words: Words) -> str:
    shown = [json.dumps(word, ensure_ascii=False) for word in words]
    line = f"Literal[{', '.join(shown)}]"
    if len(f"{name} = {line}") <= WIDTH:
        return line
    return "Literal[\n" + "".join(f"    {word},\n" for word in shown) + "]"


# ------------------------------------------------------------------------------------------------------------- tables


def _parts(book: Contract) -> Iterator[Part]:
    """Everything that becomes a table of keys, by the name of its type."""
    for name, table in book.objects.items():
        yield class_name(name), table.fields, table.source
    yield from _messages(book)
    for one in (*book.endpoints, *book.sockets):
        yield f"{class_name(one.id)}Query", one.query, one.source
        yield f"{class_name(one.id)}Body", one.body, one.source
        yield f"{class_name(one.id)}Answer", one.responses.get(one.success, ()), one.source


def _messages(book: Contract) -> Iterator[Part]:
    for frame in book.frames:
        yield f"{frame.direction.title()}{class_name(frame.name)}Frame", frame.fields, frame.source
    for callback in book.callbacks:
        name = class_name(callback.id)
        yield name if name.endswith("Callback") else f"{name}Callback", callback.fields, callback.source


def _ordered(book: Contract) -> Iterator[Part]:
    """The object tables, each after those that it names."""
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> Iterator[Part]:
        if name in above:
            raise ValueError(f"{' in '.join((name, *reversed(above)))}: a table within itself")
        if name in done:
            return
        table = book.object(name)
        for row in table.fields:
            for inner in filter(None, (row.ref, *(one for _, one in row.refs))):
                yield from visit(inner, (*above, name))
        done.add(name)
        yield class_name(name), table.fields, table.source

    for name in sorted(book.objects):
        yield from visit(name, ())


def _table(name: str, fields: Sequence[Field], source: Source, aliases: Aliases) -> str:
    rows = {row.name: _row(name, row, aliases) for row in fields}
    if all(key.isidentifier() and not keyword.iskeyword(key) for key in rows):
        body = "".join(f"\n    {key}: {kind}" for key, kind in rows.items())
        return f'class {name}(TypedDict):\n    """{source}"""\n{body}'
    body = "".join(f"        {json.dumps(key)}: {kind},\n" for key, kind in rows.items())
    return f'{name} = TypedDict(\n    "{name}",\n    {{\n{body}    }},\n)'


def _row(owner: str, row: Field, aliases: Aliases) -> str:
    kind = _kind(owner, row, aliases)
    return kind if row.mandatory else f"NotRequired[{kind}]"


def _kind(owner: str, row: Field, aliases: Aliases) -> str:
    if row.type == "array":
        return f"list[{_scalar(owner, row, row.items or 'any', aliases)}]"
    return _scalar(owner, row, row.type, aliases)


def _scalar(owner: str, row: Field, kind: str, aliases: Aliases) -> str:
    if row.enum and not row.separator:
        return aliases.get((owner, row.name)) or _literal("", row.enum)
    if kind == "object" and row.ref:
        return class_name(row.ref)
    return PLAIN[kind]


# -------------------------------------------------------------------------------------------------------------- calls


def _call(book: Contract, one: Endpoint, aliases: Aliases) -> Iterator[str]:
    """Query, body and answer of a call, and the call itself."""
    name = class_name(one.id)
    if one.query:
        yield _table(f"{name}Query", one.query, one.source, aliases)
    if one.body:
        yield from _bodies(book, one, aliases)
    if answer := one.responses.get(one.success):
        yield _table(f"{name}Answer", answer, one.source, aliases)
    if one.method != "WEBSOCKET":
        yield _request(one, name)


def _bodies(book: Contract, one: Endpoint, aliases: Aliases) -> Iterator[str]:
    """One body; where a key's table depends on a neighbour's word, one for each of the words, and their union."""
    name = f"{class_name(one.id)}Body"
    turning = next((row for row in one.body if row.ref_from), None)
    if turning is None or turning.ref_from is None:
        yield _table(name, one.body, one.source, aliases)
        return
    words, tables = one.body_field(turning.ref_from).enum, dict(turning.refs)
    for word in words:
        rows = (_turned(book, row, turning, str(word), tables) for row in one.body)
        yield _table(f"{class_name(str(word))}Body", tuple(rows), one.source, aliases)
    union = "".join(f"    | {class_name(str(word))}Body\n" for word in words).replace("    | ", "    ", 1)
    yield f"{name} = (\n{union})"


def _turned(book: Contract, row: Field, turning: Field, word: str, tables: dict[str, str]) -> Field:
    changes: dict[str, object] = {}
    if row.name == turning.ref_from:
        changes = {"enum": (word,)}
    elif row is turning:
        table = tables.get(word)
        is_needed = bool(table) and any(inner.mandatory for inner in book.object(str(table)).fields)
        changes = {"ref": table, "mandatory": is_needed}
    return dataclasses.replace(row, **changes)  # type: ignore[arg-type]


def _request(one: Endpoint, name: str) -> str:
    rows = [f'endpoint: ClassVar[Literal["{one.id}"]] = "{one.id}"']
    rows += [f"{row.name}: str" for row in one.path_params if row.name != "project_id"]
    if one.body:
        rows.append(f"body: {name}Body")
    if one.query:
        is_needed = any(row.mandatory for row in one.query)
        # A key more or less is only told of the type itself, not of a union with None; each call gets its own {}.
        rows.append(f"query: {name}Query" + ("" if is_needed else " = {}"))
    body = "".join(f"\n    {row}" for row in rows)
    doc = f'"""{one.method} {one.path} ({one.source})"""'
    return f"class {name}(Call, frozen=True):\n    {doc}\n{body}"
