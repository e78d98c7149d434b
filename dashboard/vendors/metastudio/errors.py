"""MetaStudio's error codes in our words: what happened, whether anything went on air, what to do (002:13376-13870).

The codes that an operator of live rooms meets have sentences of their own; for the others one is made from the
contract's row. The key is code and HTTP status: MSS.41000002 means two things (A76).
"""

from __future__ import annotations

from typing import Literal

from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.model import ErrorRow
from dashboard.vendors.port import VendorError

LONGEST_DETAIL = 300
Words = tuple[str, str, str, str]

_ROOM_IS_OVER: Words = (
    "The live job does not exist at MetaStudio, or it is over.",
    "该直播任务在 MetaStudio 中不存在，或已结束。",
    "Check whether the room is still on air; start it again if needed.",
    "请确认直播间是否仍在播，必要时重新开播。",
)
_REVIEW_TEXT: Words = (
    "MetaStudio's content review refused the text.",
    "文本未通过 MetaStudio 内容审核。",
    "Reword it; the vendor does not say which word it was, unless it stands below.",
    "请修改措辞。厂商一般不指明具体词语，如有则附在下方。",
)
_NO_RESOURCES: Words = (
    "MetaStudio has no free capacity for a live job right now.",
    "MetaStudio 当前没有可用的直播资源。",
    "It is tried again by itself; end another room if it is urgent.",
    "系统会自动重试；如果着急，可先停播其他直播间。",
)
_SUPPORT: Words = (
    "MetaStudio had an internal fault.",
    "MetaStudio 内部出错。",
    "Try again; if it stays, send the vendor the request ID.",
    "请重试；如果一直出错，请把请求 ID 发给厂商。",
)
_REPORT_URL: Words = (
    "The address for audience events is no longer valid.",
    "观众事件上报地址已失效。",
    "Nothing to do by hand; a new address is asked for.",
    "无需手动处理，系统会获取新的地址。",
)

_CODES: dict[str, Words] = {
    "MSS.00000001": (
        "MetaStudio does not accept the account's keys.",
        "MetaStudio 不接受该账号的密钥。",
        "Check access key, secret key and project ID in the vendor account, and this server's clock.",
        "请检查厂商账号的 AK、SK、项目 ID 和本服务器的时钟。",
    ),
    "MSS.00000002": (
        "MetaStudio does not find what was asked for.",
        "MetaStudio 找不到请求的对象。",
        "Synchronise the rooms of this account; it may have been deleted at the vendor.",
        "请重新导入该账号的直播间；对象可能已在厂商侧被删除。",
    ),
    "MSS.00000003": (
        "MetaStudio refused a value.",
        "MetaStudio 拒绝了一个参数值。",
        "Check the fields of the form, above all the ones that were changed last.",
        "请检查表单，特别是最近修改过的字段。",
    ),
    "MSS.00020006": (
        "The keys belong to another project.",
        "密钥属于另一个项目。",
        "Enter the project ID that belongs to the access key.",
        "请填写与 AK 对应的项目 ID。",
    ),
    "MSS.20010001": (
        "The name holds a character that MetaStudio does not allow.",
        "名称包含 MetaStudio 不允许的字符。",
        "Remove special characters from the name.",
        "请去掉名称中的特殊字符。",
    ),
    "MSS.20010007": _REVIEW_TEXT,
    "MSS.20010055": _REVIEW_TEXT,
    "MSS.20010033": _REVIEW_TEXT,
    "MSS.20010034": _REVIEW_TEXT,
    "MSS.20010030": (
        "MetaStudio's content review refused the room's name.",
        "直播间名称未通过 MetaStudio 内容审核。",
        "Give the room another name.",
        "请更换直播间名称。",
    ),
    "MSS.20010011": _NO_RESOURCES,
    "MSS.20010035": _NO_RESOURCES,
    "MSS.20010102": (
        "The live package of this account is used up.",
        "该账号的直播资源包已用完。",
        "End another room of this account, or buy more capacity from the vendor.",
        "请先停播该账号的其他直播间，或向厂商增购资源包。",
    ),
    "MSS.20010065": (
        "All concurrent live jobs of this account are in use.",
        "该账号的直播并发数已用满。",
        "End another room of this account, or buy more concurrency.",
        "请先停播该账号的其他直播间，或增购并发数。",
    ),
    "MSS.20010015": (
        "The SSML of the text is not well formed.",
        "文本的 SSML 格式有误。",
        "Close every tag, or send it as plain text.",
        "请闭合所有标签，或改用纯文本发送。",
    ),
    "MSS.20010031": (
        "Another room at MetaStudio has this name.",
        "MetaStudio 中已有同名直播间。",
        "Choose another name.",
        "请更换名称。",
    ),
    "MSS.20010036": (
        "A live job is already running in this room.",
        "该直播间已有正在进行的直播任务。",
        "Look at the room: adopt the running job, or end it first.",
        "请查看该直播间：认领进行中的任务，或先将其结束。",
    ),
    "MSS.20010046": (
        "A live job is already running in this room.",
        "该直播间已有正在进行的直播任务。",
        "Look at the room: adopt the running job, or end it first.",
        "请查看该直播间：认领进行中的任务，或先将其结束。",
    ),
    "MSS.20010048": (
        "The live job is already running.",
        "该直播任务已在运行。",
        "Nothing to do; wait for the next state.",
        "无需操作，请等待状态更新。",
    ),
    "MSS.20010037": _ROOM_IS_OVER,
    "MSS.20010051": _ROOM_IS_OVER,
    "MSS.20010059": _ROOM_IS_OVER,
    "MSS.20010066": _ROOM_IS_OVER,
    "MSS.20010074": _ROOM_IS_OVER,
    "MSS.20010099": (
        "The live job is not on air yet, or no longer.",
        "直播任务尚未开播或已结束。",
        "Wait until the room is live, then try again.",
        "请等直播间开播后再试。",
    ),
    "MSS.20010039": _REPORT_URL,
    "MSS.20010054": _REPORT_URL,
    "MSS.20010077": (
        "The address for audience events is so old that MetaStudio does not renew it.",
        "观众事件上报地址过期太久，MetaStudio 不再续期。",
        "Audience rules at the vendor stay silent until the room is started again.",
        "在重新开播之前，厂商侧的互动规则不会触发。",
    ),
    "MSS.20010044": (
        "The avatar of this room is not available.",
        "该直播间的数字人不可用。",
        "Choose another avatar.",
        "请更换数字人。",
    ),
    "MSS.20010045": (
        "MetaStudio has no such room.",
        "MetaStudio 中没有这个直播间。",
        "Synchronise the rooms, or create it at the vendor again.",
        "请重新导入直播间，或在厂商侧重新创建。",
    ),
    "MSS.20010047": (
        "An asset of this room does not exist at MetaStudio.",
        "该直播间使用的资产在 MetaStudio 中不存在。",
        "Choose avatar, voice and background again.",
        "请重新选择数字人、音色和背景。",
    ),
    "MSS.20010053": (
        "MetaStudio does not know this command.",
        "MetaStudio 不支持该命令。",
        "This is a fault of Talkback; report it with the request ID.",
        "这是 Talkback 的问题，请附上请求 ID 反馈。",
    ),
    "MSS.20010069": (
        "MetaStudio has closed this room for use.",
        "该直播间在 MetaStudio 侧不可用。",
        "Look at the room's error at the vendor, or use another room.",
        "请到厂商控制台查看原因，或改用其他直播间。",
    ),
    "MSS.20010070": (
        "MetaStudio refused a field.",
        "MetaStudio 拒绝了一个字段。",
        "Correct the field that is named below.",
        "请更正下方列出的字段。",
    ),
    "MSS.20010093": (
        "MetaStudio does not accept an address in this request.",
        "MetaStudio 不接受请求中的地址。",
        "Check the push address and the addresses of pictures and sounds.",
        "请检查推流地址以及图片、音频的地址。",
    ),
    "MSS.20010101": (
        "MetaStudio could not download a file of this room.",
        "MetaStudio 无法下载该直播间的文件。",
        "Check that the address can be reached from the internet.",
        "请确认该地址可从公网访问。",
    ),
    "MSS.20010108": (
        "The script of this room is too long for MetaStudio.",
        "直播间的话术总字数超过 MetaStudio 上限。",
        "Shorten the script.",
        "请缩短话术。",
    ),
    "MSS.20010109": (
        "A scene's script is too long for MetaStudio.",
        "某个场景的话术字数超过 MetaStudio 上限。",
        "Shorten the paragraphs of that scene.",
        "请缩短该场景的段落。",
    ),
}

_OURS: dict[str, Words] = {
    "contract": (
        "Talkback did not send this, because MetaStudio's documents do not allow it.",
        "内容不符合 MetaStudio 接口文档，Talkback 未发送。",
        "Correct the fields that are named below.",
        "请更正下方列出的字段。",
    ),
    "no_avatar": (
        "The room has no avatar or no voice.",
        "直播间未设置数字人或音色。",
        "Choose both in the room's settings.",
        "请在直播间设置中选择数字人和音色。",
    ),
    "no_script": (
        "The room has no script.",
        "直播间没有话术。",
        "Write at least one paragraph.",
        "请至少填写一个段落。",
    ),
    "capability": (
        "MetaStudio's documented interface does not offer this.",
        "MetaStudio 的公开接口不提供此功能。",
        "Cancel or move it while it still waits in Talkback.",
        "取消和调整顺序只能在内容还在 Talkback 中等待时进行。",
    ),
    "no_channel": (
        "This account has no RTC command channel, so the script cannot be paused.",
        "该账号未开通 RTC 命令通道，无法暂停话术。",
        "Silence it with the panic key, or say something else now.",
        "请使用“立即静音”，或立即插播其他内容。",
    ),
    "no_report_url": (
        "MetaStudio gave no usable address for audience events.",
        "MetaStudio 未提供可用的观众事件上报地址。",
        "Check the job again; audience rules at the vendor stay silent until then.",
        "请再查一次该任务；在此之前，厂商侧的互动规则不会触发。",
    ),
    "no_room": (
        "The room does not exist at MetaStudio yet.",
        "该直播间尚未在 MetaStudio 创建。",
        "Push the room to the vendor first.",
        "请先将直播间推送到厂商。",
    ),
    "credential": (
        "The account's keys cannot be sent: one of them is missing or holds characters that a key never has.",
        "账号密钥缺失或含有非法字符，无法发送。",
        "Enter the keys again in the vendor account.",
        "请在厂商账号中重新填写密钥。",
    ),
    "channel_expired": (
        "The permission for the RTC command channel has expired.",
        "RTC 命令通道的授权已过期。",
        "Nothing to do by hand; the values are read again from the job.",
        "无需手动处理，系统会重新读取授权信息。",
    ),
    "channel_refused": (
        "The RTC command channel was refused.",
        "RTC 命令通道被拒绝。",
        "Pause and exact states are missing until it is up; speaking still works.",
        "恢复前无法暂停话术，状态也不够精确；插话不受影响。",
    ),
    "blocked": (
        "MetaStudio's content review has blocked the live room.",
        "直播间已被 MetaStudio 内容审核封禁。",
        "Read the reason below, change the content, and ask the vendor to release the room.",
        "请查看下方原因，修改内容后联系厂商解封。",
    ),
    "iam": (
        "The vendor's login (IAM) does not accept the account's user, password or domain.",
        "厂商登录（IAM）不接受该账号的用户名、密码或账号名。",
        "Enter them again in the vendor account.",
        "请在厂商账号中重新填写。",
    ),
}

#: Answered with 429, which else means "later" (002:13701): but a package that is used up does not fill up by waiting.
USED_UP = frozenset({"MSS.20010102"})
#: The address for audience events no longer opens: wrong key, expired, too old to be renewed.
REPORT_URL_IS_OVER = frozenset({"MSS.20010039", "MSS.20010054", "MSS.20010077"})
#: Printed only in examples (A74), and no more than "something broke here": the call may have had its effect.
SAYS_NOTHING = frozenset({"MSS.00000004", "MSS.000000002"})
#: The one code of the table that is no error (002:13625).
NO_ERROR = frozenset({"MSS.47000000"})


def clip(text: object) -> str:
    """A vendor's text as a detail: only text, one line, short."""
    return " ".join(str(text).split())[:LONGEST_DETAIL]


def _error(code: str, words: Words, detail: str, heard: Literal["nothing", "maybe"] = "nothing") -> VendorError:
    happened_en, happened_zh, todo_en, todo_zh = words
    return VendorError(code, (happened_en, happened_zh), (todo_en, todo_zh), heard, clip(detail))


def is_documented(code: str, status: int) -> bool:
    """Whether this refusal stands in the table, or is one of the plain refusals of the examples (A74)."""
    if code in ("MSS.00000001", "MSS.00000002", "MSS.00000003"):
        return True
    return code not in SAYS_NOTHING and contract("metastudio").error(code, status) is not None


def ours(code: str, detail: str = "") -> VendorError:
    """A refusal of our own, before anything was sent."""
    return _error(code, _OURS[code], detail)


def of_answer(code: str, status: int, message: str) -> VendorError:
    """A refusal in an answer: nothing happened."""
    words = _CODES.get(code) or _from_row(contract("metastudio").error(code, status)) or _unknown(code, status)
    return _error(code or f"http_{status}", words, message)


def skewed(code: str, skew_ms: int, message: str) -> VendorError:
    """A signature that was refused while the two clocks are further apart than the vendor allows."""
    minutes = round(abs(skew_ms) / 60_000)
    ahead, faster = ("ahead of", "快") if skew_ms > 0 else ("behind", "慢")
    words = (
        f"MetaStudio refuses the signature: its clock is {minutes} minutes {ahead} this server's.",
        f"MetaStudio 拒绝了签名：其时钟比本服务器{faster} {minutes} 分钟。",
        "Set this server's clock (NTP); nothing is wrong with the keys.",
        "请校准本服务器的时钟（NTP）；密钥没有问题。",
    )
    return _error(code or "http_401", words, message)


def of_job(code: str, message: str) -> VendorError:
    """Why a job failed; some of it may have been on air."""
    words = _CODES.get(code) or _from_row(contract("metastudio").error(code)) or _SUPPORT
    return _error(code or "failed", words, message, "maybe")


def blocked(reason: str) -> VendorError:
    return _error("blocked", _OURS["blocked"], reason, "maybe")


def _from_row(row: ErrorRow | None) -> Words | None:
    if row is None:
        return None
    said = clip(row.description or row.message).rstrip(".")
    remedy = clip(row.remedy).rstrip(".") or "Contact technical support"
    if remedy.lower() == said.lower():
        remedy = "Check the values of this call; if they are right, send the vendor the request ID"
    return (
        f"MetaStudio refused: {said}.",
        f"MetaStudio 拒绝了请求：{said}。",
        f"{remedy}.",
        f"厂商建议：{remedy}。",
    )


def _unknown(code: str, status: int) -> Words:
    named = code or f"HTTP {status}"
    return (
        f"MetaStudio refused with {named}, which its documents do not explain.",
        f"MetaStudio 以 {named} 拒绝了请求，其文档没有说明。",
        "Check the address and region of the vendor account; then send the vendor the request ID.",
        "请检查厂商账号的接口地址和区域；仍有问题时，把请求 ID 发给厂商。",
    )
