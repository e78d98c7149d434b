"""SoftSugar's fourteen HTTP calls (004:11-1119), checked with the contract before anything happens."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any

from dashboard.sandbox import softsugar_wire as wire
from dashboard.sandbox.faults import Target
from dashboard.sandbox.http import Request, Response
from dashboard.sandbox.softsugar_script import MISSING, OTHER_ERROR, UNDECODABLE, BadScript, read_live_script
from dashboard.sandbox.softsugar_session import ACCOUNT_FULL, CLOSED, LIVE, READY, SYSTEM_FULL, Session
from dashboard.sandbox.softsugar_world import VENDOR, SoftSugarWorld
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.model import Endpoint
from dashboard.vendors.contract.validation import Violation, check_body, check_query

WARM_FAILED, WARM_NOT_JSON, WARM_DONE = 73, 74, 75
ALL = "-1"
LONGEST_CHANNEL = 64
BIGGEST_UID = 2**32 - 1
BIGGEST_PAGE = 1000
CHECKED_LATER = {"channel_create": "param", "super_control": "param", "warmed_file_add": "filePreloadList"}
"""What is inside these has its own answer (a status in `data`), not a refused request (B36)."""

Handler = Callable[[dict[str, Any]], Response]


class Refused(Exception):
    """An answer with a code other than 0."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class SoftSugarHttp:
    def __init__(self, model: SoftSugarWorld) -> None:
        self._model = model
        self._world = model.world
        self._handlers: dict[str, Handler] = {
            "channel_create": self._create,
            "channel_heartbeat": self._heartbeat,
            "channel_start": self._start,
            "channel_close": self._close,
            "channel_stat": self._stat,
            "super_control": self._control,
            "warmed_file_add": self._warm,
            "queue_list": self._queue_list,
            "queue_reorder": self._reorder,
            "command_cancel": self._cancel,
            "running_list": self._running_list,
            "history_list": self._history_list,
            "rtc_token_audience": self._audience_token,
            "rtc_token_host_renew": self._renew_token,
        }

    def answer(self, request: Request, endpoint: Endpoint) -> Response:
        if not self._may(request, endpoint):
            return wire.refused(wire.REFUSED_TOKEN, "认证失败: token 无效", status=401)
        try:
            return self._handlers[endpoint.id](_arguments(request, endpoint))
        except Refused as refused:
            return wire.refused(refused.code, refused.message)

    def _may(self, request: Request, endpoint: Endpoint) -> bool:
        """The token comes raw or after "Bearer"; the header's name is not printed (004:9, B1)."""
        if self._world.faults.take("expire_tokens", Target(VENDOR, endpoint.id)):
            return False
        given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        return hmac.compare_digest(given.encode(), self._world.credentials.softsugar_token.encode())

    def _session(self, arguments: dict[str, Any]) -> Session:
        session = self._model.sessions.get(arguments["sessionId"])
        if session is None:
            raise Refused(wire.REFUSED_SESSION, "直播不存在")
        return session

    def _running(self, arguments: dict[str, Any]) -> Session:
        session = self._session(arguments)
        if not session.is_running:
            raise Refused(wire.REFUSED_STATE, f"直播已结束, status={session.status}")
        return session

    # -- the life of a session ---------------------------------------------------------------------------------------

    def _create(self, arguments: dict[str, Any]) -> Response:
        try:
            script = read_live_script(arguments["param"])
        except BadScript as problem:
            raise Refused(wire.REFUSED_BODY, f"param: {problem}") from problem
        session = self._model.create(script, user_data=arguments.get("userData"), urtc=_own_rtc(arguments))
        answer: dict[str, Any] = {"sessionId": session.id, "sessionToken": session.token, "status": session.status}
        if session.has_stream:
            answer |= session.rtc
        return wire.accepted(answer)

    def _heartbeat(self, arguments: dict[str, Any]) -> Response:
        self._model.beat(self._running(arguments))
        return wire.accepted()

    def _start(self, arguments: dict[str, Any]) -> Response:
        session = self._running(arguments)
        if session.status == READY:
            self._model.start(session)
        elif session.status != LIVE:
            raise Refused(wire.REFUSED_STATE, f"视频流创建中, status={session.status}")
        return wire.accepted(data=True)

    def _close(self, arguments: dict[str, Any]) -> Response:
        """Closing what has ended is no error: the caller wants it closed, and it is."""
        self._model.end(self._session(arguments), CLOSED, self._world.clock.now())
        return wire.accepted(data=True)

    def _stat(self, arguments: dict[str, Any]) -> Response:
        session = self._session(arguments)
        answer: dict[str, Any] = {"sessionToken": session.token, "status": session.status}
        if session.has_stream:
            answer |= session.rtc
        return wire.accepted(answer)

    def _running_list(self, arguments: dict[str, Any]) -> Response:
        return wire.accepted([_row(session) for session in self._model.running()])

    def _history_list(self, arguments: dict[str, Any]) -> Response:
        """97 and 98 never ran: only the filter brings them up (004:976 against 1002)."""
        wanted = {"id": arguments.get("sessionId") or None, "status": arguments.get("status")}
        ended = [one for one in self._model.sessions.values() if not one.is_running]
        if wanted["status"] in (SYSTEM_FULL, ACCOUNT_FULL):
            ended = list(self._model.refused_creates)
        rows = [one for one in ended if all(value in (None, getattr(one, key)) for key, value in wanted.items())]
        return wire.accepted(_page(_sorted(rows, arguments), arguments))

    # -- takeovers ---------------------------------------------------------------------------------------------------

    def _queue_list(self, arguments: dict[str, Any]) -> Response:
        """By order of playing, the playing one first; control commands are no takeovers (004:513, 830)."""
        return wire.accepted({"commandTraceIds": self._running(arguments).player.order()})

    def _reorder(self, arguments: dict[str, Any]) -> Response:
        session = self._running(arguments)
        done = self._model.reorder(session, arguments["commandTraceId"], arguments["priority"])
        return wire.accepted({"isSuccess": done})

    def _cancel(self, arguments: dict[str, Any]) -> Response:
        """One, several joined by ";", or -1 for all; known ones are cancelled even beside unknown ones (B24)."""
        session, refs = self._running(arguments), arguments["commandTraceId"]
        wanted = [ref for ref in dict.fromkeys(refs.split(";")) if ref]
        unknown: list[str] = []
        if refs == ALL:
            self._model.cancel_all(session)
        elif wanted:
            unknown = [ref for ref in wanted if not self._model.cancel(session, ref)]
        else:
            raise Refused(wire.REFUSED_BODY, "commandTraceId 为空")
        answer: dict[str, Any] = {"isSuccess": not unknown}
        if refs == ALL or len(unknown) < len(wanted):
            answer["commandFinishTime"] = wire.vendor_time(self._world.clock.wall())
        if unknown:
            answer["message"] = "接管不存在: " + ";".join(unknown)
        return wire.accepted(answer)

    def _control(self, arguments: dict[str, Any]) -> Response:
        session = self._running(arguments)
        status = self._model.control(session, arguments["param"]) if session.is_pro else OTHER_ERROR
        return wire.accepted({"commandStatus": status, "commandTraceId": self._world.ids.hex("softsugar.control")})

    def _warm(self, arguments: dict[str, Any]) -> Response:
        session, files = self._running(arguments), arguments["filePreloadList"]
        if not isinstance(files, list) or not files or not all(isinstance(one, str) and one for one in files):
            status = WARM_NOT_JSON
        elif UNDECODABLE in files:
            status = WARM_FAILED
        else:
            status = WARM_DONE
            session.files.extend(one for one in files if one not in session.files and one != MISSING)
            self._world.touch()
        return wire.accepted({"commandStatus": status, "commandTraceId": self._world.ids.hex("softsugar.warm")})

    # -- RTC tokens --------------------------------------------------------------------------------------------------

    def _audience_token(self, arguments: dict[str, Any]) -> Response:
        session = self._running(arguments)
        if not session.has_stream:
            raise Refused(wire.REFUSED_STATE, f"视频流创建中, status={session.status}")
        if arguments["rtcChannelId"] != session.rtc["rtcChannelId"]:
            raise Refused(wire.REFUSED_BODY, "rtcChannelId 与直播不符")
        return wire.accepted("007eJx" + self._world.ids.hex("softsugar.rtc", 64))

    def _renew_token(self, arguments: dict[str, Any]) -> Response:
        """The host's token exists only where the user brought an RTC application (004:1076)."""
        session = self._running(arguments)
        if not session.is_external_rtc:
            raise Refused(wire.REFUSED_STATE, "未使用用户 RTC appId")
        self._model.renew_token(session, arguments["urtcToken"])
        return wire.accepted("")


def _arguments(request: Request, endpoint: Endpoint) -> dict[str, Any]:
    """The checked arguments of a call, from the query of a GET and the JSON body of a POST."""
    documents = contract(VENDOR)
    if request.method == "GET":
        query = dict(request.query)
        _refuse_if(check_query(documents, endpoint, query), endpoint, query)
        return dict(query)
    try:
        body = request.json() if request.body else {}
    except ValueError:
        raise Refused(wire.REFUSED_BODY, "请求体不是 JSON") from None
    if not isinstance(body, dict):
        raise Refused(wire.REFUSED_BODY, "请求体不是 JSON 对象")
    _refuse_if(check_body(documents, endpoint, body), endpoint, body)
    return body


def _refuse_if(violations: tuple[Violation, ...], endpoint: Endpoint, arguments: dict[str, Any]) -> None:
    name = CHECKED_LATER.get(endpoint.id)
    # A param that is no text at all is a bad request, whatever would be inside.
    inner = arguments.get(name) if name is not None else None
    if inner is not None and (name != "param" or isinstance(inner, str)):
        violations = tuple(one for one in violations if not one.pointer.startswith(f"/{name}"))
    if violations:
        raise Refused(wire.REFUSED_BODY, "参数错误: " + "; ".join(str(one) for one in violations[:5]))


def _own_rtc(arguments: dict[str, Any]) -> dict[str, str] | None:
    """The caller's RTC values, all four of them, when `urtcUseExternalApp` says so (004:36-40)."""
    if arguments.get("urtcUseExternalApp") is not True:
        return None
    names = {"rtcAppId": "urtcAppId", "rtcChannelId": "urtcChannelId", "rtcUid": "urtcUid", "rtcToken": "urtcToken"}
    values = {ours: arguments.get(theirs) for ours, theirs in names.items()}
    missing = [names[name] for name, value in values.items() if not isinstance(value, str) or not value]
    if missing:
        raise Refused(wire.REFUSED_BODY, "参数缺失: " + ", ".join(missing))
    found = {name: str(value) for name, value in values.items()}
    if not found["rtcUid"].isascii() or not found["rtcUid"].isdigit() or int(found["rtcUid"]) > BIGGEST_UID:
        raise Refused(wire.REFUSED_BODY, "urtcUid 必须是不超过 32uint 的纯数字")
    if len(found["rtcChannelId"]) > LONGEST_CHANNEL:
        raise Refused(wire.REFUSED_BODY, "urtcChannelId 长度不得超过 64")
    return found


def _row(session: Session) -> dict[str, Any]:
    row: dict[str, Any] = {"sessionId": session.id, "status": session.status}
    if session.live_wall is not None:
        row["startTime"] = _time(session.live_wall)
    return row


def _time(wall: str) -> str:
    return wire.vendor_time(datetime.fromisoformat(wall))


_SORTS: dict[str, Callable[[Session], Any]] = {
    "sessionId": lambda one: one.id,
    "status": lambda one: one.status,
    "startTime": lambda one: one.live_wall or one.created_wall,
    "endTime": lambda one: one.ended_wall or "",
}


def _sorted(rows: list[Session], arguments: dict[str, Any]) -> list[Session]:
    """Newest first unless asked otherwise; the default is not printed (004:980)."""
    name, value = arguments.get("sortName") or "startTime", (arguments.get("sortValue") or "desc").lower()
    if name not in _SORTS:
        raise Refused(wire.REFUSED_BODY, f"sortName 不支持: {name}")
    if value not in ("asc", "desc"):
        raise Refused(wire.REFUSED_BODY, f"sortValue 不支持: {value}")
    return sorted(rows, key=_SORTS[name], reverse=value == "desc")


def _page(rows: list[Session], arguments: dict[str, Any]) -> dict[str, Any]:
    number, size = arguments.get("pageNo") or 1, arguments.get("pageSize") or 10
    if number < 1 or not 1 <= size <= BIGGEST_PAGE:
        raise Refused(wire.REFUSED_BODY, "分页参数错误")
    first = (number - 1) * size
    pages = (len(rows) + size - 1) // size
    place = {"pageNo": number, "numberPages": pages, "numberRecords": len(rows), "pageSize": size, "startIndex": first}
    result = [
        {
            "sessionId": one.id,
            "startTime": _time(one.live_wall or one.created_wall),
            "endTime": _time(one.ended_wall or one.created_wall),
            "status": one.status,
        }
        for one in rows[first : first + size]
    ]
    return {"pagination": place, "result": result}
