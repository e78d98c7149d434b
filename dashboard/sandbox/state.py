"""The world on disk: one JSON file, written whole and swapped in, so that a cut never leaves half a world."""

from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

VERSION = 1


class StateFile:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / "state.json"
        self._turn = threading.Lock()
        self._newest = 0

    def load(self) -> dict[str, Any] | None:
        """The saved world; None when there is none, or none that can be read (then it is moved aside)."""
        try:
            saved = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            logger.warning("state file cannot be read; starting fresh path=%s", self.path)
            self.move_aside()
            return None
        if not isinstance(saved, dict) or saved.get("version") != VERSION:
            logger.warning("state file is of another version; starting fresh path=%s", self.path)
            self.move_aside()
            return None
        return saved

    def move_aside(self) -> None:
        number = 1
        while (aside := self._folder / f"state.broken-{number}.json").exists():
            number += 1
        try:
            self.path.rename(aside)
        except OSError:
            logger.warning("state file cannot be moved aside path=%s", self.path)

    def save(self, world: dict[str, Any], number: int = 0) -> None:
        """Snapshots are numbered, since a thread may come late with an older one."""
        text = json.dumps({"version": VERSION, **world}, ensure_ascii=False, separators=(",", ":"))
        with self._turn:
            if number < self._newest:
                return
            self._newest = number
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = self.path.with_suffix(".new")
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            draft.replace(self.path)
