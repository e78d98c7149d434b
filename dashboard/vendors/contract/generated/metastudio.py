"""The contract of metastudio as types: written by `make contract` from the data, never by hand.

Keys and words are those on the wire. `…Query` and `…Body` are what a call takes, `…Answer` is what it gives.
"""

from typing import ClassVar, Literal, NotRequired, TypedDict

from dashboard.vendors.contract.request import Request

ActionType = Literal["SILENCE", "ACTION"]
AnimationInsertRestriction = Literal["ONLY_BEGINNING", "ONLY_END"]
AssetFileInfoAssetFileCategory = Literal[
    "MAIN",
    "COVER",
    "PAGE",
    "SAMPLE",
    "OTHER",
    "WHOLE_MODEL",
    "USER_MODIFIED_MODEL",
]
AssetFileInfoState = Literal[
    "CREATING",
    "CREATED",
    "FAILED",
    "CANCELLED",
    "DELETING",
    "DELETED",
    "UPLOADED",
    "REVIEW",
    "BLOCK",
]
AssetSource = Literal["SYSTEM", "CUSTOMIZATION", "ALL"]
AuthType = Literal["NONE", "MSS_A", "MSS_A_HEAD", "MEITUAN_DEFAULT"]
BackgroundType = Literal["IMAGE", "IMAGE_2D", "VIDEO", "AUDIO", "COLOR"]
BatchExecuteAssetActionBodyAction = Literal[
    "DELETE",
    "DELETE_FORCE",
    "RESTORE",
    "UNACTIVE",
    "ACTIVE",
    "SHARE",
    "UNSHARE",
]
CallBackConfigAuthType = Literal["NONE", "MSS_A"]
ClipMode = Literal["RESIZE", "CROP"]
Codec = Literal["H264", "VP8"]
CommandMessage = Literal["UPDATE_VIDEO", "UPLOAD_VIDEO"]
CommandResult = Literal["EXECUTE_SUCCESS", "EXECUTE_FAILED"]
CommentType = Literal["USER_REJECT", "USER_COMMENT", "ADMIN_COMMENT"]
CommitVoiceTrainingJobBodyLanguage = Literal["CN", "EN"]
ConfirmFileUploadBodyState = Literal["CREATED", "FAILED", "CANCELLED"]
CreateLargeFileBodyAssetFileCategory = Literal["MAIN", "OTHER"]
CreateType = Literal["PACKAGE", "SEGMENT"]
DigitalAssetInfoAssetState = Literal["CREATING", "FAILED", "UNACTIVED", "ACTIVED", "DELETING", "DELETED", "BLOCK"]
DigitalAssetInfoAssetType = Literal[
    "VOICE_MODEL",
    "VIDEO",
    "IMAGE",
    "PPT",
    "MUSIC",
    "AUDIO",
    "COMMON_FILE",
    "HUMAN_MODEL_2D",
    "BUSINESS_CARD_TEMPLATE",
    "HUMAN_MODEL",
    "SCENE",
    "ANIMATION",
    "MATERIAL",
    "NORMAL_MODEL",
]
DigitalHumanVideoState = Literal["WAITING", "PROCESSING", "SUCCEED", "FAILED", "CANCELED", "BLOCK"]
EndpointId = Literal[
    "batch_execute_asset_action",
    "cancel_2d_digital_human_video",
    "commit_voice_training_job",
    "confirm_file_upload",
    "confirm_training_segment",
    "copy_video_script",
    "create_2d_digital_human_video",
    "create_digital_asset",
    "create_digital_asset_by_replication_info",
    "create_file",
    "create_large_file",
    "create_product",
    "create_smart_live_interaction_rule_group",
    "create_smart_live_room",
    "create_token",
    "create_training_advance_job",
    "create_training_basic_job",
    "create_training_job",
    "create_training_middle_job",
    "create_tts_audition",
    "create_video_script",
    "delete_asset",
    "delete_file",
    "delete_product",
    "delete_smart_live_interaction_rule_group",
    "delete_smart_live_room",
    "delete_training_job",
    "delete_video_script",
    "delete_voice_training_job",
    "execute_smart_live_command",
    "execute_training_command",
    "list_asset_summarys",
    "list_assets",
    "list_digital_human_videos",
    "list_products",
    "list_smart_live_interaction_rule_groups",
    "list_smart_live_jobs",
    "list_smart_live_rooms",
    "list_tenant_smart_live_jobs",
    "list_training_jobs",
    "list_training_segments",
    "list_video_scripts",
    "list_voice_training_jobs",
    "report_live_event",
    "restore_asset",
    "set_product_assets",
    "show_2d_digital_human_video",
    "show_asset",
    "show_asset_replication_info",
    "show_job_audit_result",
    "show_job_uploading_address",
    "show_product",
    "show_smart_live_job",
    "show_smart_live_room",
    "show_training_job",
    "show_tts_audition_file",
    "show_video_script",
    "show_voice_training_job",
    "start_smart_live_job",
    "stop_smart_live_job",
    "update_digital_asset",
    "update_product",
    "update_smart_live_interaction_rule_group",
    "update_smart_live_room",
    "update_training_job",
    "update_video_script",
]
EventType = Literal[1, 2, 3, 4, 10]
ExecuteTrainingCommandBodyCommand = Literal[
    "SUBMITVERIFYING",
    "CONFIRM_ACCEPT",
    "CONFIRM_REJECT",
    "CONFIRM_ANSWER",
    "CONFIRM_PENDING",
    "CONFIRM_ACTIVE",
    "GET_MULTIPART_UPLOADED",
    "CONFIRM_MULTIPART_UPLOADED",
]
FailType = Literal["AUTOMATIC_REVIEW_REJECT", "MANUAL_REVIEW_REJECT"]
HumanModel2DAssetMetaModelVersion = Literal["V2", "V3", "V3_2"]
InterpretAs = Literal["money", "date", "figure", "phone", "english", "spell"]
JobType = Literal["LLM_MAJOR", "LLM_MINOR", "BASIC", "MIDDLE", "ADVANCE", "THIRD_PARTY"]
Key = Literal[
    "BACKGROUND_IMG",
    "CREATED_BY_PLATFORM",
    "MATERIAL_IMG",
    "MATERIAL_VIDEO",
    "BUSINESS_CARD_VIDEO",
    "TO_BE_TRANSLATED_VIDEO",
    "STYLE_ID",
    "DH_ID",
    "PLATFORM_AVAILABLE",
    "RENDER_ENGINE",
    "BACKGROUND_SCENE",
    "LAYER_CONFIG_ENABLE",
]
LayerConfigLayerType = Literal["HUMAN", "IMAGE", "VIDEO", "TEXT"]
LiveCallbackEvent = Literal["SHOOT_SCRIPT_SWITCH", "RTMP_STREAM_STATE_CHANGE", "REPLY_COMMAND_FINISH"]
LiveCommand = Literal[
    "INSERT_PLAY_SCRIPT",
    "REWRITE_PLAY_SCRIPT",
    "INSERT_PLAY_AUDIO",
    "REWRITE_INTERACTION_RULES",
    "GET_CURRENT_PLAYING_SCRIPTS",
    "SHOW_LAYER",
    "REFRESH_OUTPUT_URL",
    "GET_LIVE_JOB_CONFIG_INFO",
]
LiveEventType = Literal[1, 2, 3, 4, 5, 6]
LiveJobState = Literal["WAITING", "PROCESSING", "SUCCEED", "FAILED", "CANCELED", "BLOCKED"]
LiveWarning = Literal[
    "TOO_LESS_SCRIPT_ITEMS",
    "TOO_SHORT_SCRIPT_TIME",
    "TOO_LESS_DANMAKU_RULES",
    "RANDOM_PLAY_CLOSED",
    "ROTATION_MODEL_CLOSED",
]
LogType = Literal[
    "USER_CREATE_JOD",
    "USER_VERIFYING_SUBMITTED",
    "SYSTEM_VERIFY_FAILED",
    "SYSTEM_VERIFY_SUCCESS",
    "ADMIN_VERIFY_SUCCESS",
    "ADMIN_VERIFY_FAILED",
    "SYSTEM_TRAIN_DATA_PREPROCESSING",
    "SYSTEM_TRAIN_DATA_PREPROCESS_FAILED",
    "SYSTEM_TRAIN_DATA_PREPROCESS_SUCCESS",
    "SYSTEM_TRAINING",
    "ADMIN_STOP_TRAIN",
    "SYSTEM_TRAIN_FAILED",
    "SYSTEM_TRAIN_SUCCESS",
    "SYSTEM_INFERENCE_DATA_PREPROCESSING",
    "SYSTEM_INFERENCE_DATA_PREPROCESS_FAILED",
    "SYSTEM_INFERENCE_DATA_PREPROCESS_SUCCESS",
    "SYSTEM_JOB_SUCCESS",
    "SYSTEM_MARKABLE_VIDEO",
    "SYSTEM_MASK_VERIFY_VIDEO",
    "SYSTEM_MASK_VERIFY_VIDEO_SUCCESS",
    "SYSTEM_MASK_VERIFY_VIDEO_FAILED",
    "SYSTEM_MARKABLE_VIDEO_SUCCESS",
    "SYSTEM_MARKABLE_VIDEO_FAILED",
    "SYSTEM_MASK_VIDEO_AND_ACTION_TIME_SUCCESS",
    "SYSTEM_MASK_VIDEO_AND_ACTION_TIME_FAILED",
    "ADMIN_MASK_UPLOADED",
    "ADMIN_UPDATE_VIDEO",
    "USER_UPDATE_VIDEO",
    "ADMIN_MASK_ACTION_TIME",
]
Match = Literal["EQUAL", "REGEX", "MATH_GT", "MATH_GE", "MATH_LT", "MATH_LE", "MATH_EQ"]
MaterialComponentInfoComponentType = Literal["CLOTHES", "PANTS", "SHOES", "HAIR", "EYELASH", "EYEBROW"]
MattingType = Literal["AI", "MANUAL"]
ModelAssetType = Literal["HUMAN_MODEL_2D", "HUMAN_MODEL_3D"]
ModelType = Literal["COMMON", "CLONE"]
ModelingType = Literal["UPLOADED", "PICTURE_MODELING", "CHARACTER_CUSTOMIZATION_MODELING"]
OperateUser = Literal["USER", "ADMIN", "SYSTEM"]
Operation = Literal["SUM", "AVG", "COUNT", "NONE"]
PlayMode = Literal["TEXT", "AUDIO", "NO_PRESET"]
PlayRole = Literal["STREAMER", "CO_STREAMER"]
PlayType = Literal["APPEND", "INSERT", "PLAY_NOW"]
PptAnalysisStatus = Literal["INITIALIZE", "WAITING", "CONVERTING", "FAILED", "SUCCEEDED", "CANCELED"]
ProductDetailInfoState = Literal["ACTIVED", "UNACTIVED", "BLOCK", "DELETED"]
ProductMediaDetailInfoAssetType = Literal["IMAGE", "VIDEO", "AUDIO"]
Provider = Literal["XIMALAYA", "HUAWEI_EI", "MOBVOI", "AUDIOX", "SINOVOICE", "DATABACK", "AISPEECH"]
RandomPlayMode = Literal["NONE", "SCENE", "SCRIPT_ITEM", "SCENE_AND_SCRIPT_ITEM"]
Relation = Literal["AND", "OR", "RESERVED"]
ReplyMode = Literal["SYSTEM_REPLY", "CALLBACK", "SHOW_LAYER", "INTELLIGENT_REPLY"]
ReplyOrder = Literal["RANDOM", "ORDER"]
ReplyRole = Literal["STREAMER", "CO_STREAMER"]
Result = Literal["SUCCEED", "FAILED"]
Role = Literal["SHARER", "SHAREE"]
RoomState = Literal["ENABLE", "DISABLE", "BLOCKED"]
RoomType = Literal["NORMAL", "TEMP", "TEMPLATE"]
RtcCallbackEvent = Literal["LIVE_PROGRESS", "REPLY_COMMAND_FINISH"]
RtcUserType = Literal["CAPTURE", "ANIMATION", "RENDER", "PLAYER", "INFERENCE_USER", "END_USER"]
RtmpStreamStateChangeMessageState = Literal["CONNECTING", "CONNECTED", "DISCONNECTED", "RECONNECTING", "END"]
RtsaCommand = Literal["get_current_state", "play_start", "play_pause", "play_resume", "voice_start", "voice_end"]
RtsaState = Literal["PREPROCESSING", "PLAY_READY", "PROCESSING", "PLAY_PAUSE", "TAKE_OVER", "PLAY_END"]
RtsaTiming = Literal["NOW", "SENTENCE_END"]
SceneComponentInfoComponentType = Literal["CAMERA", "PANEL", "LIGHT"]
ScriptCatalog = Literal["VIDEO_DRAFT", "SYSTEM_VIDEO_TEMPLATE"]
ScriptType = Literal["TEXT", "AUDIO"]
SetProductAssetsBodyAction = Literal["LINK", "UNLINK"]
Sex = Literal["UNKNOWN", "MALE", "FEMALE"]
SharedState = Literal["PUBLISHED", "DRAFT", "REVIEW"]
SharedType = Literal["PRIVATE", "PUBLIC", "SHARED"]
SmartLayerConfigLayerType = Literal["IMAGE", "VIDEO", "TEXT"]
SmartTextLayerConfigFontName = Literal[
    "HarmonyOS_Sans_SC_Black",
    "HarmonyOS_Sans_SC_Regular",
    "HarmonyOS_Sans_SC_Thin",
    "fzyouh",
]
SortDir = Literal["asc", "desc"]
SsmlEmotionType = Literal["HAPPY", "SAD", "CALM", "ANGER"]
SsmlTag = Literal["speak", "break", "phoneme", "say-as", "sub", "prosody", "emotion", "insert-action"]
StreamerAction = Literal["SILENCE", "VOLUME_DOWN"]
Strength = Literal["none", "x-weak", "weak", "medium", "strong", "x-strong"]
SubtitleConfigFontName = Literal["HarmonyOS_Sans_SC_Black", "HarmonyOS_Sans_SC_Regular", "HarmonyOS_Sans_SC_Thin"]
SystemPropertyAction = Literal["ADD", "DELETE"]
TemplateOwnType = Literal["OWNED", "SHARED_TO_OTHERS", "SHARED_FROM_OTHERS", "PUBLIC"]
TextType = Literal["DYNAMIC", "STATIC"]
TrainingJobBasicInfoModelVersion = Literal["V2", "V3", "V3.2"]
TrainingJobBasicInfoState = Literal[
    "WAIT_FILE_UPLOAD",
    "AUTO_VERIFYING",
    "AUTO_VERIFY_FAILED",
    "MANUAL_VERIFYING",
    "MANUAL_VERIFY_FAILED",
    "MANUAL_VERIFY_SUCCESS",
    "TRAINING_DATA_PREPROCESSING",
    "TRAINING_DATA_PREPROCESS_FAILED",
    "TRAINING_DATA_PREPROCESS_SUCCESS",
    "TRAINING",
    "TRAIN_FAILED",
    "TRAIN_SUCCESS",
    "INFERENCE_DATA_PREPROCESSING",
    "INFERENCE_DATA_PREPROCESS_FAILED",
    "WAIT_MAIN_FILE_UPLOAD",
    "JOB_SUCCESS",
    "WAIT_USER_CONFIRM",
    "JOB_REJECT",
    "JOB_PENDING",
    "JOB_FINISH",
]
TrainingJobInfoState = Literal[
    "CREATING",
    "SYSTEM_AUDITING",
    "AUDITING",
    "WAITING",
    "PROCESSING",
    "RESULT_REVIEW",
    "AUDIT_FAILED",
    "FAILED",
    "SUCCEED",
]
UpdateDigitalAssetBodyAssetState = Literal["UNACTIVED", "ACTIVED"]
UpdateProductBodyState = Literal["ACTIVED", "UNACTIVED"]
VideoMakingType = Literal["MODEL", "PICTURE"]
ViewMode = Literal["LANDSCAPE", "VERTICAL"]
VoiceModelAssetMetaLanguage = Literal[
    "UNKNOWN",
    "CN",
    "EN",
    "GER",
    "fr",
    "Kr",
    "por",
    "JPN",
    "Ita",
    "ESP",
    "DBH",
    "GT",
    "GXH",
    "HBH",
    "SXH",
    "SCH",
    "YY",
    "Russian",
    "Filipino",
    "Dutch",
    "Indonesian",
    "Vietnamese",
    "Arabic",
    "Turkish",
    "Malay",
    "Thai",
    "Finnish",
]
VoiceProvider = Literal["HUAWEI_METASTUDIO", "MOBVOI"]


class Call(Request, frozen=True):
    """Any call of metastudio."""


class ActionMarkItem(TypedDict):
    """002:11535"""

    action_start_time: NotRequired[str]
    action_end_time: NotRequired[str]
    action_type: NotRequired[ActionType]


class AnimationAssetMeta(TypedDict):
    """002:837"""

    style_id: NotRequired[str]
    duration: NotRequired[float]
    auto_analysis: NotRequired[bool]
    voice_delay: NotRequired[float]
    animation_insert_restriction: NotRequired[AnimationInsertRestriction]


class ErrorResponse(TypedDict):
    """002:6200"""

    error_code: NotRequired[str]
    error_msg: NotRequired[str]


class AssetActionResult(TypedDict):
    """002:2554"""

    ret_status: NotRequired[str]
    asset_ids: NotRequired[list[str]]
    error_info: NotRequired[ErrorResponse]


class HumanModelMetaProperties(TypedDict):
    """002:771"""

    whole_model_base_file_id: NotRequired[str]
    load_model_file_id: NotRequired[str]


class ComponentInfo(TypedDict):
    """002:777"""

    component_name: str
    component_type: str
    component_desc: NotRequired[str]


class HumanModelAssetMeta(TypedDict):
    """002:760"""

    style_id: NotRequired[str]
    modeling_type: NotRequired[ModelingType]
    modeling_job_id: NotRequired[str]
    model_properties: NotRequired[HumanModelMetaProperties]
    components: NotRequired[list[ComponentInfo]]


class VoiceCapability(TypedDict):
    """002:801"""

    is_support_phoneme_en: NotRequired[bool]
    is_support_phoneme: NotRequired[bool]
    is_support_break_time: NotRequired[bool]
    is_support_break_strength: NotRequired[bool]
    is_support_speed: NotRequired[bool]
    is_support_prosody: NotRequired[bool]
    is_support_ssml_say_as: NotRequired[bool]
    is_support_ssml_sub: NotRequired[bool]
    is_support_word: NotRequired[bool]


class ExternalVoiceAssetMeta(TypedDict):
    """002:816"""

    provider: Provider


class VoiceModelAssetMeta(TypedDict):
    """002:784"""

    order: NotRequired[int]
    model_type: NotRequired[ModelType]
    sex: NotRequired[Sex]
    language: NotRequired[VoiceModelAssetMetaLanguage]
    speed_ratio: NotRequired[float]
    volume_ratio: NotRequired[float]
    is_realtime_voice: NotRequired[bool]
    voice_capability: NotRequired[VoiceCapability]
    external_voice_meta: NotRequired[ExternalVoiceAssetMeta]


class PPTPageInfo(TypedDict):
    """002:830"""

    page_no: NotRequired[int]
    file_id: NotRequired[str]
    page_content: NotRequired[str]


class PPTAssetMeta(TypedDict):
    """002:821"""

    auto_analysis: NotRequired[bool]
    ppt_analysis_status: NotRequired[PptAnalysisStatus]
    error_info: NotRequired[ErrorResponse]
    page_count: NotRequired[int]
    pages: NotRequired[list[PPTPageInfo]]


class SceneComponentInfo(TypedDict):
    """002:852"""

    index: NotRequired[int]
    component_name: str
    component_type: SceneComponentInfoComponentType
    component_desc: NotRequired[str]


class SceneAssetMeta(TypedDict):
    """002:846"""

    components: NotRequired[list[SceneComponentInfo]]
    default_configs: NotRequired[dict[str, object]]


class MaterialComponentInfo(TypedDict):
    """002:865"""

    component_name: str
    component_type: MaterialComponentInfoComponentType
    component_desc: NotRequired[str]


class MaterialAssetMeta(TypedDict):
    """002:860"""

    components: NotRequired[list[MaterialComponentInfo]]


class HumanModel2DAssetMeta(TypedDict):
    """002:874"""

    is_action_editable: NotRequired[bool]
    is_real_background: NotRequired[bool]
    support_live: NotRequired[bool]
    model_version: NotRequired[HumanModel2DAssetMetaModelVersion]
    model_resolution: NotRequired[str]
    device_names: NotRequired[list[str]]


class ImageAssetMeta(TypedDict):
    """002:884"""

    codec: NotRequired[str]
    width: NotRequired[int]
    height: NotRequired[int]
    size: NotRequired[float]
    mode: NotRequired[str]
    error_info: NotRequired[ErrorResponse]


class VideoAssetMeta(TypedDict):
    """002:894"""

    video_codec: NotRequired[str]
    width: NotRequired[int]
    height: NotRequired[int]
    frame_rate: NotRequired[str]
    video_bit_rate: NotRequired[int]
    duration: NotRequired[int]
    audio_codec: NotRequired[str]
    audio_bit_rate: NotRequired[int]
    audio_channels: NotRequired[int]
    sample: NotRequired[int]
    mode: NotRequired[str]
    video_transcoding_status: NotRequired[str]
    error_info: NotRequired[ErrorResponse]


class AudioAssetMeta(TypedDict):
    """002:913"""

    duration: NotRequired[int]
    audio_codec: NotRequired[str]
    audio_bit_rate: NotRequired[int]
    audio_channels: NotRequired[int]
    sample: NotRequired[int]
    error_info: NotRequired[ErrorResponse]


class AssetExtraMeta(TypedDict):
    """002:744"""

    human_model_meta: NotRequired[HumanModelAssetMeta]
    voice_model_meta: NotRequired[VoiceModelAssetMeta]
    ppt_meta: NotRequired[PPTAssetMeta]
    animation_meta: NotRequired[AnimationAssetMeta]
    scene_meta: NotRequired[SceneAssetMeta]
    material_meta: NotRequired[MaterialAssetMeta]
    human_model_2d_meta: NotRequired[HumanModel2DAssetMeta]
    image_meta: NotRequired[ImageAssetMeta]
    video_meta: NotRequired[VideoAssetMeta]
    audio_meta: NotRequired[AudioAssetMeta]


class AssetFileInfo(TypedDict):
    """002:1308"""

    file_id: NotRequired[str]
    file_name: NotRequired[str]
    file_md5: NotRequired[str]
    file_size: NotRequired[int]
    file_type: NotRequired[str]
    asset_file_category: NotRequired[AssetFileInfoAssetFileCategory]
    download_url: NotRequired[str]
    state: NotRequired[AssetFileInfoState]
    reason: NotRequired[str]


class AssetSharedConfig(TypedDict):
    """002:938"""

    shared_type: NotRequired[SharedType]
    expire_time: NotRequired[str]
    allowed_project_ids: NotRequired[list[str]]


class AuditionFile(TypedDict):
    """002:13289"""

    download_url: NotRequired[str]


class BackgroundConfigInfo(TypedDict):
    """002:3612"""

    background_type: BackgroundType
    background_config: NotRequired[str]
    background_color_config: NotRequired[str]
    background_asset_id: NotRequired[str]


class BackgroundMusicConfig(TypedDict):
    """002:3582"""

    music_asset_id: NotRequired[str]
    volume: NotRequired[int]


class CallBackConfig(TypedDict):
    """002:5301"""

    callback_url: str
    auth_type: NotRequired[CallBackConfigAuthType]
    key: NotRequired[str]


class VoiceConfig(TypedDict):
    """002:3541"""

    voice_asset_id: str
    speed: NotRequired[int]
    pitch: NotRequired[int]
    volume: NotRequired[int]


class CoStreamerConfig(TypedDict):
    """002:6155"""

    voice_config: NotRequired[VoiceConfig]
    streamer_action: NotRequired[StreamerAction]


class CommentData(TypedDict):
    """002:11952"""

    comment_title: NotRequired[str]
    comment_message: NotRequired[str]
    attachment_name: NotRequired[list[str]]


class CommentLogInfo(TypedDict):
    """002:11515"""

    operate_time: NotRequired[str]
    comment_type: NotRequired[CommentType]
    comment_title: NotRequired[str]
    comment_message: NotRequired[str]
    attachment_download_url: NotRequired[list[str]]


class CreateTokenDomain(TypedDict):
    """002:564"""

    name: str


class CreateTokenUser(TypedDict):
    """002:560"""

    name: str
    password: str
    domain: CreateTokenDomain


class CreateTokenPassword(TypedDict):
    """002:559"""

    user: CreateTokenUser


class CreateTokenIdentity(TypedDict):
    """002:555"""

    methods: list[Literal["password"]]
    password: CreateTokenPassword


class CreateTokenProject(TypedDict):
    """002:570"""

    name: NotRequired[str]


class CreateTokenScope(TypedDict):
    """002:569"""

    project: CreateTokenProject


class CreateTokenAuth(TypedDict):
    """002:554"""

    identity: CreateTokenIdentity
    scope: NotRequired[CreateTokenScope]


class SystemProperty(TypedDict):
    """002:929"""

    action: NotRequired[SystemPropertyAction]
    key: NotRequired[Key]
    value: NotRequired[str]


class DigitalAssetInfo(TypedDict):
    """002:1096"""

    project_id: NotRequired[str]
    asset_id: NotRequired[str]
    asset_name: NotRequired[str]
    asset_description: NotRequired[str]
    app_user_id: NotRequired[str]
    create_time: NotRequired[str]
    update_time: NotRequired[str]
    asset_type: NotRequired[DigitalAssetInfoAssetType]
    asset_state: NotRequired[DigitalAssetInfoAssetState]
    fail_type: NotRequired[FailType]
    reason: NotRequired[str]
    tags: NotRequired[list[str]]
    asset_extra_meta: NotRequired[AssetExtraMeta]
    system_properties: NotRequired[list[SystemProperty]]
    files: NotRequired[list[AssetFileInfo]]
    asset_order: NotRequired[int]


class DigitalAssetSummary(TypedDict):
    """002:2697"""

    asset_id: NotRequired[str]
    asset_name: NotRequired[str]
    asset_type: NotRequired[DigitalAssetInfoAssetType]
    cover_url: NotRequired[str]
    thumbnail_url: NotRequired[str]


class OutputAssetInfo(TypedDict):
    """002:4987"""

    asset_id: NotRequired[str]
    asset_name: NotRequired[str]
    cover_url: NotRequired[str]
    preview_video_url: NotRequired[str]


class DigitalHumanVideo(TypedDict):
    """002:4973"""

    job_id: NotRequired[str]
    state: NotRequired[DigitalHumanVideoState]
    job_type: NotRequired[str]
    start_time: NotRequired[str]
    end_time: NotRequired[str]
    duration: NotRequired[float]
    output_asset_config: NotRequired[OutputAssetInfo]
    error_info: NotRequired[ErrorResponse]
    create_time: NotRequired[str]
    lastupdate_time: NotRequired[str]


class HitConditionTag(TypedDict):
    """002:6015"""

    tag: NotRequired[str]
    operation: NotRequired[Operation]
    match: NotRequired[Match]
    value: NotRequired[str]


class HitCondition(TypedDict):
    """002:6008"""

    relation: NotRequired[Relation]
    priority: NotRequired[int]
    tags: NotRequired[list[HitConditionTag]]


class ImageLayerConfig(TypedDict):
    """002:3647"""

    image_url: NotRequired[str]


class InferenceActionMarkInfo(TypedDict):
    """002:11530"""

    action_info: NotRequired[list[ActionMarkItem]]


class InferenceEyeCorrectionMarkInfo(TypedDict):
    """002:11542"""

    eye_correction_start_time: NotRequired[str]
    eye_correction_end_time: NotRequired[str]


class InferenceVideoMarkInfo(TypedDict):
    """002:11524"""

    video_start_time: NotRequired[str]
    video_end_time: NotRequired[str]


class LayerPositionConfig(TypedDict):
    """002:3632"""

    dx: int
    dy: int
    layer_index: int


class LayerSizeConfig(TypedDict):
    """002:3641"""

    width: NotRequired[int]
    height: NotRequired[int]


class SmartImageLayerConfig(TypedDict):
    """002:6049"""

    image_url: str
    display_duration: NotRequired[int]


class SmartVideoLayerConfig(TypedDict):
    """002:6055"""

    video_url: str
    video_cover_url: NotRequired[str]
    display_duration: NotRequired[int]


class SmartTextLayerConfig(TypedDict):
    """002:6062"""

    text_type: NotRequired[TextType]
    text_context: NotRequired[str]
    font_name: NotRequired[SmartTextLayerConfigFontName]
    font_size: NotRequired[int]
    font_color: NotRequired[str]
    display_duration: NotRequired[int]


class SmartLayerConfig(TypedDict):
    """002:6038"""

    layer_type: SmartLayerConfigLayerType
    asset_id: NotRequired[str]
    position: NotRequired[LayerPositionConfig]
    size: NotRequired[LayerSizeConfig]
    image_config: NotRequired[SmartImageLayerConfig]
    video_config: NotRequired[SmartVideoLayerConfig]
    text_config: NotRequired[SmartTextLayerConfig]


class ReplyAudioInfo(TypedDict):
    """002:6074"""

    audio_url: NotRequired[str]
    audio_name: NotRequired[str]


class TriggerProcess(TypedDict):
    """002:6023"""

    time_window: NotRequired[int]
    reply_mode: NotRequired[ReplyMode]
    layer_config: NotRequired[SmartLayerConfig]
    extra_layer_config: NotRequired[SmartLayerConfig]
    reply_texts: NotRequired[list[str]]
    reply_audios: NotRequired[list[ReplyAudioInfo]]
    reply_order: NotRequired[ReplyOrder]
    reply_role: NotRequired[ReplyRole]
    robot_id: NotRequired[str]
    play_type: NotRequired[PlayType]


class ReviewConfig(TypedDict):
    """002:739"""

    no_need_review: NotRequired[bool]


class InteractionRuleDetailInfo(TypedDict):
    """002:8119"""

    rule_index: NotRequired[str]
    rule_name: NotRequired[str]
    enabled: NotRequired[bool]
    event_type: NotRequired[EventType]
    hit_condition: NotRequired[HitCondition]
    trigger: NotRequired[TriggerProcess]
    review_config: NotRequired[ReviewConfig]
    rule_id: NotRequired[str]
    create_time: NotRequired[str]
    update_time: NotRequired[str]


class InteractionRuleGroupDetail(TypedDict):
    """002:8108"""

    group_id: NotRequired[str]
    group_name: NotRequired[str]
    interaction_rules: NotRequired[list[InteractionRuleDetailInfo]]
    create_time: NotRequired[str]
    update_time: NotRequired[str]


class InteractionRuleInfo(TypedDict):
    """002:7845"""

    rule_index: NotRequired[str]
    rule_name: NotRequired[str]
    enabled: NotRequired[bool]
    event_type: NotRequired[EventType]
    hit_condition: NotRequired[HitCondition]
    trigger: NotRequired[TriggerProcess]
    review_config: NotRequired[ReviewConfig]


class VideoLayerConfig(TypedDict):
    """002:3652"""

    video_url: NotRequired[str]
    video_cover_url: NotRequired[str]
    loop_count: NotRequired[int]


class TextLayerConfig(TypedDict):
    """002:3659"""

    text_context: NotRequired[str]
    font_name: NotRequired[SmartTextLayerConfigFontName]
    font_size: NotRequired[int]
    font_color: NotRequired[str]


class LayerConfig(TypedDict):
    """002:3620"""

    layer_type: LayerConfigLayerType
    asset_id: NotRequired[str]
    group_id: NotRequired[str]
    position: NotRequired[LayerPositionConfig]
    size: NotRequired[LayerSizeConfig]
    image_config: NotRequired[ImageLayerConfig]
    video_config: NotRequired[VideoLayerConfig]
    text_config: NotRequired[TextLayerConfig]


class LiveAudioConfig(TypedDict):
    """002:5985"""

    asset_id: NotRequired[str]
    audio_url: NotRequired[str]
    subtitle_url: NotRequired[str]


class LiveEvent(TypedDict):
    """002:10030"""

    timestamp: int
    type: NotRequired[LiveEventType]
    content: NotRequired[str]


class LiveEventCallBackConfig(TypedDict):
    """002:6122"""

    live_event_type_callback_url: NotRequired[str]
    auth_type: NotRequired[AuthType]
    key: NotRequired[str]
    callback_event_type: NotRequired[list[LiveCallbackEvent]]


class LiveEventUser(TypedDict):
    """002:10037"""

    userId: NotRequired[str]
    name: NotRequired[str]
    level: NotRequired[int]
    badge: NotRequired[str]
    badgeLevel: NotRequired[int]


class LiveEventComment(TypedDict):
    """002:10037"""

    user: NotRequired[LiveEventUser]
    content: NotRequired[str]


class LiveEventGiftInfo(TypedDict):
    """002:10040"""

    giftName: NotRequired[str]
    giftNum: NotRequired[int]
    totalValue: NotRequired[int]
    giftValue: NotRequired[int]


class LiveEventGift(TypedDict):
    """002:10040"""

    user: NotRequired[LiveEventUser]
    gift: NotRequired[LiveEventGiftInfo]


class LiveEventJoin(TypedDict):
    """002:10037"""

    user: NotRequired[LiveEventUser]


class LiveEventLike(TypedDict):
    """002:10040"""

    user: NotRequired[LiveEventUser]


class LiveEventViewers(TypedDict):
    """002:10040"""

    numberOfViewers: int


class LiveJobLog(TypedDict):
    """002:9172"""

    interaction_records_url: NotRequired[str]


class LivePlayingShootScriptItem(TypedDict):
    """002:14058"""

    sequence_no: NotRequired[int]
    title: NotRequired[str]


class LivePlayingScriptInfo(TypedDict):
    """002:14051"""

    script_name: NotRequired[str]
    model_asset_id: NotRequired[str]
    shoot_scripts: NotRequired[list[LivePlayingShootScriptItem]]


class LivePlayingScriptList(TypedDict):
    """002:14046"""

    scene_scripts: NotRequired[list[LivePlayingScriptInfo]]


class LiveProgressData(TypedDict):
    """002:6140"""

    script_name: NotRequired[str]
    shoot_script_sequence_no: NotRequired[int]
    shoot_script_title: NotRequired[str]
    offset: NotRequired[str]
    reply_id: NotRequired[str]


class LiveRoomInteractionRuleInfo(TypedDict):
    """002:5992"""

    rule_index: NotRequired[str]
    rule_name: NotRequired[str]
    enabled: NotRequired[bool]
    event_type: NotRequired[EventType]
    hit_condition: NotRequired[HitCondition]
    trigger: NotRequired[TriggerProcess]
    review_config: NotRequired[ReviewConfig]
    group_id: NotRequired[str]
    group_name: NotRequired[str]
    enabled_scenes: NotRequired[list[str]]


class TextConfig(TypedDict):
    """002:3607"""

    text: str


class LiveShootScriptItem(TypedDict):
    """002:5972"""

    sequence_no: NotRequired[int]
    title: NotRequired[str]
    text_config: NotRequired[TextConfig]
    audio_config: NotRequired[LiveAudioConfig]


class LiveVideoScriptInfo(TypedDict):
    """002:5898"""

    script_id: NotRequired[str]
    script_name: str
    script_description: NotRequired[str]
    dh_id: NotRequired[str]
    model_asset_id: NotRequired[str]
    voice_config: NotRequired[VoiceConfig]
    background_config: NotRequired[list[BackgroundConfigInfo]]
    layer_config: NotRequired[list[LayerConfig]]
    shoot_scripts: list[LiveShootScriptItem]


class LiveWarningItem(TypedDict):
    """002:8943"""

    warning_type: NotRequired[LiveWarning]


class ModelInfo(TypedDict):
    """002:6398"""

    model_asset_id: NotRequired[str]
    asset_name: NotRequired[str]
    backup_model_asset_ids: NotRequired[list[str]]


class MultipartUploadInfo(TypedDict):
    """002:11977"""

    part_number: NotRequired[str]
    etag: NotRequired[str]


class OperationLogInfo(TypedDict):
    """002:11502"""

    operate_time: NotRequired[str]
    log_type: NotRequired[LogType]
    log_description: NotRequired[str]
    operate_user: NotRequired[OperateUser]


class OutputAssetConfig(TypedDict):
    """002:5285"""

    asset_name: str


class PlayAudioInfo(TypedDict):
    """002:14034"""

    audio_url: str
    play_type: NotRequired[PlayType]
    play_role: NotRequired[PlayRole]
    rule_index: NotRequired[str]


class PlayPolicy(TypedDict):
    """002:6080"""

    repeat_count: NotRequired[int]
    auto_play_script: NotRequired[bool]
    play_mode: NotRequired[PlayMode]
    random_play_mode: NotRequired[RandomPlayMode]
    need_independent_capture_client: NotRequired[bool]


class PlayTextInfo(TypedDict):
    """002:14014"""

    text_config: TextConfig
    play_type: NotRequired[PlayType]
    play_role: NotRequired[PlayRole]
    rule_index: NotRequired[str]


class ProductCoverDetailInfo(TypedDict):
    """002:10375"""

    asset_id: NotRequired[str]
    cover_url: NotRequired[str]
    thumbnail_url: NotRequired[str]


class ProductCoverInfo(TypedDict):
    """002:10201"""

    asset_id: NotRequired[str]


class ProductTextInfo(TypedDict):
    """002:10206"""

    title: NotRequired[str]
    text: NotRequired[str]


class ProductMediaDetailInfo(TypedDict):
    """002:10388"""

    asset_id: NotRequired[str]
    asset_type: NotRequired[ProductMediaDetailInfoAssetType]
    order: NotRequired[int]
    asset_name: NotRequired[str]
    asset_state: NotRequired[str]
    cover_url: NotRequired[str]
    thumbnail_url: NotRequired[str]
    main_url: NotRequired[str]


class ProductDetailInfo(TypedDict):
    """002:10361"""

    product_id: NotRequired[str]
    name: NotRequired[str]
    description: NotRequired[str]
    tags: NotRequired[list[str]]
    cover: NotRequired[ProductCoverDetailInfo]
    text_list: NotRequired[list[ProductTextInfo]]
    asset_list: NotRequired[list[ProductMediaDetailInfo]]
    create_time: NotRequired[str]
    update_time: NotRequired[str]
    state: NotRequired[ProductDetailInfoState]


class ProductMediaInfo(TypedDict):
    """002:10212"""

    asset_id: NotRequired[str]
    asset_type: NotRequired[ProductMediaDetailInfoAssetType]
    order: NotRequired[int]


class RTCLiveEventCallBackConfig(TypedDict):
    """002:6137"""

    rtc_callback_event_type: NotRequired[list[RtcCallbackEvent]]


class RTCUserInfo(TypedDict):
    """002:8923"""

    user_type: NotRequired[RtcUserType]
    user_id: NotRequired[str]
    signature: NotRequired[str]
    ctime: NotRequired[int]


class RTCRoomInfoList(TypedDict):
    """002:8916"""

    app_id: NotRequired[str]
    room_id: NotRequired[str]
    users: NotRequired[list[RTCUserInfo]]


class RefreshOutputUrlConfig(TypedDict):
    """002:9624"""

    output_urls: list[str]
    stream_keys: NotRequired[list[str]]


class ReplicationEnclInfo(TypedDict):
    """002:2810"""

    algorithm: NotRequired[str]
    key_id: NotRequired[str]
    iv: NotRequired[str]


class ReplyCommandFinishData(TypedDict):
    """002:6806"""

    reply_id: str


class ReplyCommandFinishMessage(TypedDict):
    """000:1649"""

    room_id: str
    job_id: str
    reply_id: str


RequestHeaders = TypedDict(
    "RequestHeaders",
    {
        "X-Auth-Token": NotRequired[str],
        "Authorization": NotRequired[str],
        "X-Sdk-Date": NotRequired[str],
        "X-Project-Id": NotRequired[str],
        "X-App-UserId": NotRequired[str],
        "X-Request-Id": NotRequired[str],
    },
)


ResponseHeaders = TypedDict(
    "ResponseHeaders",
    {
        "X-Request-Id": NotRequired[str],
    },
)


class RewriteInteractionRules(TypedDict):
    """002:9624"""

    interaction_rules: list[LiveRoomInteractionRuleInfo]


class RewritePlayScript(TypedDict):
    """002:9624"""

    scene_scripts: list[LiveVideoScriptInfo]


class RtmpStreamStateChangeMessage(TypedDict):
    """000:1640"""

    room_id: str
    job_id: str
    output_url: NotRequired[str]
    stream_key: NotRequired[str]
    state: RtmpStreamStateChangeMessageState


class RtsaLiveControlParams(TypedDict):
    """002:14121"""

    timing: NotRequired[RtsaTiming]


class RtsaLiveControl(TypedDict):
    """002:14113"""

    message_type: Literal["live_control"]
    command: RtsaCommand
    params: NotRequired[RtsaLiveControlParams]


class RtsaStateNotify(TypedDict):
    """002:14095"""

    message_type: Literal["state_notify"]
    state: RtsaState


class SharedConfig(TypedDict):
    """002:6147"""

    shared_type: NotRequired[SharedType]
    shared_state: NotRequired[SharedState]
    expire_time: NotRequired[str]
    allowed_project_ids: NotRequired[list[str]]


class ShootScript(TypedDict):
    """002:3599"""

    script_type: NotRequired[ScriptType]
    text_config: NotRequired[TextConfig]
    background_config: NotRequired[list[BackgroundConfigInfo]]
    layer_config: NotRequired[list[LayerConfig]]


class ShootScriptAudioFileItem(TypedDict):
    """002:3687"""

    sequence_no: NotRequired[int]
    audio_file_upload_url: NotRequired[str]
    audio_file_download_url: NotRequired[str]


class ShootScriptAudioFiles(TypedDict):
    """002:3682"""

    audio_file_url: NotRequired[list[ShootScriptAudioFileItem]]


class ShootScriptDetail(TypedDict):
    """002:4105"""

    script_type: NotRequired[ScriptType]
    text_config: NotRequired[TextConfig]
    background_config: NotRequired[list[BackgroundConfigInfo]]
    layer_config: NotRequired[list[LayerConfig]]
    thumbnail_url: NotRequired[str]


class ShootScriptItem(TypedDict):
    """002:3593"""

    sequence_no: NotRequired[int]
    shoot_script: ShootScript


class ShootScriptShowItem(TypedDict):
    """002:4099"""

    sequence_no: NotRequired[int]
    shoot_script: NotRequired[ShootScriptDetail]


class ShootScriptSwitchMessage(TypedDict):
    """000:1633"""

    room_id: str
    job_id: str
    scene_script_name: NotRequired[str]
    shoot_script_sequence_no: NotRequired[str]
    shoot_script_title: NotRequired[str]


class SmartLiveJob(TypedDict):
    """002:9093"""

    job_id: NotRequired[str]
    room_id: NotRequired[str]
    room_name: NotRequired[str]
    state: NotRequired[LiveJobState]
    duration: NotRequired[float]
    start_time: NotRequired[str]
    end_time: NotRequired[str]
    error_info: NotRequired[ErrorResponse]
    create_time: NotRequired[str]
    lastupdate_time: NotRequired[str]
    rtc_room_info: NotRequired[RTCRoomInfoList]
    live_event_report_url: NotRequired[str]
    live_event_callback_config: NotRequired[LiveEventCallBackConfig]
    rtc_callback_config: NotRequired[RTCLiveEventCallBackConfig]
    stream_duration: NotRequired[float]
    block_reason: NotRequired[str]
    cover_url: NotRequired[str]
    co_streamer_config: NotRequired[CoStreamerConfig]
    live_job_log: NotRequired[LiveJobLog]


class SmartLiveRoomBaseInfo(TypedDict):
    """002:6360"""

    room_id: NotRequired[str]
    project_id: NotRequired[str]
    room_name: NotRequired[str]
    room_type: NotRequired[RoomType]
    room_state: NotRequired[RoomState]
    view_mode: NotRequired[ViewMode]
    error_info: NotRequired[ErrorResponse]
    shared_config: NotRequired[SharedConfig]
    room_description: NotRequired[str]
    cover_url: NotRequired[str]
    thumbnail: NotRequired[str]
    model_infos: NotRequired[list[ModelInfo]]
    create_time: NotRequired[str]
    update_time: NotRequired[str]
    last_job_start_time: NotRequired[str]
    last_job_end_time: NotRequired[str]
    last_job_status: NotRequired[LiveJobState]
    priv_data: NotRequired[str]


class SsmlBreak(TypedDict):
    """002:14178"""

    time: NotRequired[str]
    strength: NotRequired[Strength]


class SsmlEmotion(TypedDict):
    """002:14027"""

    type: SsmlEmotionType


class SsmlInsertAction(TypedDict):
    """002:14027"""

    id: NotRequired[str]
    name: NotRequired[str]
    tag: NotRequired[str]


class SsmlPhoneme(TypedDict):
    """002:14209"""

    ph: str


class SsmlProsody(TypedDict):
    """002:14293"""

    rate: str


SsmlSayAs = TypedDict(
    "SsmlSayAs",
    {
        "interpret-as": InterpretAs,
    },
)


class SsmlSub(TypedDict):
    """002:14270"""

    alias: str


class SubtitleConfig(TypedDict):
    """002:3570"""

    dx: NotRequired[int]
    dy: NotRequired[int]
    font_name: NotRequired[SubtitleConfigFontName]
    font_size: NotRequired[int]
    h: NotRequired[int]
    w: NotRequired[int]


TokenRequestHeaders = TypedDict(
    "TokenRequestHeaders",
    {
        "Content-Type": str,
    },
)


TokenResponseHeaders = TypedDict(
    "TokenResponseHeaders",
    {
        "X-Subject-Token": str,
    },
)


class TrainingJobBasicInfo(TypedDict):
    """002:11191"""

    job_id: NotRequired[str]
    name: NotRequired[str]
    state: NotRequired[TrainingJobBasicInfoState]
    asset_id: NotRequired[str]
    project_id: NotRequired[str]
    cover_download_url: NotRequired[str]
    last_update_time: NotRequired[str]
    create_time: NotRequired[str]
    contact: NotRequired[str]
    batch_name: NotRequired[str]
    tags: NotRequired[list[str]]
    model_version: NotRequired[TrainingJobBasicInfoModelVersion]
    matting_type: NotRequired[MattingType]
    model_resolution: NotRequired[str]
    app_user_id: NotRequired[str]


class TrainingJobInfo(TypedDict):
    """002:12472"""

    job_type: NotRequired[JobType]
    job_id: NotRequired[str]
    app_user_id: NotRequired[str]
    voice_name: NotRequired[str]
    sex: NotRequired[str]
    language: NotRequired[str]
    state: NotRequired[TrainingJobInfoState]
    reject_times: NotRequired[int]
    asset_id: NotRequired[str]
    job_failed_code: NotRequired[str]
    job_failed_reason: NotRequired[str]
    create_time: NotRequired[int]
    lastupdate_time: NotRequired[int]
    voice_authorization_url: NotRequired[str]
    create_type: NotRequired[CreateType]
    tag: NotRequired[str]
    phone: NotRequired[str]


class VideoConfig(TypedDict):
    """002:3551"""

    clip_mode: NotRequired[ClipMode]
    codec: Codec
    bitrate: int
    width: int
    height: int
    frame_rate: NotRequired[str]
    is_subtitle_enable: NotRequired[bool]
    subtitle_config: NotRequired[SubtitleConfig]
    dx: NotRequired[int]
    dy: NotRequired[int]
    is_enable_super_resolution: NotRequired[bool]


class VideoProductionConfig(TypedDict):
    """002:5179"""

    clip_mode: NotRequired[ClipMode]
    codec: Codec
    bitrate: int
    width: int
    height: int
    frame_rate: NotRequired[str]
    is_subtitle_enable: NotRequired[bool]
    subtitle_config: NotRequired[SubtitleConfig]
    dx: NotRequired[int]
    dy: NotRequired[int]
    is_enable_super_resolution: NotRequired[bool]


class VideoScriptBaseInfo(TypedDict):
    """002:3881"""

    script_id: NotRequired[str]
    script_name: NotRequired[str]
    script_description: NotRequired[str]
    model_asset_id: NotRequired[str]
    model_asset_type: NotRequired[ModelAssetType]
    script_cover_url: NotRequired[str]
    script_type: NotRequired[ScriptType]
    text: NotRequired[str]
    create_time: NotRequired[str]
    update_time: NotRequired[str]


class AdminAuditResult(TypedDict):
    """002:12928"""

    message: NotRequired[str]
    attachment_name: NotRequired[str]
    attachment_url: NotRequired[str]
    audit_time: NotRequired[int]


class Errors(TypedDict):
    """002:12920"""

    audio_name: NotRequired[str]
    text_name: NotRequired[str]
    error_code: NotRequired[str]
    error_message: NotRequired[str]


class PackageUrl(TypedDict):
    """002:12832"""

    training_data_uploading_url: NotRequired[str]


class SegmentUploadingUrl(TypedDict):
    """002:12117"""

    audio_uploading_url: NotRequired[list[str]]
    txt_uploading_url: NotRequired[list[str]]


class SegmentUrl(TypedDict):
    """002:12826"""

    audio_uploading_url: NotRequired[list[str]]
    txt_uploading_url: NotRequired[list[str]]


class SystemAuditResult(TypedDict):
    """002:12914"""

    audit_time: NotRequired[int]
    errors: NotRequired[list[Errors]]


class ShootScriptSwitchCallback(TypedDict):
    """000:1633"""

    event_type: Literal["SHOOT_SCRIPT_SWITCH"]
    message: str


class RtmpStreamStateChangeCallback(TypedDict):
    """000:1640"""

    event_type: Literal["RTMP_STREAM_STATE_CHANGE"]
    message: str


class ReplyCommandFinishCallback(TypedDict):
    """000:1649"""

    event_type: Literal["REPLY_COMMAND_FINISH"]
    message: str


class LiveProgressNotifyCallback(TypedDict):
    """002:6140"""

    message_type: Literal["live_progress_notify"]
    data: LiveProgressData


class ReplyCommandFinishNotifyCallback(TypedDict):
    """002:6806"""

    message_type: Literal["reply_command_finish_notify"]
    data: ReplyCommandFinishData


class VideoJobCallback(TypedDict):
    """002:5304"""

    result: Result
    asset_id: NotRequired[str]
    job_id: str


class BatchExecuteAssetActionBody(TypedDict):
    """002:2514"""

    action: BatchExecuteAssetActionBodyAction
    asset_ids: list[str]
    params: NotRequired[str]


class BatchExecuteAssetActionAnswer(TypedDict):
    """002:2514"""

    results: NotRequired[list[AssetActionResult]]


class BatchExecuteAssetAction(Call, frozen=True):
    """POST /v1/{project_id}/digital-assets/batch-action (002:2514)"""

    endpoint: ClassVar[Literal["batch_execute_asset_action"]] = "batch_execute_asset_action"
    body: BatchExecuteAssetActionBody


class Cancel2dDigitalHumanVideo(Call, frozen=True):
    """POST /v1/{project_id}/2d-digital-human-videos/{job_id}/cancel (002:5739)"""

    endpoint: ClassVar[Literal["cancel_2d_digital_human_video"]] = "cancel_2d_digital_human_video"
    job_id: str


class CommitVoiceTrainingJobBody(TypedDict):
    """002:12560"""

    tag: NotRequired[str]
    description: NotRequired[str]
    sex: NotRequired[str]
    voice_name: NotRequired[str]
    language: NotRequired[CommitVoiceTrainingJobBodyLanguage]
    phone: NotRequired[str]
    app_user_id: NotRequired[str]


class CommitVoiceTrainingJob(Call, frozen=True):
    """POST /v1/{project_id}/voice-training-manage/user/jobs/{job_id} (002:12560)"""

    endpoint: ClassVar[Literal["commit_voice_training_job"]] = "commit_voice_training_job"
    job_id: str
    body: CommitVoiceTrainingJobBody


class ConfirmFileUploadBody(TypedDict):
    """002:3227"""

    state: ConfirmFileUploadBodyState
    auto_meta_analysis: NotRequired[bool]


class ConfirmFileUpload(Call, frozen=True):
    """POST /v1/{project_id}/files/{file_id}/complete (002:3227)"""

    endpoint: ClassVar[Literal["confirm_file_upload"]] = "confirm_file_upload"
    file_id: str
    body: ConfirmFileUploadBody


class ConfirmTrainingSegmentQuery(TypedDict):
    """002:12998"""

    job_id: str
    index: int


class ConfirmTrainingSegmentAnswer(TypedDict):
    """002:12998"""

    confirm_result: NotRequired[bool]
    unmatched_index_hit: NotRequired[list[int]]


class ConfirmTrainingSegment(Call, frozen=True):
    """POST /v1/{project_id}/voice-training-manage/user/training-segment (002:12998)"""

    endpoint: ClassVar[Literal["confirm_training_segment"]] = "confirm_training_segment"
    query: ConfirmTrainingSegmentQuery


class CopyVideoScriptAnswer(TypedDict):
    """002:4757"""

    script_id: NotRequired[str]


class CopyVideoScript(Call, frozen=True):
    """POST /v1/{project_id}/digital-human-video-scripts/{script_id}/copy (002:4757)"""

    endpoint: ClassVar[Literal["copy_video_script"]] = "copy_video_script"
    script_id: str


class Create2dDigitalHumanVideoBody(TypedDict):
    """002:5135"""

    script_id: NotRequired[str]
    model_asset_id: NotRequired[str]
    voice_config: NotRequired[VoiceConfig]
    video_config: NotRequired[VideoProductionConfig]
    shoot_scripts: NotRequired[list[ShootScriptItem]]
    output_asset_config: NotRequired[OutputAssetConfig]
    background_music_config: NotRequired[BackgroundMusicConfig]
    review_config: NotRequired[ReviewConfig]
    callback_config: NotRequired[CallBackConfig]


class Create2dDigitalHumanVideoAnswer(TypedDict):
    """002:5135"""

    job_id: NotRequired[str]


class Create2dDigitalHumanVideo(Call, frozen=True):
    """POST /v1/{project_id}/2d-digital-human-videos (002:5135)"""

    endpoint: ClassVar[Literal["create_2d_digital_human_video"]] = "create_2d_digital_human_video"
    body: Create2dDigitalHumanVideoBody


class CreateDigitalAssetBody(TypedDict):
    """002:702"""

    asset_name: str
    asset_description: NotRequired[str]
    asset_type: DigitalAssetInfoAssetType
    asset_owner: NotRequired[str]
    review_config: NotRequired[ReviewConfig]
    tags: NotRequired[list[str]]
    asset_extra_meta: NotRequired[AssetExtraMeta]
    system_properties: NotRequired[list[SystemProperty]]
    shared_config: NotRequired[AssetSharedConfig]
    is_need_generate_cover: NotRequired[bool]
    asset_order: NotRequired[int]


class CreateDigitalAssetAnswer(TypedDict):
    """002:702"""

    asset_id: NotRequired[str]


class CreateDigitalAsset(Call, frozen=True):
    """POST /v1/{project_id}/digital-assets (002:702)"""

    endpoint: ClassVar[Literal["create_digital_asset"]] = "create_digital_asset"
    body: CreateDigitalAssetBody


class CreateDigitalAssetByReplicationInfoBody(TypedDict):
    """002:2884"""

    asset_id: NotRequired[str]
    asset_info: NotRequired[str]
    encryption_info: NotRequired[ReplicationEnclInfo]


class CreateDigitalAssetByReplicationInfo(Call, frozen=True):
    """POST /v1/{project_id}/digital-assets-by-replication-info (002:2884)"""

    endpoint: ClassVar[Literal["create_digital_asset_by_replication_info"]] = "create_digital_asset_by_replication_info"
    body: CreateDigitalAssetByReplicationInfoBody


class CreateFileBody(TypedDict):
    """002:2982"""

    file_name: str
    file_md5: str
    file_size: int
    file_type: str
    asset_id: str
    asset_file_category: AssetFileInfoAssetFileCategory


class CreateFileAnswer(TypedDict):
    """002:2982"""

    file_id: NotRequired[str]
    upload_url: NotRequired[str]


class CreateFile(Call, frozen=True):
    """POST /v1/{project_id}/files (002:2982)"""

    endpoint: ClassVar[Literal["create_file"]] = "create_file"
    body: CreateFileBody


class CreateLargeFileBody(TypedDict):
    """002:3349"""

    file_name: str
    file_size: NotRequired[int]
    file_type: str
    asset_id: str
    asset_file_category: CreateLargeFileBodyAssetFileCategory
    file_multipart_count: NotRequired[int]


class CreateLargeFileAnswer(TypedDict):
    """002:3349"""

    file_id: NotRequired[str]
    upload_urls: NotRequired[list[str]]


class CreateLargeFile(Call, frozen=True):
    """POST /v1/{project_id}/large-files (002:3349)"""

    endpoint: ClassVar[Literal["create_large_file"]] = "create_large_file"
    body: CreateLargeFileBody


class CreateProductBody(TypedDict):
    """002:10170"""

    name: str
    description: NotRequired[str]
    tags: NotRequired[list[str]]
    cover: NotRequired[ProductCoverInfo]
    text_list: NotRequired[list[ProductTextInfo]]
    asset_list: NotRequired[list[ProductMediaInfo]]
    auto_active: NotRequired[bool]


class CreateProductAnswer(TypedDict):
    """002:10170"""

    product_id: NotRequired[str]


class CreateProduct(Call, frozen=True):
    """POST /v1/{project_id}/products (002:10170)"""

    endpoint: ClassVar[Literal["create_product"]] = "create_product"
    body: CreateProductBody


class CreateSmartLiveInteractionRuleGroupBody(TypedDict):
    """002:7821"""

    group_name: str
    interaction_rules: NotRequired[list[InteractionRuleInfo]]


class CreateSmartLiveInteractionRuleGroupAnswer(TypedDict):
    """002:7821"""

    group_id: NotRequired[str]


class CreateSmartLiveInteractionRuleGroup(Call, frozen=True):
    """POST /v1/{project_id}/smart-live-interaction-rule-groups (002:7821)"""

    endpoint: ClassVar[Literal["create_smart_live_interaction_rule_group"]] = "create_smart_live_interaction_rule_group"
    body: CreateSmartLiveInteractionRuleGroupBody


class CreateSmartLiveRoomBody(TypedDict):
    """002:5855"""

    room_name: str
    room_description: NotRequired[str]
    room_type: NotRequired[RoomType]
    scene_scripts: NotRequired[list[LiveVideoScriptInfo]]
    interaction_rules: NotRequired[list[LiveRoomInteractionRuleInfo]]
    play_policy: NotRequired[PlayPolicy]
    video_config: NotRequired[VideoConfig]
    output_urls: NotRequired[list[str]]
    stream_keys: NotRequired[list[str]]
    backup_model_asset_ids: NotRequired[list[str]]
    live_event_callback_config: NotRequired[LiveEventCallBackConfig]
    rtc_callback_config: NotRequired[RTCLiveEventCallBackConfig]
    review_config: NotRequired[ReviewConfig]
    shared_config: NotRequired[SharedConfig]
    view_mode: NotRequired[ViewMode]
    co_streamer_config: NotRequired[CoStreamerConfig]
    priv_data: NotRequired[str]


class CreateSmartLiveRoomAnswer(TypedDict):
    """002:5855"""

    room_id: NotRequired[str]


class CreateSmartLiveRoom(Call, frozen=True):
    """POST /v1/{project_id}/smart-live-rooms (002:5855)"""

    endpoint: ClassVar[Literal["create_smart_live_room"]] = "create_smart_live_room"
    body: CreateSmartLiveRoomBody


class CreateTokenBody(TypedDict):
    """002:549"""

    auth: CreateTokenAuth


class CreateToken(Call, frozen=True):
    """POST /v3/auth/tokens (002:549)"""

    endpoint: ClassVar[Literal["create_token"]] = "create_token"
    body: CreateTokenBody


class CreateTrainingAdvanceJobBody(TypedDict):
    """002:12324"""

    tag: NotRequired[str]
    description: NotRequired[str]
    sex: NotRequired[str]
    voice_name: str
    language: NotRequired[CommitVoiceTrainingJobBodyLanguage]
    create_type: NotRequired[CreateType]
    phone: NotRequired[str]


class CreateTrainingAdvanceJobAnswer(TypedDict):
    """002:12324"""

    job_id: NotRequired[str]
    training_data_uploading_url: NotRequired[str]
    segment_uploading_url: NotRequired[SegmentUploadingUrl]
    authorization_letter_uploading_url: NotRequired[str]


class CreateTrainingAdvanceJob(Call, frozen=True):
    """POST /v1/{project_id}/voice-training-manage/user/advance-jobs (002:12324)"""

    endpoint: ClassVar[Literal["create_training_advance_job"]] = "create_training_advance_job"
    body: CreateTrainingAdvanceJobBody


class CreateTrainingBasicJobBody(TypedDict):
    """002:12072"""

    tag: NotRequired[str]
    description: NotRequired[str]
    sex: NotRequired[str]
    voice_name: str
    language: NotRequired[CommitVoiceTrainingJobBodyLanguage]
    create_type: NotRequired[CreateType]
    phone: NotRequired[str]


class CreateTrainingBasicJobAnswer(TypedDict):
    """002:12072"""

    job_id: NotRequired[str]
    training_data_uploading_url: NotRequired[str]
    segment_uploading_url: NotRequired[SegmentUploadingUrl]
    authorization_letter_uploading_url: NotRequired[str]


class CreateTrainingBasicJob(Call, frozen=True):
    """POST /v1/{project_id}/voice-training-manage/user/basic-jobs (002:12072)"""

    endpoint: ClassVar[Literal["create_training_basic_job"]] = "create_training_basic_job"
    body: CreateTrainingBasicJobBody


class CreateTrainingJobBody(TypedDict):
    """002:10987"""

    name: str
    contact: NotRequired[str]
    command_message: NotRequired[CommandMessage]
    video_multipart_count: NotRequired[int]
    is_background_replacement: NotRequired[bool]
    batch_name: NotRequired[str]
    tags: NotRequired[list[str]]
    model_version: NotRequired[TrainingJobBasicInfoModelVersion]


class CreateTrainingJobAnswer(TypedDict):
    """002:10987"""

    job_id: NotRequired[str]
    training_video_upload_url: NotRequired[list[str]]
    cover_upload_url: NotRequired[str]
    id_card_image1_upload_url: NotRequired[str]
    id_card_image2_upload_url: NotRequired[str]
    grant_file_upload_url: NotRequired[str]


class CreateTrainingJob(Call, frozen=True):
    """POST /v1/{project_id}/digital-human-training-manage/user/jobs (002:10987)"""

    endpoint: ClassVar[Literal["create_training_job"]] = "create_training_job"
    body: CreateTrainingJobBody


class CreateTrainingMiddleJobBody(TypedDict):
    """002:12200"""

    tag: NotRequired[str]
    description: NotRequired[str]
    sex: NotRequired[str]
    voice_name: str
    language: NotRequired[CommitVoiceTrainingJobBodyLanguage]
    create_type: NotRequired[CreateType]
    phone: NotRequired[str]


class CreateTrainingMiddleJobAnswer(TypedDict):
    """002:12200"""

    job_id: NotRequired[str]
    training_data_uploading_url: NotRequired[str]
    segment_uploading_url: NotRequired[SegmentUploadingUrl]
    authorization_letter_uploading_url: NotRequired[str]


class CreateTrainingMiddleJob(Call, frozen=True):
    """POST /v1/{project_id}/voice-training-manage/user/middle-jobs (002:12200)"""

    endpoint: ClassVar[Literal["create_training_middle_job"]] = "create_training_middle_job"
    body: CreateTrainingMiddleJobBody


class CreateTtsAuditionBody(TypedDict):
    """002:13147"""

    text: str
    emotion: str
    speed: NotRequired[int]
    pitch: NotRequired[int]
    volume: NotRequired[int]


class CreateTtsAuditionAnswer(TypedDict):
    """002:13147"""

    job_id: NotRequired[str]


class CreateTtsAudition(Call, frozen=True):
    """POST /v1/{project_id}/ttsc/audition (002:13147)"""

    endpoint: ClassVar[Literal["create_tts_audition"]] = "create_tts_audition"
    body: CreateTtsAuditionBody


class CreateVideoScriptBody(TypedDict):
    """002:3505"""

    script_name: str
    script_description: NotRequired[str]
    view_mode: NotRequired[ViewMode]
    model_asset_id: NotRequired[str]
    model_asset_type: NotRequired[ModelAssetType]
    voice_config: NotRequired[VoiceConfig]
    video_config: NotRequired[VideoProductionConfig]
    scene_asset_id: NotRequired[str]
    priv_data: NotRequired[str]
    background_music_config: NotRequired[BackgroundMusicConfig]
    review_config: NotRequired[ReviewConfig]
    shoot_scripts: list[ShootScriptItem]


class CreateVideoScriptAnswer(TypedDict):
    """002:3505"""

    script_id: NotRequired[str]
    audio_files: NotRequired[ShootScriptAudioFiles]


class CreateVideoScript(Call, frozen=True):
    """POST /v1/{project_id}/digital-human-video-scripts (002:3505)"""

    endpoint: ClassVar[Literal["create_video_script"]] = "create_video_script"
    body: CreateVideoScriptBody


class DeleteAssetQuery(TypedDict):
    """002:1991"""

    mode: NotRequired[str]


class DeleteAsset(Call, frozen=True):
    """DELETE /v1/{project_id}/digital-assets/{asset_id} (002:1991)"""

    endpoint: ClassVar[Literal["delete_asset"]] = "delete_asset"
    asset_id: str
    query: DeleteAssetQuery = {}


class DeleteFile(Call, frozen=True):
    """DELETE /v1/{project_id}/files/{file_id} (002:3135)"""

    endpoint: ClassVar[Literal["delete_file"]] = "delete_file"
    file_id: str


class DeleteProduct(Call, frozen=True):
    """DELETE /v1/{project_id}/products/{product_id} (002:10772)"""

    endpoint: ClassVar[Literal["delete_product"]] = "delete_product"
    product_id: str


class DeleteSmartLiveInteractionRuleGroup(Call, frozen=True):
    """DELETE /v1/{project_id}/smart-live-interaction-rule-groups/{group_id} (002:8675)"""

    endpoint: ClassVar[Literal["delete_smart_live_interaction_rule_group"]] = "delete_smart_live_interaction_rule_group"
    group_id: str


class DeleteSmartLiveRoom(Call, frozen=True):
    """DELETE /v1/{project_id}/smart-live-rooms/{room_id} (002:7710)"""

    endpoint: ClassVar[Literal["delete_smart_live_room"]] = "delete_smart_live_room"
    room_id: str


class DeleteTrainingJob(Call, frozen=True):
    """DELETE /v1/{project_id}/digital-human-training-manage/user/jobs/{job_id} (002:11680)"""

    endpoint: ClassVar[Literal["delete_training_job"]] = "delete_training_job"
    job_id: str


class DeleteVideoScript(Call, frozen=True):
    """DELETE /v1/{project_id}/digital-human-video-scripts/{script_id} (002:4645)"""

    endpoint: ClassVar[Literal["delete_video_script"]] = "delete_video_script"
    script_id: str


class DeleteVoiceTrainingJob(Call, frozen=True):
    """DELETE /v1/{project_id}/voice-training-manage/user/jobs/{job_id} (002:12742)"""

    endpoint: ClassVar[Literal["delete_voice_training_job"]] = "delete_voice_training_job"
    job_id: str


class InsertPlayScriptBody(TypedDict):
    """002:9600"""

    command: Literal["INSERT_PLAY_SCRIPT"]
    params: PlayTextInfo
    review_config: NotRequired[ReviewConfig]


class RewritePlayScriptBody(TypedDict):
    """002:9600"""

    command: Literal["REWRITE_PLAY_SCRIPT"]
    params: RewritePlayScript
    review_config: NotRequired[ReviewConfig]


class InsertPlayAudioBody(TypedDict):
    """002:9600"""

    command: Literal["INSERT_PLAY_AUDIO"]
    params: PlayAudioInfo
    review_config: NotRequired[ReviewConfig]


class RewriteInteractionRulesBody(TypedDict):
    """002:9600"""

    command: Literal["REWRITE_INTERACTION_RULES"]
    params: RewriteInteractionRules
    review_config: NotRequired[ReviewConfig]


class GetCurrentPlayingScriptsBody(TypedDict):
    """002:9600"""

    command: Literal["GET_CURRENT_PLAYING_SCRIPTS"]
    params: NotRequired[dict[str, object]]
    review_config: NotRequired[ReviewConfig]


class ShowLayerBody(TypedDict):
    """002:9600"""

    command: Literal["SHOW_LAYER"]
    params: NotRequired[dict[str, object]]
    review_config: NotRequired[ReviewConfig]


class RefreshOutputUrlBody(TypedDict):
    """002:9600"""

    command: Literal["REFRESH_OUTPUT_URL"]
    params: RefreshOutputUrlConfig
    review_config: NotRequired[ReviewConfig]


class GetLiveJobConfigInfoBody(TypedDict):
    """002:9600"""

    command: Literal["GET_LIVE_JOB_CONFIG_INFO"]
    params: NotRequired[dict[str, object]]
    review_config: NotRequired[ReviewConfig]


ExecuteSmartLiveCommandBody = (
    InsertPlayScriptBody
    | RewritePlayScriptBody
    | InsertPlayAudioBody
    | RewriteInteractionRulesBody
    | GetCurrentPlayingScriptsBody
    | ShowLayerBody
    | RefreshOutputUrlBody
    | GetLiveJobConfigInfoBody
)


class ExecuteSmartLiveCommandAnswer(TypedDict):
    """002:9600"""

    command_id: NotRequired[str]
    command: NotRequired[LiveCommand]
    result: NotRequired[str]


class ExecuteSmartLiveCommand(Call, frozen=True):
    """POST /v1/{project_id}/smart-live-rooms/{room_id}/smart-live-jobs/{job_id}/command (002:9600)"""

    endpoint: ClassVar[Literal["execute_smart_live_command"]] = "execute_smart_live_command"
    room_id: str
    job_id: str
    body: ExecuteSmartLiveCommandBody


class ExecuteTrainingCommandBody(TypedDict):
    """002:11921"""

    command: ExecuteTrainingCommandBodyCommand
    command_message: NotRequired[CommandMessage]
    comment_data: NotRequired[CommentData]


class ExecuteTrainingCommandAnswer(TypedDict):
    """002:11921"""

    command_result: NotRequired[CommandResult]
    attachment_upload_url: NotRequired[list[str]]
    multipart_data: NotRequired[list[MultipartUploadInfo]]


class ExecuteTrainingCommand(Call, frozen=True):
    """POST /v1/{project_id}/digital-human-training-manage/user/jobs/{job_id}/command (002:11921)"""

    endpoint: ClassVar[Literal["execute_training_command"]] = "execute_training_command"
    job_id: str
    body: ExecuteTrainingCommandBody


class ListAssetSummarysBody(TypedDict):
    """002:2662"""

    asset_ids: list[str]


class ListAssetSummarysAnswer(TypedDict):
    """002:2662"""

    asset_list: NotRequired[list[DigitalAssetSummary]]


class ListAssetSummarys(Call, frozen=True):
    """POST /v1/{project_id}/digital-assets/summarys (002:2662)"""

    endpoint: ClassVar[Literal["list_asset_summarys"]] = "list_asset_summarys"
    body: ListAssetSummarysBody


class ListAssetsQuery(TypedDict):
    """002:1024"""

    limit: NotRequired[int]
    offset: NotRequired[int]
    name: NotRequired[str]
    tag: NotRequired[str]
    tag_combination_type: NotRequired[str]
    start_time: NotRequired[str]
    end_time: NotRequired[str]
    asset_type: NotRequired[str]
    sort_key: NotRequired[str]
    sort_dir: NotRequired[SortDir]
    asset_source: NotRequired[AssetSource]
    asset_state: NotRequired[str]
    style_id: NotRequired[str]
    render_engine: NotRequired[str]
    asset_id: NotRequired[list[str]]
    sex: NotRequired[str]
    language: NotRequired[str]
    system_property: NotRequired[str]
    action_editable: NotRequired[bool]
    is_movable: NotRequired[bool]
    voice_provider: NotRequired[VoiceProvider]
    role: NotRequired[Role]
    is_realtime_voice: NotRequired[bool]
    human_model_2d_version: NotRequired[str]
    include_device_name: NotRequired[str]
    exclude_device_name: NotRequired[str]


class ListAssetsAnswer(TypedDict):
    """002:1024"""

    count: NotRequired[int]
    assets: NotRequired[list[DigitalAssetInfo]]


class ListAssets(Call, frozen=True):
    """GET /v1/{project_id}/digital-assets (002:1024)"""

    endpoint: ClassVar[Literal["list_assets"]] = "list_assets"
    query: ListAssetsQuery = {}


class ListDigitalHumanVideosQuery(TypedDict):
    """002:4921"""

    offset: NotRequired[int]
    limit: NotRequired[int]
    state: NotRequired[str]
    sort_key: NotRequired[str]
    sort_dir: NotRequired[SortDir]
    create_until: NotRequired[str]
    create_since: NotRequired[str]
    script_id: NotRequired[str]
    asset_name: NotRequired[str]
    job_type: NotRequired[str]
    job_id: NotRequired[str]


class ListDigitalHumanVideosAnswer(TypedDict):
    """002:4921"""

    count: NotRequired[int]
    jobs: NotRequired[list[DigitalHumanVideo]]


class ListDigitalHumanVideos(Call, frozen=True):
    """GET /v1/{project_id}/digital-human-videos (002:4921)"""

    endpoint: ClassVar[Literal["list_digital_human_videos"]] = "list_digital_human_videos"
    query: ListDigitalHumanVideosQuery = {}


class ListProductsQuery(TypedDict):
    """002:10313"""

    offset: NotRequired[int]
    limit: NotRequired[int]
    sort_key: NotRequired[str]
    sort_dir: NotRequired[SortDir]
    create_until: NotRequired[str]
    create_since: NotRequired[str]
    name: NotRequired[str]
    tag: NotRequired[str]
    state: NotRequired[str]


class ListProductsAnswer(TypedDict):
    """002:10313"""

    count: NotRequired[int]
    products: NotRequired[list[ProductDetailInfo]]


class ListProducts(Call, frozen=True):
    """GET /v1/{project_id}/products (002:10313)"""

    endpoint: ClassVar[Literal["list_products"]] = "list_products"
    query: ListProductsQuery = {}


class ListSmartLiveInteractionRuleGroupsQuery(TypedDict):
    """002:8064"""

    offset: NotRequired[int]
    limit: NotRequired[int]
    create_since: NotRequired[str]
    create_until: NotRequired[str]
    group_name: NotRequired[str]


class ListSmartLiveInteractionRuleGroupsAnswer(TypedDict):
    """002:8064"""

    count: NotRequired[int]
    interaction_rule_groups: NotRequired[list[InteractionRuleGroupDetail]]


class ListSmartLiveInteractionRuleGroups(Call, frozen=True):
    """GET /v1/{project_id}/smart-live-interaction-rule-groups (002:8064)"""

    endpoint: ClassVar[Literal["list_smart_live_interaction_rule_groups"]] = "list_smart_live_interaction_rule_groups"
    query: ListSmartLiveInteractionRuleGroupsQuery = {}


class ListSmartLiveJobsQuery(TypedDict):
    """002:9046"""

    offset: NotRequired[int]
    limit: NotRequired[int]
    state: NotRequired[str]
    sort_key: NotRequired[str]
    sort_dir: NotRequired[SortDir]
    create_since: NotRequired[str]
    create_until: NotRequired[str]


class ListSmartLiveJobsAnswer(TypedDict):
    """002:9046"""

    count: NotRequired[int]
    smart_live_jobs: NotRequired[list[SmartLiveJob]]


class ListSmartLiveJobs(Call, frozen=True):
    """GET /v1/{project_id}/smart-live-rooms/{room_id}/smart-live-jobs (002:9046)"""

    endpoint: ClassVar[Literal["list_smart_live_jobs"]] = "list_smart_live_jobs"
    room_id: str
    query: ListSmartLiveJobsQuery = {}


class ListSmartLiveRoomsQuery(TypedDict):
    """002:6309"""

    offset: NotRequired[int]
    limit: NotRequired[int]
    room_name: NotRequired[str]
    dh_id: NotRequired[str]
    model_name: NotRequired[str]
    live_state: NotRequired[str]
    start_time: NotRequired[str]
    end_time: NotRequired[str]
    room_type: NotRequired[RoomType]
    template_own_type: NotRequired[TemplateOwnType]


class ListSmartLiveRoomsAnswer(TypedDict):
    """002:6309"""

    count: NotRequired[int]
    smart_live_rooms: NotRequired[list[SmartLiveRoomBaseInfo]]


class ListSmartLiveRooms(Call, frozen=True):
    """GET /v1/{project_id}/smart-live-rooms (002:6309)"""

    endpoint: ClassVar[Literal["list_smart_live_rooms"]] = "list_smart_live_rooms"
    query: ListSmartLiveRoomsQuery = {}


class ListTenantSmartLiveJobsQuery(TypedDict):
    """002:9763"""

    offset: NotRequired[int]
    limit: NotRequired[int]
    state: NotRequired[str]
    sort_key: NotRequired[str]
    sort_dir: NotRequired[SortDir]
    create_since: NotRequired[str]
    create_until: NotRequired[str]
    room_name: NotRequired[str]


class ListTenantSmartLiveJobsAnswer(TypedDict):
    """002:9763"""

    count: NotRequired[int]
    smart_live_jobs: NotRequired[list[SmartLiveJob]]


class ListTenantSmartLiveJobs(Call, frozen=True):
    """GET /v1/{project_id}/smart-live-jobs (002:9763)"""

    endpoint: ClassVar[Literal["list_tenant_smart_live_jobs"]] = "list_tenant_smart_live_jobs"
    query: ListTenantSmartLiveJobsQuery = {}


class ListTrainingJobsQuery(TypedDict):
    """002:11139"""

    offset: NotRequired[int]
    limit: NotRequired[int]
    sort_key: NotRequired[str]
    sort_dir: NotRequired[SortDir]
    create_until: NotRequired[str]
    create_since: NotRequired[str]
    state: NotRequired[str]
    query_project_id: NotRequired[str]
    batch_name: NotRequired[str]
    tag: NotRequired[str]
    job_id: NotRequired[str]
    name: NotRequired[str]
    model_resolution: NotRequired[str]


class ListTrainingJobsAnswer(TypedDict):
    """002:11139"""

    count: NotRequired[int]
    jobs: NotRequired[list[TrainingJobBasicInfo]]


class ListTrainingJobs(Call, frozen=True):
    """GET /v1/{project_id}/digital-human-training-manage/user/jobs (002:11139)"""

    endpoint: ClassVar[Literal["list_training_jobs"]] = "list_training_jobs"
    query: ListTrainingJobsQuery = {}


class ListTrainingSegmentsQuery(TypedDict):
    """002:13072"""

    job_id: str


class ListTrainingSegmentsAnswer(TypedDict):
    """002:13072"""

    confirmed_index: NotRequired[list[int]]


class ListTrainingSegments(Call, frozen=True):
    """GET /v1/{project_id}/voice-training-manage/user/training-segment (002:13072)"""

    endpoint: ClassVar[Literal["list_training_segments"]] = "list_training_segments"
    query: ListTrainingSegmentsQuery


class ListVideoScriptsQuery(TypedDict):
    """002:3837"""

    offset: NotRequired[int]
    limit: NotRequired[int]
    name: NotRequired[str]
    script_catalog: NotRequired[ScriptCatalog]
    view_mode: NotRequired[ViewMode]


class ListVideoScriptsAnswer(TypedDict):
    """002:3837"""

    count: NotRequired[int]
    video_scripts: NotRequired[list[VideoScriptBaseInfo]]


class ListVideoScripts(Call, frozen=True):
    """GET /v1/{project_id}/digital-human-video-scripts (002:3837)"""

    endpoint: ClassVar[Literal["list_video_scripts"]] = "list_video_scripts"
    query: ListVideoScriptsQuery = {}


class ListVoiceTrainingJobsQuery(TypedDict):
    """002:12434"""

    offset: NotRequired[int]
    limit: NotRequired[int]
    create_until: NotRequired[str]
    create_since: NotRequired[str]
    state: NotRequired[str]
    job_id: NotRequired[str]
    voice_name: NotRequired[str]
    tag: NotRequired[str]


class ListVoiceTrainingJobsAnswer(TypedDict):
    """002:12434"""

    count: NotRequired[int]
    jobs: NotRequired[list[TrainingJobInfo]]


class ListVoiceTrainingJobs(Call, frozen=True):
    """GET /v1/{project_id}/voice-training-manage/user/jobs (002:12434)"""

    endpoint: ClassVar[Literal["list_voice_training_jobs"]] = "list_voice_training_jobs"
    query: ListVoiceTrainingJobsQuery = {}


class ReportLiveEventQuery(TypedDict):
    """002:9992"""

    auth_key: NotRequired[str]
    expires_time: NotRequired[int]
    refresh_url: NotRequired[bool]


class ReportLiveEventBody(TypedDict):
    """002:9992"""

    total: int
    events: NotRequired[list[LiveEvent]]
    review_config: NotRequired[ReviewConfig]


class ReportLiveEventAnswer(TypedDict):
    """002:9992"""

    live_event_report_url: NotRequired[str]


class ReportLiveEvent(Call, frozen=True):
    """POST /v1/{project_id}/smart-live-rooms/{room_id}/smart-live-jobs/{job_id}/live-event-report (002:9992)"""

    endpoint: ClassVar[Literal["report_live_event"]] = "report_live_event"
    room_id: str
    job_id: str
    body: ReportLiveEventBody
    query: ReportLiveEventQuery = {}


class RestoreAsset(Call, frozen=True):
    """POST /v1/{project_id}/digital-assets/{asset_id}/restore (002:2438)"""

    endpoint: ClassVar[Literal["restore_asset"]] = "restore_asset"
    asset_id: str


class SetProductAssetsBody(TypedDict):
    """002:10865"""

    asset_item: NotRequired[ProductMediaInfo]
    text_item: NotRequired[ProductTextInfo]
    action: NotRequired[SetProductAssetsBodyAction]


class SetProductAssets(Call, frozen=True):
    """POST /v1/{project_id}/products/{product_id}/assets (002:10865)"""

    endpoint: ClassVar[Literal["set_product_assets"]] = "set_product_assets"
    product_id: str
    body: SetProductAssetsBody


class Show2dDigitalHumanVideoQuery(TypedDict):
    """002:5460"""

    show_script: NotRequired[bool]


class Show2dDigitalHumanVideoAnswer(TypedDict):
    """002:5460"""

    job_id: NotRequired[str]
    state: NotRequired[DigitalHumanVideoState]
    job_type: NotRequired[str]
    start_time: NotRequired[str]
    end_time: NotRequired[str]
    duration: NotRequired[float]
    output_asset_config: NotRequired[OutputAssetInfo]
    error_info: NotRequired[ErrorResponse]
    create_time: NotRequired[str]
    lastupdate_time: NotRequired[str]
    script_id: NotRequired[str]
    video_making_type: NotRequired[VideoMakingType]
    human_image: NotRequired[str]
    model_asset_id: NotRequired[str]
    voice_config: NotRequired[VoiceConfig]
    video_config: NotRequired[VideoProductionConfig]
    shoot_scripts: NotRequired[list[ShootScriptItem]]
    background_music_config: NotRequired[BackgroundMusicConfig]


class Show2dDigitalHumanVideo(Call, frozen=True):
    """GET /v1/{project_id}/2d-digital-human-videos/{job_id} (002:5460)"""

    endpoint: ClassVar[Literal["show_2d_digital_human_video"]] = "show_2d_digital_human_video"
    job_id: str
    query: Show2dDigitalHumanVideoQuery = {}


class ShowAssetAnswer(TypedDict):
    """002:2070"""

    project_id: NotRequired[str]
    asset_id: NotRequired[str]
    asset_name: NotRequired[str]
    asset_description: NotRequired[str]
    app_user_id: NotRequired[str]
    create_time: NotRequired[str]
    update_time: NotRequired[str]
    asset_type: NotRequired[DigitalAssetInfoAssetType]
    asset_state: NotRequired[DigitalAssetInfoAssetState]
    fail_type: NotRequired[FailType]
    reason: NotRequired[str]
    tags: NotRequired[list[str]]
    asset_extra_meta: NotRequired[AssetExtraMeta]
    system_properties: NotRequired[list[SystemProperty]]
    files: NotRequired[list[AssetFileInfo]]
    asset_order: NotRequired[int]


class ShowAsset(Call, frozen=True):
    """GET /v1/{project_id}/digital-assets/{asset_id} (002:2070)"""

    endpoint: ClassVar[Literal["show_asset"]] = "show_asset"
    asset_id: str


class ShowAssetReplicationInfoAnswer(TypedDict):
    """002:2776"""

    asset_id: NotRequired[str]
    asset_info: NotRequired[str]
    encryption_info: NotRequired[ReplicationEnclInfo]


class ShowAssetReplicationInfo(Call, frozen=True):
    """GET /v1/{project_id}/digital-assets/{asset_id}/replication-info (002:2776)"""

    endpoint: ClassVar[Literal["show_asset_replication_info"]] = "show_asset_replication_info"
    asset_id: str


class ShowJobAuditResultAnswer(TypedDict):
    """002:12892"""

    system_audit_result: NotRequired[SystemAuditResult]
    admin_audit_result: NotRequired[AdminAuditResult]


class ShowJobAuditResult(Call, frozen=True):
    """GET /v1/{project_id}/voice-training-manage/user/jobs/{job_id}/audit-result (002:12892)"""

    endpoint: ClassVar[Literal["show_job_audit_result"]] = "show_job_audit_result"
    job_id: str


class ShowJobUploadingAddressAnswer(TypedDict):
    """002:12803"""

    segment_url: NotRequired[SegmentUrl]
    package_url: NotRequired[PackageUrl]
    authorization_letter_uploading_url: NotRequired[str]


class ShowJobUploadingAddress(Call, frozen=True):
    """GET /v1/{project_id}/voice-training-manage/user/jobs/{job_id}/uploading-address-url (002:12803)"""

    endpoint: ClassVar[Literal["show_job_uploading_address"]] = "show_job_uploading_address"
    job_id: str


class ShowProductAnswer(TypedDict):
    """002:10620"""

    product_id: NotRequired[str]
    name: NotRequired[str]
    description: NotRequired[str]
    tags: NotRequired[list[str]]
    cover: NotRequired[ProductCoverDetailInfo]
    text_list: NotRequired[list[ProductTextInfo]]
    asset_list: NotRequired[list[ProductMediaDetailInfo]]
    create_time: NotRequired[str]
    update_time: NotRequired[str]
    state: NotRequired[ProductDetailInfoState]


class ShowProduct(Call, frozen=True):
    """GET /v1/{project_id}/products/{product_id} (002:10620)"""

    endpoint: ClassVar[Literal["show_product"]] = "show_product"
    product_id: str


class ShowSmartLiveJobAnswer(TypedDict):
    """002:9277"""

    job_id: NotRequired[str]
    room_id: NotRequired[str]
    room_name: NotRequired[str]
    state: NotRequired[LiveJobState]
    duration: NotRequired[float]
    start_time: NotRequired[str]
    end_time: NotRequired[str]
    error_info: NotRequired[ErrorResponse]
    create_time: NotRequired[str]
    lastupdate_time: NotRequired[str]
    rtc_room_info: NotRequired[RTCRoomInfoList]
    live_event_report_url: NotRequired[str]
    live_event_callback_config: NotRequired[LiveEventCallBackConfig]
    rtc_callback_config: NotRequired[RTCLiveEventCallBackConfig]
    stream_duration: NotRequired[float]
    block_reason: NotRequired[str]
    cover_url: NotRequired[str]
    co_streamer_config: NotRequired[CoStreamerConfig]
    live_job_log: NotRequired[LiveJobLog]


class ShowSmartLiveJob(Call, frozen=True):
    """GET /v1/{project_id}/smart-live-rooms/{room_id}/smart-live-jobs/{job_id} (002:9277)"""

    endpoint: ClassVar[Literal["show_smart_live_job"]] = "show_smart_live_job"
    room_id: str
    job_id: str


class ShowSmartLiveRoomAnswer(TypedDict):
    """002:6505"""

    room_name: NotRequired[str]
    room_description: NotRequired[str]
    room_type: NotRequired[RoomType]
    scene_scripts: NotRequired[list[LiveVideoScriptInfo]]
    interaction_rules: NotRequired[list[LiveRoomInteractionRuleInfo]]
    play_policy: NotRequired[PlayPolicy]
    video_config: NotRequired[VideoConfig]
    output_urls: NotRequired[list[str]]
    stream_keys: NotRequired[list[str]]
    backup_model_asset_ids: NotRequired[list[str]]
    live_event_callback_config: NotRequired[LiveEventCallBackConfig]
    rtc_callback_config: NotRequired[RTCLiveEventCallBackConfig]
    review_config: NotRequired[ReviewConfig]
    shared_config: NotRequired[SharedConfig]
    view_mode: NotRequired[ViewMode]
    co_streamer_config: NotRequired[CoStreamerConfig]
    priv_data: NotRequired[str]
    room_id: NotRequired[str]
    create_time: NotRequired[str]
    update_time: NotRequired[str]
    cover_url: NotRequired[str]
    thumbnail: NotRequired[str]
    room_state: NotRequired[RoomState]
    error_info: NotRequired[ErrorResponse]


class ShowSmartLiveRoom(Call, frozen=True):
    """GET /v1/{project_id}/smart-live-rooms/{room_id} (002:6505)"""

    endpoint: ClassVar[Literal["show_smart_live_room"]] = "show_smart_live_room"
    room_id: str


class ShowTrainingJobAnswer(TypedDict):
    """002:11434"""

    job_id: NotRequired[str]
    name: NotRequired[str]
    state: NotRequired[TrainingJobBasicInfoState]
    asset_id: NotRequired[str]
    project_id: NotRequired[str]
    cover_download_url: NotRequired[str]
    last_update_time: NotRequired[str]
    create_time: NotRequired[str]
    contact: NotRequired[str]
    batch_name: NotRequired[str]
    tags: NotRequired[list[str]]
    model_version: NotRequired[TrainingJobBasicInfoModelVersion]
    matting_type: NotRequired[MattingType]
    model_resolution: NotRequired[str]
    app_user_id: NotRequired[str]
    training_video_download_url: NotRequired[str]
    id_card_image1_download_url: NotRequired[str]
    id_card_image2_download_url: NotRequired[str]
    grant_file_download_url: NotRequired[str]
    operation_logs: NotRequired[list[OperationLogInfo]]
    comment_logs: NotRequired[list[CommentLogInfo]]
    is_mask_file_uploaded: NotRequired[bool]
    mask_file_download_url: NotRequired[str]
    verify_video_download_url: NotRequired[str]
    markable_video_download_url: NotRequired[str]
    inference_data_process_video_mark_info: NotRequired[InferenceVideoMarkInfo]
    inference_data_process_action_mark_info: NotRequired[InferenceActionMarkInfo]
    inference_data_process_eye_correction_mark_info: NotRequired[InferenceEyeCorrectionMarkInfo]
    is_background_replacement: NotRequired[bool]
    worker_type: NotRequired[list[str]]


class ShowTrainingJob(Call, frozen=True):
    """GET /v1/{project_id}/digital-human-training-manage/user/jobs/{job_id} (002:11434)"""

    endpoint: ClassVar[Literal["show_training_job"]] = "show_training_job"
    job_id: str


class ShowTtsAuditionFileAnswer(TypedDict):
    """002:13256"""

    is_file_complete: NotRequired[bool]
    message: NotRequired[str]
    files: NotRequired[list[AuditionFile]]


class ShowTtsAuditionFile(Call, frozen=True):
    """GET /v1/{project_id}/ttsc/audition-file/{job_id} (002:13256)"""

    endpoint: ClassVar[Literal["show_tts_audition_file"]] = "show_tts_audition_file"
    job_id: str


class ShowVideoScriptAnswer(TypedDict):
    """002:3996"""

    script_name: NotRequired[str]
    script_description: NotRequired[str]
    view_mode: NotRequired[ViewMode]
    model_asset_id: NotRequired[str]
    model_asset_type: NotRequired[ModelAssetType]
    voice_config: NotRequired[VoiceConfig]
    video_config: NotRequired[VideoProductionConfig]
    scene_asset_id: NotRequired[str]
    priv_data: NotRequired[str]
    background_music_config: NotRequired[BackgroundMusicConfig]
    review_config: NotRequired[ReviewConfig]
    shoot_scripts: NotRequired[list[ShootScriptShowItem]]
    script_id: NotRequired[str]
    create_time: NotRequired[str]
    update_time: NotRequired[str]
    audio_files: NotRequired[ShootScriptAudioFiles]
    script_cover_url: NotRequired[str]


class ShowVideoScript(Call, frozen=True):
    """GET /v1/{project_id}/digital-human-video-scripts/{script_id} (002:3996)"""

    endpoint: ClassVar[Literal["show_video_script"]] = "show_video_script"
    script_id: str


class ShowVoiceTrainingJobAnswer(TypedDict):
    """002:12632"""

    job_type: NotRequired[JobType]
    job_id: NotRequired[str]
    app_user_id: NotRequired[str]
    voice_name: NotRequired[str]
    sex: NotRequired[str]
    language: NotRequired[str]
    state: NotRequired[TrainingJobInfoState]
    reject_times: NotRequired[int]
    asset_id: NotRequired[str]
    job_failed_code: NotRequired[str]
    job_failed_reason: NotRequired[str]
    create_time: NotRequired[int]
    lastupdate_time: NotRequired[int]
    voice_authorization_url: NotRequired[str]
    create_type: NotRequired[CreateType]
    tag: NotRequired[str]
    phone: NotRequired[str]


class ShowVoiceTrainingJob(Call, frozen=True):
    """GET /v1/{project_id}/voice-training-manage/user/jobs/{job_id} (002:12632)"""

    endpoint: ClassVar[Literal["show_voice_training_job"]] = "show_voice_training_job"
    job_id: str


class StartSmartLiveJobBody(TypedDict):
    """002:8790"""

    video_config: NotRequired[VideoConfig]
    play_policy: NotRequired[PlayPolicy]
    output_urls: NotRequired[list[str]]
    stream_keys: NotRequired[list[str]]
    interaction_callback_url: NotRequired[str]
    live_event_callback_config: NotRequired[LiveEventCallBackConfig]
    rtc_callback_config: NotRequired[RTCLiveEventCallBackConfig]
    view_mode: NotRequired[ViewMode]
    co_streamer_config: NotRequired[CoStreamerConfig]


class StartSmartLiveJobAnswer(TypedDict):
    """002:8790"""

    job_id: NotRequired[str]
    rtc_room_info: NotRequired[RTCRoomInfoList]
    live_event_report_url: NotRequired[str]
    live_event_callback_config: NotRequired[LiveEventCallBackConfig]
    live_warning_info: NotRequired[list[LiveWarningItem]]


class StartSmartLiveJob(Call, frozen=True):
    """POST /v1/{project_id}/smart-live-rooms/{room_id}/smart-live-jobs (002:8790)"""

    endpoint: ClassVar[Literal["start_smart_live_job"]] = "start_smart_live_job"
    room_id: str
    body: StartSmartLiveJobBody


class StopSmartLiveJob(Call, frozen=True):
    """POST /v1/{project_id}/smart-live-rooms/{room_id}/smart-live-jobs/{job_id}/stop (002:9487)"""

    endpoint: ClassVar[Literal["stop_smart_live_job"]] = "stop_smart_live_job"
    room_id: str
    job_id: str


class UpdateDigitalAssetBody(TypedDict):
    """002:1409"""

    asset_name: NotRequired[str]
    asset_description: NotRequired[str]
    asset_type: NotRequired[DigitalAssetInfoAssetType]
    asset_state: NotRequired[UpdateDigitalAssetBodyAssetState]
    asset_owner: NotRequired[str]
    review_config: NotRequired[ReviewConfig]
    tags: NotRequired[list[str]]
    asset_extra_meta: NotRequired[AssetExtraMeta]
    system_properties: NotRequired[list[SystemProperty]]
    shared_config: NotRequired[AssetSharedConfig]
    asset_order: NotRequired[int]


class UpdateDigitalAssetAnswer(TypedDict):
    """002:1409"""

    project_id: NotRequired[str]
    asset_id: NotRequired[str]
    asset_name: NotRequired[str]
    asset_description: NotRequired[str]
    app_user_id: NotRequired[str]
    create_time: NotRequired[str]
    update_time: NotRequired[str]
    asset_type: NotRequired[DigitalAssetInfoAssetType]
    asset_state: NotRequired[DigitalAssetInfoAssetState]
    fail_type: NotRequired[FailType]
    reason: NotRequired[str]
    tags: NotRequired[list[str]]
    asset_extra_meta: NotRequired[AssetExtraMeta]
    system_properties: NotRequired[list[SystemProperty]]
    files: NotRequired[list[AssetFileInfo]]
    asset_order: NotRequired[int]


class UpdateDigitalAsset(Call, frozen=True):
    """PUT /v1/{project_id}/digital-assets/{asset_id} (002:1409)"""

    endpoint: ClassVar[Literal["update_digital_asset"]] = "update_digital_asset"
    asset_id: str
    body: UpdateDigitalAssetBody


class UpdateProductBody(TypedDict):
    """002:10484"""

    name: str
    description: NotRequired[str]
    tags: NotRequired[list[str]]
    cover: NotRequired[ProductCoverInfo]
    text_list: NotRequired[list[ProductTextInfo]]
    asset_list: NotRequired[list[ProductMediaInfo]]
    state: NotRequired[UpdateProductBodyState]


class UpdateProduct(Call, frozen=True):
    """PUT /v1/{project_id}/products/{product_id} (002:10484)"""

    endpoint: ClassVar[Literal["update_product"]] = "update_product"
    product_id: str
    body: UpdateProductBody


class UpdateSmartLiveInteractionRuleGroupBody(TypedDict):
    """002:8327"""

    group_name: str
    interaction_rules: NotRequired[list[InteractionRuleInfo]]


class UpdateSmartLiveInteractionRuleGroupAnswer(TypedDict):
    """002:8327"""

    group_id: NotRequired[str]
    group_name: NotRequired[str]
    interaction_rules: NotRequired[list[InteractionRuleDetailInfo]]
    create_time: NotRequired[str]
    update_time: NotRequired[str]


class UpdateSmartLiveInteractionRuleGroup(Call, frozen=True):
    """PUT /v1/{project_id}/smart-live-interaction-rule-groups/{group_id} (002:8327)"""

    endpoint: ClassVar[Literal["update_smart_live_interaction_rule_group"]] = "update_smart_live_interaction_rule_group"
    group_id: str
    body: UpdateSmartLiveInteractionRuleGroupBody


class UpdateSmartLiveRoomBody(TypedDict):
    """002:6974"""

    room_name: str
    room_description: NotRequired[str]
    room_type: NotRequired[RoomType]
    scene_scripts: NotRequired[list[LiveVideoScriptInfo]]
    interaction_rules: NotRequired[list[LiveRoomInteractionRuleInfo]]
    play_policy: NotRequired[PlayPolicy]
    video_config: NotRequired[VideoConfig]
    output_urls: NotRequired[list[str]]
    stream_keys: NotRequired[list[str]]
    backup_model_asset_ids: NotRequired[list[str]]
    live_event_callback_config: NotRequired[LiveEventCallBackConfig]
    rtc_callback_config: NotRequired[RTCLiveEventCallBackConfig]
    review_config: NotRequired[ReviewConfig]
    shared_config: NotRequired[SharedConfig]
    view_mode: NotRequired[ViewMode]
    co_streamer_config: NotRequired[CoStreamerConfig]
    priv_data: NotRequired[str]


class UpdateSmartLiveRoomAnswer(TypedDict):
    """002:6974"""

    room_name: NotRequired[str]
    room_description: NotRequired[str]
    room_type: NotRequired[RoomType]
    scene_scripts: NotRequired[list[LiveVideoScriptInfo]]
    interaction_rules: NotRequired[list[LiveRoomInteractionRuleInfo]]
    play_policy: NotRequired[PlayPolicy]
    video_config: NotRequired[VideoConfig]
    output_urls: NotRequired[list[str]]
    stream_keys: NotRequired[list[str]]
    backup_model_asset_ids: NotRequired[list[str]]
    live_event_callback_config: NotRequired[LiveEventCallBackConfig]
    rtc_callback_config: NotRequired[RTCLiveEventCallBackConfig]
    review_config: NotRequired[ReviewConfig]
    shared_config: NotRequired[SharedConfig]
    view_mode: NotRequired[ViewMode]
    co_streamer_config: NotRequired[CoStreamerConfig]
    priv_data: NotRequired[str]
    room_id: NotRequired[str]
    create_time: NotRequired[str]
    update_time: NotRequired[str]
    cover_url: NotRequired[str]
    thumbnail: NotRequired[str]
    room_state: NotRequired[RoomState]
    error_info: NotRequired[ErrorResponse]


class UpdateSmartLiveRoom(Call, frozen=True):
    """PUT /v1/{project_id}/smart-live-rooms/{room_id} (002:6974)"""

    endpoint: ClassVar[Literal["update_smart_live_room"]] = "update_smart_live_room"
    room_id: str
    body: UpdateSmartLiveRoomBody


class UpdateTrainingJobBody(TypedDict):
    """002:11777"""

    name: NotRequired[str]
    contact: NotRequired[str]
    command_message: NotRequired[CommandMessage]
    video_multipart_count: NotRequired[int]
    is_background_replacement: NotRequired[bool]
    batch_name: NotRequired[str]
    tags: NotRequired[list[str]]


class UpdateTrainingJobAnswer(TypedDict):
    """002:11777"""

    job_id: NotRequired[str]
    training_video_upload_url: NotRequired[list[str]]
    cover_upload_url: NotRequired[str]
    id_card_image1_upload_url: NotRequired[str]
    id_card_image2_upload_url: NotRequired[str]
    grant_file_upload_url: NotRequired[str]


class UpdateTrainingJob(Call, frozen=True):
    """PUT /v1/{project_id}/digital-human-training-manage/user/jobs/{job_id} (002:11777)"""

    endpoint: ClassVar[Literal["update_training_job"]] = "update_training_job"
    job_id: str
    body: UpdateTrainingJobBody


class UpdateVideoScriptBody(TypedDict):
    """002:4330"""

    script_name: NotRequired[str]
    script_description: NotRequired[str]
    view_mode: NotRequired[ViewMode]
    model_asset_id: NotRequired[str]
    model_asset_type: NotRequired[ModelAssetType]
    voice_config: NotRequired[VoiceConfig]
    video_config: NotRequired[VideoProductionConfig]
    scene_asset_id: NotRequired[str]
    priv_data: NotRequired[str]
    background_music_config: NotRequired[BackgroundMusicConfig]
    review_config: NotRequired[ReviewConfig]
    shoot_scripts: NotRequired[list[ShootScriptItem]]


class UpdateVideoScriptAnswer(TypedDict):
    """002:4330"""

    script_id: NotRequired[str]
    audio_files: NotRequired[ShootScriptAudioFiles]


class UpdateVideoScript(Call, frozen=True):
    """PUT /v1/{project_id}/digital-human-video-scripts/{script_id} (002:4330)"""

    endpoint: ClassVar[Literal["update_video_script"]] = "update_video_script"
    script_id: str
    body: UpdateVideoScriptBody
