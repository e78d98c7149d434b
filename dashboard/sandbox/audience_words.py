"""What the synthetic audience is called, says and gives: mostly Chinese, some English, about a third questions."""

from __future__ import annotations

NAMES = (
    "小鹿", "阿哲", "山茶花", "夏目", "橙子汽水", "老王", "南风", "momo", "星星点灯", "Lily",
    "Kevin", "豆豆妈", "半糖", "拾光", "Tom2000", "云淡风轻", "桃桃", "海盐芝士", "北岛", "Anna",
)  # fmt: skip

COMMENTS = (
    "来了来了",
    "主播好",
    "这个颜色好看",
    "已下单",
    "666",
    "支持一下",
    "昨天买的已经收到了,很满意",
    "声音真好听",
    "第一次来,先关注了",
    "给妈妈也买一件",
    "价格可以啊",
    "再讲一遍吧,刚才没听清",
    "哈哈哈哈",
    "Looks great",
    "Hello from Singapore",
    "Just ordered two",
    "Nice colour!",
)

QUESTIONS = (
    "这个多少钱?",
    "有优惠券吗?",
    "什么时候发货?",
    "支持七天无理由退货吗?",
    "敏感肌可以用吗?",
    "还有别的颜色吗?",
    "身高165穿什么码?",
    "包邮吗?",
    "保质期多久?",
    "和上一款有什么区别?",
    "可以开发票吗?",
    "主播是真人吗?",
    "How much is it?",
    "Do you ship to Malaysia?",
    "Is there a discount today?",
    "What size should I take?",
)

GIFTS = (("小心心", 1), ("玫瑰", 1), ("啤酒", 2), ("Star", 3), ("棒棒糖", 9), ("跑车", 1200), ("嘉年华", 30000))
