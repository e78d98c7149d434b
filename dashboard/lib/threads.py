"""Database work of asynchronous code: in a thread of its own pool, so that it never queues behind page views."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connections

from dashboard.lib.turns import first_in_line

P = ParamSpec("P")
R = TypeVar("R")

#: SQLite has one writer and PostgreSQL's pool is small: more threads would only wait for each other.
_pool = ThreadPoolExecutor(max_workers=6, thread_name_prefix="database")
#: All of those may wait for the writer at once: what a panic needs has threads of its own.
_at_once = ThreadPoolExecutor(max_workers=2, thread_name_prefix="at-once")


async def in_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run `work` in a database thread, with the caller's context variables; its errors come back."""
    return await _in(_pool, partial(work, *args, **kwargs))


async def in_thread_at_once(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The same for the few steps of a stop or a silence: they never queue behind what only waits for the database."""
    with first_in_line():
        return await _in(_at_once, partial(work, *args, **kwargs))


async def _in(pool: ThreadPoolExecutor, work: Callable[[], R]) -> R:
    call = partial(contextvars.copy_context().run, _with_fresh_connection, work)
    return await asyncio.get_running_loop().run_in_executor(pool, call)


def _with_fresh_connection(work: Callable[[], R]) -> R:
    keep_connection()
    return work()


def keep_connection() -> None:
    """For a thread that lives as long as the process: its connection stays open unless it broke."""
    for connection in connections.all(initialized_only=True):
        connection.close_at = None
    close_old_connections()
