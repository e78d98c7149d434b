"""SoftSugar's refusals in our words: what happened, whether anything went on air, what to do.

The document has no table of error codes. It has 22 status numbers (004:57, 193, 397, 894, 976, 1133) and five
refusals on the socket (004:275-334); an HTTP refusal is an envelope whose `code` is not 0 (004:52) with the vendor's
own message.
"""

from __future__ import annotations

from typing import Literal

from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.port import VendorError

LONGEST_DETAIL = 300

# status: happened (en, zh-Hans), todo (en, zh-Hans)
_STATUS: dict[int, tuple[str, str, str, str]] = {
    5: (
        "The live session was closed.",
        "直播已被关闭。",
        "Start it again if it should go on.",
        "如需继续，请重新开播。",
    ),
    9: (
        "SoftSugar reports a fault in the live session.",
        "SoftSugar 报告直播出现异常。",
        "Close the session and start again; if it happens twice, send the vendor the session ID.",
        "请停播后重新开播；如果再次出现，请把会话 ID 发给厂商。",
    ),
    39: (
        "SoftSugar could not play this takeover.",
        "SoftSugar 未能播放此条插话。",
        "Check the text and say it again.",
        "请检查文本后重新发送。",
    ),
    50: (
        "SoftSugar closed the session: no heartbeat reached it, or its network broke.",
        "SoftSugar 关闭了直播：心跳丢失或网络中断。",
        "Start the room again and check this console's connection.",
        "请重新开播，并检查本控制台的网络。",
    ),
    52: (
        "SoftSugar could not read the scene command.",
        "SoftSugar 无法解析画面控制命令。",
        "Check the avatar, foreground and background settings.",
        "请检查数字人、前景和背景设置。",
    ),
    53: (
        "The avatar is not part of this live session.",
        "本场直播中没有这个数字人。",
        "Choose an avatar of the room, or add it to the room and start again.",
        "请选择该直播间已有的数字人，或添加后重新开播。",
    ),
    54: (
        "SoftSugar cannot decode the video of the avatar.",
        "数字人视频解码失败。",
        "Upload the video again as MP4 or MOV.",
        "请以 MP4 或 MOV 格式重新上传视频。",
    ),
    55: (
        "SoftSugar cannot decode a file of the scene command.",
        "画面控制所用的文件解码失败。",
        "Upload the file again in a supported format.",
        "请以支持的格式重新上传文件。",
    ),
    73: (
        "SoftSugar could not preload the files.",
        "素材预热失败。",
        "Check that the files exist in the vendor's library.",
        "请确认素材在厂商素材库中存在。",
    ),
    74: (
        "SoftSugar could not read the list of files to preload.",
        "SoftSugar 无法解析预热素材列表。",
        "Check the file IDs.",
        "请检查素材 ID。",
    ),
    96: (
        "The token of our own RTC application has expired.",
        "自有 RTC 应用的令牌已过期。",
        "Renew the RTC token, or the stream will stop.",
        "请更新 RTC 令牌，否则推流会中断。",
    ),
    97: (
        "SoftSugar has no free stream.",
        "SoftSugar 没有空闲路数。",
        "Try again in a minute, or end another room.",
        "请一分钟后再试，或先停播其他直播间。",
    ),
    98: (
        "All streams of this vendor account are in use.",
        "该厂商账号的路数已用完。",
        "End another room of this account, or buy more streams.",
        "请先停播该账号的其他直播间，或增购路数。",
    ),
    99: (
        "SoftSugar could not initialise the live session.",
        "SoftSugar 初始化直播失败。",
        "Check the avatar, the resolution and the push address, then start again.",
        "请检查数字人、分辨率和推流地址，然后重新开播。",
    ),
}

_SOCKET: dict[int, tuple[str, str, str, str]] = {
    1: (
        "SoftSugar refused the takeover channel: the session's token is not accepted.",
        "SoftSugar 拒绝了接管通道：会话令牌无效。",
        "Nothing to do by hand; the token is read again from the session.",
        "无需手动处理，系统会重新读取会话令牌。",
    ),
    5: (
        "SoftSugar failed for an unknown reason.",
        "SoftSugar 出错，原因未知。",
        "Check on the stream whether it was heard before you say it again.",
        "请先在直播画面确认是否已播出，再决定是否重发。",
    ),
    6: (
        "SoftSugar knows no live session for this takeover channel.",
        "SoftSugar 中没有与该接管通道对应的直播。",
        "Check whether the room is still on air.",
        "请确认直播间是否仍在播。",
    ),
}

_HTTP: dict[int, tuple[str, str, str, str]] = {
    401: (
        "SoftSugar does not accept the account's token.",
        "SoftSugar 不接受该账号的令牌。",
        "Enter a valid token in the vendor account.",
        "请在厂商账号中填写有效的令牌。",
    ),
    403: (
        "The account may not do this at SoftSugar.",
        "该账号无权在 SoftSugar 执行此操作。",
        "Ask the vendor for the permission.",
        "请向厂商申请权限。",
    ),
    404: (
        "There is no such address at SoftSugar.",
        "SoftSugar 没有这个接口地址。",
        "Check the address of the vendor account.",
        "请检查厂商账号的接口地址。",
    ),
}

_OURS: dict[str, tuple[str, str, str, str]] = {
    "text_too_short": (
        "The text is shorter than the 10 characters that SoftSugar asks for.",
        "文本少于 SoftSugar 要求的 10 个字。",
        "Make the sentence longer.",
        "请把句子写长一些。",
    ),
    "text_too_long": (
        "The text is longer than the 5,000 characters of one takeover.",
        "文本超过单条插话 5,000 字的上限。",
        "Split it into two takeovers.",
        "请拆成两条发送。",
    ),
    "no_avatar": (
        "The room has no avatar for SoftSugar.",
        "直播间未设置 SoftSugar 数字人。",
        "Choose an avatar in the room's settings.",
        "请在直播间设置中选择数字人。",
    ),
    "contract": (
        "Talkback did not send this, because SoftSugar's documents do not allow it.",
        "内容不符合 SoftSugar 接口文档，Talkback 未发送。",
        "Correct the fields that are named below.",
        "请更正下方列出的字段。",
    ),
    "capability": (
        "SoftSugar does not offer this.",
        "SoftSugar 不提供此功能。",
        "Do it in Talkback; the vendor keeps no rooms and takes no audience events.",
        "请在 Talkback 中操作。该厂商不保存直播间，也不接收观众事件。",
    ),
    "not_done": (
        "SoftSugar took the request but says that it did not succeed.",
        "SoftSugar 收到了请求，但称未成功。",
        "Look at the state of the room and try again.",
        "请查看直播间状态后重试。",
    ),
    "not_cancelled": (
        "SoftSugar says that not all of these takeovers could be cancelled.",
        "SoftSugar 称部分插话未能取消。",
        "Look at the queue: what was played or is gone cannot be cancelled.",
        "请查看队列：已播出或已离开队列的内容无法取消。",
    ),
    "credential": (
        "The account's token cannot be sent: it holds characters that a token never has.",
        "账号令牌含有非法字符，无法发送。",
        "Enter the token again in the vendor account.",
        "请在厂商账号中重新填写令牌。",
    ),
}


def clip(text: object) -> str:
    """A vendor's text as a detail: only text, one line, short."""
    return " ".join(str(text).split())[:LONGEST_DETAIL]


def _error(code: str, words: tuple[str, str, str, str], detail: str, heard: Literal["nothing", "maybe"]) -> VendorError:
    happened_en, happened_zh, todo_en, todo_zh = words
    return VendorError(code, (happened_en, happened_zh), (todo_en, todo_zh), heard, clip(detail))


def ours(code: str, detail: str = "") -> VendorError:
    """A refusal of our own, before anything was sent."""
    return _error(code, _OURS[code], detail, "nothing")


def of_status(status: int, detail: str = "", *, heard: Literal["nothing", "maybe"] = "nothing") -> VendorError:
    """A status number of a session, command or takeover."""
    words = _STATUS.get(status)
    if words is None:
        row = contract("softsugar").status_code(status)
        meaning = row.meaning if row else f"status {status}"
        printed = "、".join(row.printed) if row and row.printed else f"状态 {status}"
        words = (
            f"SoftSugar reports: {meaning}.",
            f"SoftSugar 报告：{printed}。",
            (row.remedy if row else "") or "Look at the room, and send the vendor the session ID if it stays so.",
            "请查看直播间；如果一直如此，请把会话 ID 发给厂商。",
        )
    return _error(str(status), words, detail, heard)


def of_socket(code: int, detail: str = "") -> VendorError:
    """A refusal on the takeover channel (004:275-334)."""
    return _error(f"socket_{code}", _SOCKET[code], detail, "maybe" if code == 5 else "nothing")


def of_envelope(code: int, message: str) -> VendorError:
    """An HTTP refusal; the number means nothing to us, the message is all there is."""
    said = clip(message).rstrip(".。") or f"code {code}"
    words = (
        f"SoftSugar refused: {said}.",
        f"SoftSugar 拒绝了请求：{said}。",
        "Correct it and try again; if the reason is not clear, send the vendor this message.",
        "请更正后重试；如果原因不明，请把此信息发给厂商。",
    )
    return _error(str(code), words, message, "nothing")


def of_http(status: int, detail: str = "") -> VendorError:
    """A refusal without an envelope."""
    words = _HTTP.get(
        status,
        (
            f"SoftSugar's server refused the request (HTTP {status}).",
            f"SoftSugar 服务器拒绝了请求（HTTP {status}）。",
            "Check the address of the vendor account.",
            "请检查厂商账号的接口地址。",
        ),
    )
    return _error(f"http_{status}", words, detail, "nothing")
