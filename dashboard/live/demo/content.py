"""What the demo team holds: eight rooms of two vendors, as a small shop's streaming team would have them."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.rooms.rules.model import Condition, EventType, Match, Rule, Tag, Trigger
from dashboard.vendors.models import VendorKind


def _comment_rule(name: str, pattern: str, window_s: int, *texts: str) -> Rule:
    condition = Condition(tags=(Tag("content", Match.REGEX, pattern),))
    return Rule(f"demo-{name}", EventType.COMMENT, condition, Trigger(window_s, texts), name=name)


TEAM = "demo"
PASSWORD = "on-air-tonight"  # noqa: S105  the demo listens on this machine only, and prints it
PEOPLE = (
    ("ada@demo.talkback.test", "Ada Lin", "admin"),
    ("pia@demo.talkback.test", "Pia Chen", "producer"),
    ("oki@demo.talkback.test", "Oki Wang", "operator"),
    ("vic@demo.talkback.test", "Vic Zhao", "viewer"),
)


@dataclass(frozen=True, slots=True)
class DemoRoom:
    code: str
    name: str
    vendor: str
    on_air: bool
    paragraphs: tuple[str, ...]


ROOMS = (
    DemoRoom(
        "K7Q",
        "丝绒口红专场",
        VendorKind.SOFTSUGAR,
        True,
        (
            "先给新进来的朋友说一下，今天是品牌日，全场两件八五折，三件八折，领券还能再减。",
            "很多朋友问这个系列和去年那版有什么不同，我上手给大家看，膏体更软，颜色更正。",
            "这支丝绒口红是今年的新色号，203 陶土红，显白不挑皮，黄皮姐妹放心冲。",
            "再看 205 玫瑰豆沙，素颜涂也有气色，上班通勤最稳，和同事不撞色。",
            "两支一起带走，到手 358 元，相当于第二支半价，库存不多，喜欢的抓紧拍。",
            "敏感肌的朋友看这里，成分表第一排就是角鲨烷，嘴唇干的时候也能用。",
            "发货时间是今天下单，明天发出，江浙沪隔天到，其他地区三天左右。",
        ),
    ),
    DemoRoom(
        "P9X",
        "跑鞋夏季新款",
        VendorKind.METASTUDIO,
        True,
        (
            "欢迎来到直播间，今天介绍的是夏季新款跑鞋，一双只有一百九十克，脚宽的朋友拍大半码。",
            "中底用的是碳板加回弹泡棉，跑起来往前推的感觉很明显。日常慢跑也不会觉得硬。",
            "鞋面是单层网布，夏天穿一整天都不闷。后跟加了一圈软垫，不磨脚。",
            "今天直播间的价格是三百九十九元，赠一双速干袜，七天无理由退换。",
            "有朋友问能不能跑马拉松，半马以内都没有问题，全马建议看我们的竞速款。",
        ),
    ),
    DemoRoom(
        "M2D",
        "明前龙井",
        VendorKind.SOFTSUGAR,
        True,
        (
            "各位茶友好，今天带来的是明前龙井，三月二十号采的头一批，一芽一叶。",
            "你看干茶的颜色，是糙米色，不是翠绿色，这才是群体种该有的样子。",
            "泡的时候水温八十五度左右，先倒三分之一的水润一下，再慢慢注满。",
            "一罐是一百克，两罐装礼盒，送长辈很体面，今天礼盒不加价。",
            "喝不完的放冰箱冷藏，密封好，一年之内香气都不会散。",
        ),
    ),
    DemoRoom(
        "W8N",
        "亲子绘本馆",
        VendorKind.METASTUDIO,
        False,
        (
            "三到六岁的孩子最适合听这一套，一共十二本，页页都能点读。",
            "每一本后面都有家长页，告诉你怎么和孩子聊这个故事。",
            "纸张是圆角厚卡，不怕撕，也不会划手。",
        ),
    ),
    DemoRoom(
        "D3H",
        "云南普洱茶",
        VendorKind.SOFTSUGAR,
        False,
        (
            "这饼是二〇一八年的班章，干仓存放，汤色已经转红了。",
            "开汤给大家看，前三泡微苦，马上回甘，杯底留香很久。",
            "一饼三百五十七克，够喝半年，今天拍下送茶针一支。",
        ),
    ),
    DemoRoom(
        "A4C",
        "厨房小家电",
        VendorKind.METASTUDIO,
        False,
        (
            "破壁机一键清洗，九十秒就好，冲一下水直接倒掉。",
            "八叶刀头，豆浆不用泡豆，十八分钟一壶，没有渣。",
            "噪音我们做了隔音罩，早上打豆浆不会吵醒家里人。",
        ),
    ),
    DemoRoom(
        "B7J",
        "儿童防晒",
        VendorKind.SOFTSUGAR,
        False,
        (
            "这是物理防晒，六个月以上的宝宝都能用，洗脸就能卸，不用卸妆油。",
            "涂上去不泛白，质地像乳液，推开很快。出门前十五分钟涂一次。",
            "今天两支装八十九元，旅行装正好可以带上飞机。",
        ),
    ),
    DemoRoom(
        "E5R",
        "护眼台灯",
        VendorKind.METASTUDIO,
        False,
        (
            "国 AA 级照度，孩子写作业不刺眼，光斑很均匀。",
            "色温三档可以调，晚上看书用暖光，写字用中性光。",
            "灯臂可以转一百八十度，收起来只有一本书那么大。",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """`on_air_in`: codes of the rooms that sell it when the demo begins."""

    name: str
    price: str
    facts: str
    on_air_in: tuple[str, ...] = ()


PRODUCTS = (
    DemoProduct("丝绒口红 203 陶土红", "199.00", "显白不挑皮\n含角鲨烷，敏感肌可用", ("K7Q",)),
    DemoProduct("丝绒口红 205 玫瑰豆沙", "199.00", "素颜可涂，通勤色"),
    DemoProduct("夏季新款跑鞋", "399.00", "单只 190 克\n赠一双速干袜", ("P9X",)),
    DemoProduct("明前龙井 100 克", "168.00", "三月二十号采，一芽一叶", ("M2D",)),
)
CLIP_NAME = "开场提示音"
CLIP_TRANSCRIPT = "（三声铃音）"
#: Title and text; the first nine are on the keys 1 to 9.
PHRASES = (
    ("价格", "{product}今天直播间到手{price}，喜欢的朋友抓紧时间拍。"),
    ("发货", "今天下单明天就发出，江浙沪隔天到，其他地区三天左右。"),
    ("退换", "七天之内无理由退换，来回运费险我们已经送了。"),
    ("欢迎", "欢迎刚进{room}的朋友，点个关注不迷路，有问题打在公屏上。"),
    ("优惠券", "优惠券在左下角小黄车上面，先领券再下单更划算。"),
    ("库存", "{product}的库存不多了，想要的朋友先拍先得。"),
)
#: Word and why.
BANNED_WORDS = (
    ("最低价", "广告法：绝对化用语"),
    ("全网第一", "广告法：绝对化用语"),
    ("包治", "医疗用语"),
    ("稳赚不赔", "投资承诺"),
)
#: The rules of the demo's rooms on SoftSugar, which Talkback runs itself.
RULES_NAME = "常见问题"
RULES = (
    _comment_rule(
        "价格", "多少钱|价格|怎么卖|贵", 30, "今天直播间是到手价，左下角小黄车里就能看到，领券还能再减二十元。"
    ),
    _comment_rule(
        "发货",
        "发货|几天到|快递|什么时候",
        45,
        "今天下单，明天发出，江浙沪隔天到，其他地区三天左右。",
        "仓库每天下午四点截单，四点以前拍的当天就走。",
    ),
    Rule(
        index="demo-gift",
        event_type=EventType.GIFT,
        condition=Condition(tags=(Tag("giftNum", Match.GE, "5"),)),
        trigger=Trigger(60, ("谢谢这位朋友送的礼物，心意收到了，祝你天天开心。",)),
        name="谢礼物",
    ),
)

SOFTSUGAR_CONFIG: dict[str, object] = {"file_id": "demo-host-01", "resolution": "1080x1920", "bit_rate": 3.5}
METASTUDIO_CONFIG: dict[str, object] = {
    "model_asset_id": "demo-avatar-01",
    "voice_asset_id": "demo-voice-01",
    "view_mode": "VERTICAL",
}
