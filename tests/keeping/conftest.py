"""What tests of keeping share."""

from __future__ import annotations

import pytest

from tests.keeping.place import Place


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Made once; tests work on copies of it."""
    made = Place(tmp_path_factory.mktemp("migrated"))
    done = made.manage("migrate", "-v", "0")
    assert done.returncode == 0, done.stderr
    with made.connect() as database:
        database.execute("PRAGMA journal_mode=DELETE")
    return made
