"""How right "heard in" is: sixty takeovers in one room, pressed as an operator would, judged by the sandbox's record.

test_heard_in.py runs it in a world that goes faster than life.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime

from dashboard.jobs.models import Job
from dashboard.lib.threads import in_thread
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.states import Mode, Source
from tests.flows.stage import Stage

ITEMS, FIRST_JUDGED = 60, 21
#: Right is within a fifth, or within this.
SHARE, SLACK_MS = 0.20, 300.0
MODES = (Mode.APPEND, Mode.APPEND, Mode.INSERT, Mode.APPEND, Mode.NOW, Mode.INSERT)
PARAGRAPHS = (
    "欢迎来到直播间。今天给大家介绍一款新茶！",
    "这一批是明前采的，香气很足。一罐是一百克。",
    "泡的时候水温八十五度左右，再慢慢注满。",
    "喝不完的放冰箱冷藏，密封好。有问题打在公屏上。",
)
ZH = (
    "今天下单明天就发出",
    "江浙沪隔天送到",
    "这个价格只有直播间里有",
    "到手价是 199 元",
    "七天之内可以退换",
    "敏感肌也可以放心使用",
    "库存不多",
    "喜欢的朋友抓紧时间",
)
EN = (
    "we ship every order tomorrow morning",
    "the price you see is only for tonight",
    "returns are free within seven days",
    "it comes in three colours",
    "the small one fits a handbag",
    "thank you all for waiting",
)
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Heard:
    number: int
    mode: str
    promised_ms: float
    heard_ms: float

    @property
    def off_ms(self) -> float:
        return self.heard_ms - self.promised_ms

    def is_right(self, slack_ms: float = SLACK_MS) -> bool:
        return abs(self.off_ms) <= max(SHARE * self.heard_ms, slack_ms)


def words(dice: random.Random, number: int) -> str:
    """Mixed lengths; four of five in Chinese, the others in English; each of them once."""
    name = "".join("零一二三四五六七八九"[int(digit)] for digit in str(number))
    if dice.random() < 0.2:
        return f"Number {_english(number)}, " + ", ".join(dice.sample(EN, dice.randint(1, 2))) + "."
    return f"第{name}位朋友，" + "，".join(dice.sample(ZH, dice.randint(1, 2))) + "。"


def _english(number: int) -> str:
    return "-".join(DIGITS[int(digit)] for digit in str(number))


async def course(stage: Stage, vendor: str, *, speed: float, seed: int, items: int = ITEMS) -> list[Heard]:
    """Say `items` things in a new room and measure each promise against what was heard."""
    dice = random.Random(f"{seed}:{vendor}")
    job = await stage.on_air(vendor, await stage.room(vendor, PARAGRAPHS))
    said: list[Takeover] = []
    for number in range(1, items + 1):
        most = dice.choice((0, 0, 1, 2, 2))
        await stage.until(lambda most=most: _open(job) <= most, "the queue is short enough", 120.0)
        await asyncio.sleep(dice.uniform(0.1, 1.5) / speed)
        # Who cuts in while others wait breaks the promise that these were given: that is no error of the reckoning.
        mode = MODES[dice.randrange(len(MODES))] if most == 0 else Mode.APPEND
        said.append(await stage.say(job, words(dice, number), mode))
    await stage.until(lambda: _open(job) == 0, "all was heard", 120.0)
    return await _judged(stage, said)


def _open(job: Job) -> int:
    return Takeover.objects.filter(IS_OPEN, job=job).exclude(source=Source.SCRIPT).count()


async def _judged(stage: Stage, said: list[Takeover]) -> list[Heard]:
    rows = (await stage.control.get("/sandbox/audible")).json()["heard"]
    begins = {row["text"]: datetime.fromisoformat(row["started_real"]) for row in reversed(rows)}
    found = []
    for number, item in enumerate(said, start=1):
        row: Takeover = await in_thread(Takeover.objects.get, pk=item.pk)
        if row.text in begins and row.promised_ms is not None:
            heard_ms = (begins[row.text] - row.requested_at).total_seconds() * 1000
            found.append(Heard(number, row.mode, float(row.promised_ms), heard_ms))
    return found


def judged(heard: list[Heard]) -> list[Heard]:
    return [one for one in heard if one.number >= FIRST_JUDGED]


def rate(heard: list[Heard], slack_ms: float = SLACK_MS) -> float:
    return sum(one.is_right(slack_ms) for one in heard) / len(heard) if heard else 0.0


def told(vendor: str, heard: list[Heard], slack_ms: float) -> str:
    """The rate, and what missed."""
    missed = [
        f"{one.number} {one.mode} {one.promised_ms:.0f}/{one.heard_ms:.0f}"
        for one in heard
        if not one.is_right(slack_ms)
    ]
    rates = f"{rate(heard, slack_ms):.0%} within {SHARE:.0%} or {slack_ms:.0f} ms"
    return (
        f"heard in, {vendor}: {len(heard)} judged, {rates}; promised/heard of the others: {', '.join(missed) or 'none'}"
    )
