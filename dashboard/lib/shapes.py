"""JSON and plain objects read into types. Only here: whoever asks msgspec itself for a type may crash it.

Of a type that it meets first, msgspec fills what it knows in steps, between which another thread may have its turn; and
one that reads the same type then reads what is not there yet (0.22: a segmentation fault). Two callbacks that came as
soon as a console had started ended it so. Here a type is learnt by one thread at a time, and used when it is known.
"""

from __future__ import annotations

import threading
from types import UnionType
from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")

#: What text raises that is not JSON, not UTF-8, nested too deep, or does not fit.
UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)

_learning = threading.Lock()
_known: dict[tuple[object, bool], msgspec.json.Decoder[Any]] = {}


@overload
def decode(raw: bytes | str | msgspec.Raw, shape: type[T], *, strict: bool = True) -> T: ...
@overload
def decode(raw: bytes | str | msgspec.Raw, shape: UnionType, *, strict: bool = True) -> Any: ...
def decode(raw: bytes | str | msgspec.Raw, shape: Any, *, strict: bool = True) -> Any:
    """JSON text as `shape`; not `strict` takes "5" for 5. Raises `UNREADABLE`."""
    return _decoder(shape, strict).decode(raw)


def convert(value: object, shape: type[T]) -> T:
    """What JSON was read to, as `shape`. Raises `msgspec.ValidationError`."""
    _decoder(shape, strict=True)
    return msgspec.convert(value, shape)


def _decoder(shape: object, strict: bool) -> msgspec.json.Decoder[Any]:
    if (known := _known.get((shape, strict))) is not None:
        return known
    with _learning:  # of two that come here, the second learns what is known: that is quick, and harms nobody
        made = _known[shape, strict] = msgspec.json.Decoder(shape, strict=strict)
        return made
