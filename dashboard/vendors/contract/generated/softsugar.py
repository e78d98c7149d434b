"""The contract of softsugar as types: written by `make contract` from the data, never by hand.

Keys and words are those on the wire. `…Query` and `…Body` are what a call takes, `…Answer` is what it gives.
"""

from typing import ClassVar, Literal, NotRequired, TypedDict

from dashboard.vendors.contract.request import Request

ChannelCreateDataStatus = Literal[9, 32, 35, 97, 98]
ChannelStatDataStatus = Literal[2, 5, 9, 32, 35, 50, 99]
DownCode = Literal[1, 2, 20, 19, 18, 4, 5, 6, 7, -1, 102, 30]
EndpointId = Literal[
    "channel_close",
    "channel_create",
    "channel_heartbeat",
    "channel_start",
    "channel_stat",
    "command_cancel",
    "history_list",
    "queue_list",
    "queue_reorder",
    "rtc_token_audience",
    "rtc_token_host_renew",
    "running_list",
    "super_control",
    "warmed_file_add",
    "takeover_socket",
]
HistoryListResultStatus = Literal[5, 9, 50, 97, 98, 99]
RunningListDataStatus = Literal[2, 32, 35]
SmoothMode = Literal[0, 1, 2]
SortValue = Literal["asc", "desc"]
StatusCallbackStatus = Literal[5, 9, 34, 35, 36, 37, 39, 50, 96, 99]
StatusCode = Literal[2, 5, 9, 32, 34, 35, 36, 37, 39, 50, 51, 52, 53, 54, 55, 73, 74, 75, 96, 97, 98, 99]
SuperControlDataCommandStatus = Literal[51, 52, 53, 54, 55]
Type = Literal[0, 1, 2, 3]
UpCode = Literal[0, 10, 11, 99, 101]
WarmedFileAddDataCommandStatus = Literal[73, 74, 75]
WhitenMode = Literal[0, 1, 2]


class Call(Request, frozen=True):
    """Any call of softsugar."""


class ChannelCreateData(TypedDict):
    """004:54"""

    sessionId: str
    sessionToken: str
    status: ChannelCreateDataStatus
    rtcAppId: NotRequired[str]
    rtcChannelId: NotRequired[str]
    rtcUid: NotRequired[str]
    rtcToken: NotRequired[str]


class ChannelStatData(TypedDict):
    """004:893"""

    status: ChannelStatDataStatus
    sessionToken: NotRequired[str]
    rtcAppId: NotRequired[str]
    rtcChannelId: NotRequired[str]
    rtcUid: NotRequired[str]
    rtcToken: NotRequired[str]


class CommandCancelData(TypedDict):
    """004:490"""

    isSuccess: bool
    commandFinishTime: NotRequired[str]
    message: NotRequired[str]


class ControlScriptDigitalRolePosition(TypedDict):
    """004:749"""

    x: NotRequired[int]
    y: NotRequired[int]


class ControlScriptDigitalRole(TypedDict):
    """004:747"""

    file_id: NotRequired[str]
    position: NotRequired[ControlScriptDigitalRolePosition]
    scale: NotRequired[float]
    start: NotRequired[int]
    end: NotRequired[int]
    play_reversible: NotRequired[bool]


class ControlScriptForegrounds(TypedDict):
    """004:756"""

    digital_role_file_id: NotRequired[str]
    file_id: NotRequired[str]
    type: NotRequired[Type]
    rect: NotRequired[list[int]]
    cycle: NotRequired[bool]
    z_pos: NotRequired[int]
    start: NotRequired[int]
    duration: NotRequired[int]
    delay: NotRequired[bool]
    volume: NotRequired[int]
    play_offset: NotRequired[int]
    start_trace_id: NotRequired[str]
    alpha: NotRequired[bool]


class ControlScriptBackgrounds(TypedDict):
    """004:770"""

    digital_role_file_id: NotRequired[str]
    file_id: NotRequired[str]
    type: NotRequired[Type]
    rect: NotRequired[list[int]]
    cycle: NotRequired[bool]
    start: NotRequired[int]
    duration: NotRequired[int]
    volume: NotRequired[int]
    play_offset: NotRequired[int]
    start_trace_id: NotRequired[str]
    alpha: NotRequired[bool]


class ControlScript(TypedDict):
    """004:746"""

    digital_role: NotRequired[ControlScriptDigitalRole]
    foregrounds: NotRequired[list[ControlScriptForegrounds]]
    backgrounds: NotRequired[ControlScriptBackgrounds]
    change_bit_rate: NotRequired[float]


class FrameReached(TypedDict):
    """004:355"""

    digital_role_file_id: str
    cur_frame: int


class Pagination(TypedDict):
    """004:1012"""

    pageNo: int
    numberPages: int
    numberRecords: int
    pageSize: int
    startIndex: int


class HistoryListResult(TypedDict):
    """004:996"""

    sessionId: str
    status: HistoryListResultStatus
    startTime: str
    endTime: str


class HistoryListData(TypedDict):
    """004:994"""

    pagination: Pagination
    result: list[HistoryListResult]


class LiveScriptStreamingParam(TypedDict):
    """004:601"""

    h264_profile: NotRequired[int]
    key_frame_interval: NotRequired[int]
    agora_live_mode: NotRequired[bool]
    rtmp_url: NotRequired[str]


class LiveScriptSceneDigitalRolePosition(TypedDict):
    """004:610"""

    x: NotRequired[int]
    y: NotRequired[int]


class LiveScriptSceneDigitalRole(TypedDict):
    """004:607"""

    face_feature_id: NotRequired[str]
    file_id: NotRequired[str]
    position: NotRequired[LiveScriptSceneDigitalRolePosition]
    scale: NotRequired[float]


class LiveScriptSceneDigitalRoleSublistPosition(TypedDict):
    """004:616"""

    x: NotRequired[int]
    y: NotRequired[int]


class LiveScriptSceneDigitalRoleSublist(TypedDict):
    """004:614"""

    file_id: NotRequired[str]
    position: NotRequired[LiveScriptSceneDigitalRoleSublistPosition]
    scale: NotRequired[float]
    notify_frame: NotRequired[list[int]]


class LiveScriptSceneEffectsBeautify(TypedDict):
    """004:625"""

    whitenStrength: NotRequired[float]
    whiten_mode: NotRequired[WhitenMode]
    reddenStrength: NotRequired[float]
    smoothStrength: NotRequired[float]
    smooth_mode: NotRequired[SmoothMode]
    shrinkRatio: NotRequired[float]
    enlargeRatio: NotRequired[float]
    smallRatio: NotRequired[float]
    narrowFace: NotRequired[float]
    roundEyesRatio: NotRequired[float]
    thinFaceShapeRatio: NotRequired[float]
    chinLength: NotRequired[float]
    hairlineHeightRatio: NotRequired[float]
    appleMusle: NotRequired[float]
    narrowNoseRatio: NotRequired[float]
    noseLengthRatio: NotRequired[float]
    profileRhinoplasty: NotRequired[float]
    mouthSize: NotRequired[float]
    philtrumLengthRatio: NotRequired[float]
    eyeDistanceRatio: NotRequired[float]
    eyeAngleRatio: NotRequired[float]
    openCanthus: NotRequired[float]
    shrinkJawbone: NotRequired[float]
    shrinkRoundFace: NotRequired[float]
    shrinkLongFace: NotRequired[float]
    shrinkGoddessFace: NotRequired[float]
    shrinkNaturalFace: NotRequired[float]
    shrinkWholeHead: NotRequired[float]
    contrastStrength: NotRequired[float]
    saturationStrength: NotRequired[float]
    sharpen: NotRequired[float]
    clear: NotRequired[float]


class LiveScriptSceneEffects(TypedDict):
    """004:623"""

    version: NotRequired[str]
    beautify: NotRequired[LiveScriptSceneEffectsBeautify]


class LiveScriptScene(TypedDict):
    """004:606"""

    digital_role: NotRequired[LiveScriptSceneDigitalRole]
    digital_role_sublist: NotRequired[list[LiveScriptSceneDigitalRoleSublist]]
    effects: NotRequired[LiveScriptSceneEffects]


class LiveScript(TypedDict):
    """004:595"""

    version: NotRequired[str]
    resolution: NotRequired[list[int]]
    bit_rate: NotRequired[float]
    live_type: NotRequired[Literal["SuperLiveRoomPro"]]
    streaming_param: NotRequired[LiveScriptStreamingParam]
    sceneList: NotRequired[list[LiveScriptScene]]
    auto_fill_silence: NotRequired[bool]
    file_preload_list: NotRequired[list[str]]


class QueueListData(TypedDict):
    """004:852"""

    commandTraceIds: NotRequired[list[str]]


class QueueReorderData(TypedDict):
    """004:445"""

    isSuccess: bool


class RemainingTime(TypedDict):
    """004:346"""

    channel_id: str
    server_time: int
    remain_duration: int


RequestHeaders = TypedDict(
    "RequestHeaders",
    {
        "Authorization": str,
        "Content-Type": NotRequired[str],
    },
)


class RunningListData(TypedDict):
    """004:937"""

    sessionId: str
    status: RunningListDataStatus
    startTime: NotRequired[str]


class SuperControlData(TypedDict):
    """004:192"""

    commandStatus: SuperControlDataCommandStatus
    commandTraceId: str


class TakeoverAck(TypedDict):
    """004:335"""

    sessionId: str
    code: int
    commandTraceId: str
    timestamp: int


class TakeoverFrameTtsQuery(TypedDict):
    """004:237"""

    content: str
    ssml: NotRequired[bool]


class TakeoverNotice(TypedDict):
    """004:285"""

    sessionId: str
    commandTraceId: str
    timestamp: int


class WarmedFileAddData(TypedDict):
    """004:396"""

    commandStatus: WarmedFileAddDataCommandStatus
    commandTraceId: NotRequired[str]


class UpAudioBeginFrame(TypedDict):
    """004:247"""

    code: Literal[0]
    message: str
    commandTraceId: str
    priority: NotRequired[int]
    superControl: NotRequired[str]
    silk: NotRequired[bool]


class UpSayTextFrame(TypedDict):
    """004:235"""

    code: Literal[10]
    message: str
    commandTraceId: str
    priority: NotRequired[int]
    tts_query: TakeoverFrameTtsQuery
    superControl: NotRequired[str]
    silk: NotRequired[bool]


class UpSayFileFrame(TypedDict):
    """004:235"""

    code: Literal[11]
    message: str
    commandTraceId: str
    superControl: NotRequired[str]
    silk: NotRequired[bool]


class UpAudioEndFrame(TypedDict):
    """004:256"""

    code: Literal[99]
    message: str
    commandTraceId: str


class UpAskRemainingFrame(TypedDict):
    """004:262"""

    code: Literal[101]
    message: NotRequired[str]


class DownAuthFailedFrame(TypedDict):
    """004:275"""

    code: Literal[1]
    message: str


class DownReadyFrame(TypedDict):
    """004:280"""

    code: Literal[2]
    message: str


class DownEnqueuedFrame(TypedDict):
    """004:285"""

    code: Literal[20]
    message: str
    data: TakeoverNotice


class DownStartedFrame(TypedDict):
    """004:295"""

    code: Literal[19]
    message: str
    data: TakeoverNotice


class DownFinishedFrame(TypedDict):
    """004:305"""

    code: Literal[18]
    message: str
    data: TakeoverNotice


class DownStopSendingFrame(TypedDict):
    """004:315"""

    code: Literal[4]
    message: str


class DownSendFailedFrame(TypedDict):
    """004:320"""

    code: Literal[5]
    message: str


class DownNoSessionFrame(TypedDict):
    """004:325"""

    code: Literal[6]
    message: str


class DownConflictFrame(TypedDict):
    """004:330"""

    code: Literal[7]
    message: str


class DownAckFrame(TypedDict):
    """004:335"""

    code: Literal[-1]
    message: str
    data: TakeoverAck


class DownRemainingFrame(TypedDict):
    """004:346"""

    code: Literal[102]
    message: RemainingTime


class DownFrameFrame(TypedDict):
    """004:355"""

    code: Literal[30]
    message: FrameReached


class StatusCallback(TypedDict):
    """004:1120"""

    sessionId: str
    rtcAppId: NotRequired[str]
    rtcChannelId: NotRequired[str]
    rtcUid: NotRequired[str]
    rtcToken: NotRequired[str]
    status: StatusCallbackStatus
    commandTraceId: NotRequired[str]
    commandFinishTime: NotRequired[str]
    taskResult: NotRequired[str]
    userData: NotRequired[str]


class ChannelCloseBody(TypedDict):
    """004:556"""

    sessionId: str


class ChannelCloseAnswer(TypedDict):
    """004:556"""

    code: int
    message: str
    data: NotRequired[bool]


class ChannelClose(Call, frozen=True):
    """POST /api/2dvh/v1/material/live/channel/close (004:556)"""

    endpoint: ClassVar[Literal["channel_close"]] = "channel_close"
    body: ChannelCloseBody


class ChannelCreateBody(TypedDict):
    """004:26"""

    param: str
    urtcUseExternalApp: NotRequired[bool]
    urtcToken: NotRequired[str]
    urtcUid: NotRequired[str]
    urtcAppId: NotRequired[str]
    urtcChannelId: NotRequired[str]
    userData: NotRequired[str]


class ChannelCreateAnswer(TypedDict):
    """004:26"""

    code: int
    message: str
    data: NotRequired[ChannelCreateData]


class ChannelCreate(Call, frozen=True):
    """POST /api/2dvh/v2/material/live/channel/create (004:26)"""

    endpoint: ClassVar[Literal["channel_create"]] = "channel_create"
    body: ChannelCreateBody


class ChannelHeartbeatBody(TypedDict):
    """004:87"""

    sessionId: str


class ChannelHeartbeatAnswer(TypedDict):
    """004:87"""

    code: int
    message: str
    data: NotRequired[object]


class ChannelHeartbeat(Call, frozen=True):
    """POST /api/2dvh/v1/material/live/channel/heartbeat (004:87)"""

    endpoint: ClassVar[Literal["channel_heartbeat"]] = "channel_heartbeat"
    body: ChannelHeartbeatBody


class ChannelStartBody(TypedDict):
    """004:126"""

    sessionId: str


class ChannelStartAnswer(TypedDict):
    """004:126"""

    code: int
    message: str
    data: NotRequired[bool]


class ChannelStart(Call, frozen=True):
    """POST /api/2dvh/v1/material/live/channel/start (004:126)"""

    endpoint: ClassVar[Literal["channel_start"]] = "channel_start"
    body: ChannelStartBody


class ChannelStatQuery(TypedDict):
    """004:873"""

    sessionId: str


class ChannelStatAnswer(TypedDict):
    """004:873"""

    code: int
    message: str
    data: NotRequired[ChannelStatData]


class ChannelStat(Call, frozen=True):
    """GET /api/2dvh/v1/material/live/channel/stat (004:873)"""

    endpoint: ClassVar[Literal["channel_stat"]] = "channel_stat"
    query: ChannelStatQuery


class CommandCancelBody(TypedDict):
    """004:466"""

    sessionId: str
    commandTraceId: str


class CommandCancelAnswer(TypedDict):
    """004:466"""

    code: int
    message: str
    data: CommandCancelData


class CommandCancel(Call, frozen=True):
    """POST /api/2dvh/v1/material/live/channel/command/cancel (004:466)"""

    endpoint: ClassVar[Literal["command_cancel"]] = "command_cancel"
    body: CommandCancelBody


class HistoryListBody(TypedDict):
    """004:966"""

    sessionId: NotRequired[str]
    status: NotRequired[HistoryListResultStatus]
    pageNo: NotRequired[int]
    pageSize: NotRequired[int]
    sortName: NotRequired[str]
    sortValue: NotRequired[SortValue]


class HistoryListAnswer(TypedDict):
    """004:966"""

    code: int
    message: str
    data: NotRequired[HistoryListData]


class HistoryList(Call, frozen=True):
    """POST /api/2dvh/v1/material/live/channel/history/list (004:966)"""

    endpoint: ClassVar[Literal["history_list"]] = "history_list"
    body: HistoryListBody


class QueueListBody(TypedDict):
    """004:830"""

    sessionId: str


class QueueListAnswer(TypedDict):
    """004:830"""

    code: int
    message: str
    data: QueueListData


class QueueList(Call, frozen=True):
    """POST /api/2dvh/v1/material/live/channel/command/queue/list (004:830)"""

    endpoint: ClassVar[Literal["queue_list"]] = "queue_list"
    body: QueueListBody


class QueueReorderBody(TypedDict):
    """004:419"""

    sessionId: str
    commandTraceId: str
    priority: int


class QueueReorderAnswer(TypedDict):
    """004:419"""

    code: int
    message: str
    data: QueueReorderData


class QueueReorder(Call, frozen=True):
    """POST /api/2dvh/v1/material/live/channel/command/queue/reorder (004:419)"""

    endpoint: ClassVar[Literal["queue_reorder"]] = "queue_reorder"
    body: QueueReorderBody


class RtcTokenAudienceBody(TypedDict):
    """004:1044"""

    sessionId: str
    rtcChannelId: str


class RtcTokenAudienceAnswer(TypedDict):
    """004:1044"""

    code: int
    message: str
    data: NotRequired[str]


class RtcTokenAudience(Call, frozen=True):
    """POST /api/2dvh/v1/material/rtc/token/audience (004:1044)"""

    endpoint: ClassVar[Literal["rtc_token_audience"]] = "rtc_token_audience"
    body: RtcTokenAudienceBody


class RtcTokenHostRenewBody(TypedDict):
    """004:1086"""

    sessionId: str
    urtcToken: str


class RtcTokenHostRenewAnswer(TypedDict):
    """004:1086"""

    code: int
    message: str
    data: NotRequired[str]


class RtcTokenHostRenew(Call, frozen=True):
    """POST /api/2dvh/v1/material/rtc/token/host/renew (004:1086)"""

    endpoint: ClassVar[Literal["rtc_token_host_renew"]] = "rtc_token_host_renew"
    body: RtcTokenHostRenewBody


class RunningListAnswer(TypedDict):
    """004:924"""

    code: int
    message: str
    data: NotRequired[list[RunningListData]]


class RunningList(Call, frozen=True):
    """GET /api/2dvh/v1/material/live/channel/running/list (004:924)"""

    endpoint: ClassVar[Literal["running_list"]] = "running_list"


class SuperControlBody(TypedDict):
    """004:168"""

    sessionId: str
    param: str


class SuperControlAnswer(TypedDict):
    """004:168"""

    code: int
    message: str
    data: SuperControlData


class SuperControl(Call, frozen=True):
    """POST /api/2dvh/v1/material/live/super/pro/channel/control (004:168)"""

    endpoint: ClassVar[Literal["super_control"]] = "super_control"
    body: SuperControlBody


class WarmedFileAddBody(TypedDict):
    """004:372"""

    sessionId: str
    filePreloadList: list[str]


class WarmedFileAddAnswer(TypedDict):
    """004:372"""

    code: int
    message: str
    data: WarmedFileAddData


class WarmedFileAdd(Call, frozen=True):
    """POST /api/2dvh/v1/material/live/channel/command/warmed/file/add (004:372)"""

    endpoint: ClassVar[Literal["warmed_file_add"]] = "warmed_file_add"
    body: WarmedFileAddBody


class TakeoverSocketQuery(TypedDict):
    """004:219"""

    clientType: Literal["BROWSER"]
    sessionId: str
    Authorization: str


class TakeoverSocketBody(TypedDict):
    """004:219"""

    code: int
    message: str
    commandTraceId: str
    priority: NotRequired[int]
    tts_query: NotRequired[TakeoverFrameTtsQuery]
    superControl: NotRequired[str]
    silk: NotRequired[bool]
