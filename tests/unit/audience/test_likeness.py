"""What is a question, and which questions are one, by their words alone."""

from __future__ import annotations

import random
import time

import pytest

from dashboard.audience.likeness import Groups, is_question


@pytest.mark.parametrize(
    "text",
    [
        *(
            "这个多少钱?",
            "多少钱",
            "有优惠券吗",
            "什么时候发货",
            "几天到",
            "身高165穿什么码",
            "哪个颜色显白",
            "能不能便宜点",
        ),
        *("怎么下单", "敏感肌可以用吗", "主播呢", "可以开发票？", "要不要先领券", "谁在讲话", "如何退货", "保质期多久"),
        *(
            "How much is it?",
            "how much",
            "Do you ship to Malaysia",
            "Is there a discount today",
            "what size should I take",
        ),
        *("Can you show it again", "hi, where is the link", "any discount?", "Which one is softer", "who's the host"),
    ],
)
def test_is_a_question(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "来了来了",
            "主播好",
            "价格可以啊",
            "666",
            "？？？",
            "?",
            "",
            "没什么",
            "好几百",
            "几乎没有",
            "哈哈哈哈",
            "已下单",
        ),
        *(
            "Looks great",
            "Just ordered two",
            "What a nice colour",
            "Can't wait",
            "how nice",
            "Nice",
            "isnt it",
        ),
        "x" * 5_000,
    ],
)
def test_is_no_question(text: str) -> None:
    assert not is_question(text)


def group(*texts: str) -> list[int]:
    """The number of the group of each text, in the order of their coming."""
    groups, found = Groups(), []
    for number, text in enumerate(texts):
        alike = groups.like(text)
        if alike is None:
            groups.add(number, text)
        found.append(number if alike is None else alike)
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("这个多少钱?", "多少钱啊主播"),
        ("多少钱一件", "请问多少钱"),
        ("今天有优惠券吗?", "有优惠券吗"),
        ("How much is it?", "how much"),
        ("Do you ship to Malaysia?", "can you ship to malaysia please"),
        ("什么时候发货", "什么时候发货呀？？"),
        ("ＨＯＷ ＭＵＣＨ？", "how much"),
    ],
)
def test_these_ask_the_same(one: str, other: str) -> None:
    assert group(one, other) == [0, 0]
    assert group(other, one) == [0, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("身高165穿什么码?", "身高170穿什么码?"),
        ("红色有吗", "黑色有吗"),
        ("敏感肌可以用吗", "孕妇可以用吗"),
        ("ship to malaysia?", "ship to singapore?"),
        ("多少钱", "几天到"),
        ("How much is it?", "这个多少钱"),
    ],
)
def test_these_do_not(one: str, other: str) -> None:
    assert group(one, other) == [0, 1]


def test_the_same_comments_make_the_same_groups() -> None:
    dice = random.Random(1)
    texts = [dice.choice(["多少钱", "多少钱一件", "几天到", "哪天到货", "ship?", "do you ship"]) for _ in range(200)]
    assert group(*texts) == group(*texts)


def test_a_burst_of_questions_among_five_hundred_open_ones_is_grouped_at_once() -> None:
    """The worst of it: all share most of their words, so each is compared with each."""
    groups = Groups()
    for number in range(500):
        groups.add(number, f"请问第{number}号链接今天下单什么时候可以发货到上海浦东")
    began = time.process_time()
    for number in range(500):
        assert groups.like(f"第{number}号链接今天下单什么时候可以发货到上海浦东呢") == number
    assert time.process_time() - began < 2
