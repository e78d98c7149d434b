"""The prepared script of a job: paragraphs, the order of a round, repetition and chance (002:6083-6096)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

FOREVER = -1
NORMAL_SPEED = 100
# Of a listed script (002:14049-14063).
LONGEST_NAME, LONGEST_ID, MOST_LISTED, LARGEST_NUMBER = 256, 64, 100, 2**31 - 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    scene: str
    sequence_no: int
    title: str = ""
    text: str = ""
    audio_url: str = ""
    model_asset_id: str = ""
    speed: int = NORMAL_SPEED

    @property
    def key(self) -> tuple[str, int]:
        return self.scene, self.sequence_no


@dataclass
class Script:
    paragraphs: list[Paragraph] = field(default_factory=list)
    # 0 plays once, n plays n + 1 times, -1 until somebody stops it (002:6083).
    repeat_count: int = 0
    random_play_mode: str = "NONE"
    seed: str = ""
    round: int = 0
    order: list[Paragraph] = field(default_factory=list)
    place: int = 0
    # The order of this round is no longer what the paragraphs alone would give.
    is_rewritten: bool = False

    def __post_init__(self) -> None:
        if not self.order:
            self.order = self._arrange()

    @property
    def is_over(self) -> bool:
        """Everything was played; a job without a script is never over by itself."""
        return bool(self.order) and self.place >= len(self.order) and not self._repeats()

    def take(self) -> Paragraph | None:
        if self.place >= len(self.order) and self.order and self._repeats():
            self.round += 1
            self.order, self.place, self.is_rewritten = self._arrange(), 0, False
        if self.place >= len(self.order):
            return None
        self.place += 1
        return self.order[self.place - 1]

    def latest(self) -> Paragraph | None:
        """The paragraph that plays, or played last."""
        return self.order[self.place - 1] if self.place else None

    def rewrite(self, paragraphs: list[Paragraph]) -> None:
        """Replace what this round has not played yet (002:9624); what was played keeps its place."""
        played = self.order[: self.place]
        done = {paragraph.key for paragraph in played}
        self.paragraphs, self.is_rewritten = paragraphs, True
        self.order = played + [paragraph for paragraph in self._arrange() if paragraph.key not in done]

    def _repeats(self) -> bool:
        return self.repeat_count == FOREVER or self.round < self.repeat_count

    def _arrange(self) -> list[Paragraph]:
        scenes: dict[str, list[Paragraph]] = {}
        for paragraph in self.paragraphs:
            scenes.setdefault(paragraph.scene, []).append(paragraph)
        groups = list(scenes.values())
        chance = random.Random(f"{self.seed}:{self.round}")
        if self.random_play_mode in ("SCENE", "SCENE_AND_SCRIPT_ITEM"):
            chance.shuffle(groups)
        if self.random_play_mode in ("SCRIPT_ITEM", "SCENE_AND_SCRIPT_ITEM"):
            for group in groups:
                chance.shuffle(group)
        return [paragraph for group in groups for paragraph in group]

    def snapshot(self) -> dict[str, Any]:
        """Only what the room and the seed do not give again; a thousand scripts are saved every two seconds."""
        order = [asdict(paragraph) for paragraph in self.order] if self.is_rewritten else None
        return {"round": self.round, "place": self.place, "order": order}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on where a script of the same paragraphs stood."""
        self.round, self.place = saved["round"], saved["place"]
        self.is_rewritten = saved["order"] is not None
        self.order = [Paragraph(**row) for row in saved["order"]] if self.is_rewritten else self._arrange()


def script_of(scenes: Sequence[Mapping[str, Any]], policy: Mapping[str, Any], seed: str) -> Script:
    """The script that a room's `scene_scripts` and `play_policy` describe; defaults as in A6."""
    if policy.get("play_mode") == "NO_PRESET":
        scenes = []
    return Script(
        paragraphs_of(scenes),
        repeat_count=int(policy.get("repeat_count") or 0),
        random_play_mode=str(policy.get("random_play_mode") or "NONE"),
        seed=seed,
    )


def paragraphs_of(scenes: Sequence[Mapping[str, Any]]) -> list[Paragraph]:
    found = []
    for scene in scenes:
        speed = (scene.get("voice_config") or {}).get("speed") or NORMAL_SPEED
        for number, shot in enumerate(scene.get("shoot_scripts") or [], start=1):
            found.append(
                Paragraph(
                    scene=str(scene.get("script_name") or ""),
                    sequence_no=int(number if shot.get("sequence_no") is None else shot["sequence_no"]),
                    title=str(shot.get("title") or ""),
                    text=str((shot.get("text_config") or {}).get("text") or ""),
                    audio_url=str((shot.get("audio_config") or {}).get("audio_url") or ""),
                    model_asset_id=str(scene.get("model_asset_id") or ""),
                    speed=int(speed),
                )
            )
    return found


def playing_list(order: Sequence[Paragraph]) -> dict[str, Any]:
    """LivePlayingScriptList (002:14046): the paragraphs of the present round in its order, as much as it may hold."""
    scenes: dict[str, dict[str, Any]] = {}
    for paragraph in order:
        scene = scenes.setdefault(
            paragraph.scene,
            {
                **named("script_name", paragraph.scene[:LONGEST_NAME]),
                "model_asset_id": paragraph.model_asset_id[:LONGEST_ID],
                "shoot_scripts": [],
            },
        )
        if len(scene["shoot_scripts"]) < MOST_LISTED:
            number = min(max(0, paragraph.sequence_no), LARGEST_NUMBER)
            scene["shoot_scripts"].append({"sequence_no": number, "title": paragraph.title[:LONGEST_NAME]})
    return named("scene_scripts", list(scenes.values())[:MOST_LISTED])


def named(name: str, value: Any) -> dict[str, Any]:
    """Left out when empty: the table knows neither an empty list of scripts nor an empty name."""
    return {name: value} if value else {}
