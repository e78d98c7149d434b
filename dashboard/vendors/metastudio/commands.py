"""The eight commands for a running job (002:9588-9749, 10.5): what is said next, and what is changed or asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.vendors.contract.generated import metastudio as api
from dashboard.vendors.http import Reply
from dashboard.vendors.metastudio import errors, plans, ssml, wire
from dashboard.vendors.metastudio.client import MetaStudioClient
from dashboard.vendors.port import (
    Accepted,
    Guard,
    Outcome,
    PlayAt,
    PlayClip,
    Purpose,
    Rejected,
    Role,
    RoomPlan,
    RoomSummary,
    SaidRef,
    Say,
    Session,
    Unknown,
    always,
)
from dashboard.vendors.port_live import Output, RoundItem, Rule

PLAY_TYPES: dict[PlayAt, api.PlayType] = {PlayAt.END: "APPEND", PlayAt.NEXT: "INSERT", PlayAt.NOW: "PLAY_NOW"}


def say_body(text: str, at: PlayAt, role: Role = Role.STREAMER) -> api.InsertPlayScriptBody:
    """002:9624, 14005. play_type is always sent: its default differs by command (A20)."""
    params: api.PlayTextInfo = {"text_config": {"text": text}, "play_type": PLAY_TYPES[at]}
    if role is Role.CO_STREAMER:
        params["play_role"] = "CO_STREAMER"
    return {"command": "INSERT_PLAY_SCRIPT", "params": params}


def clip_body(url: str, at: PlayAt, role: Role = Role.STREAMER) -> api.InsertPlayAudioBody:
    """002:9624, 14034 (A16)"""
    params: api.PlayAudioInfo = {"audio_url": url, "play_type": PLAY_TYPES[at]}
    if role is Role.CO_STREAMER:
        params["play_role"] = "CO_STREAMER"
    return {"command": "INSERT_PLAY_AUDIO", "params": params}


def not_offered() -> Rejected:
    """Nothing of these documents asks, cancels or moves what is inserted."""
    return Rejected(errors.ours("capability"))


class Commands:
    """`silent_clip` is the account's silent clip: it is how this vendor is silenced."""

    def __init__(self, client: MetaStudioClient, silent_clip: str) -> None:
        self._client = client
        self._silent_clip = silent_clip

    # ------------------------------------------------------------------------------------------------------- speaking

    async def say(self, session: Session, say: Say, guard: Guard) -> Outcome[SaidRef]:
        """INSERT_PLAY_SCRIPT"""
        words = ssml.words_of(say)
        if isinstance(words, Rejected):
            return words
        text, removed = words
        return _said(await self._send(session, say_body(text, say.at, say.role), Purpose.TAKEOVER, guard), removed)

    async def play_clip(self, session: Session, clip: PlayClip, guard: Guard) -> Outcome[SaidRef]:
        """INSERT_PLAY_AUDIO"""
        # It may use the last place in the window.
        is_panic = bool(clip.url) and clip.url == self._silent_clip
        purpose = Purpose.PANIC if is_panic else Purpose.TAKEOVER
        return _said(await self._send(session, clip_body(clip.url, clip.at, clip.role), purpose, guard))

    # ------------------------------------------------------------------------------------------------------- changing

    async def rewrite_script(self, session: Session, plan: RoomPlan, guard: Guard) -> Outcome[None]:
        """REWRITE_PLAY_SCRIPT: replaces the paragraphs that have not been spoken yet (A17)."""
        if not plan.items:
            return Rejected(errors.ours("no_script"))
        body: api.RewritePlayScriptBody = {
            "command": "REWRITE_PLAY_SCRIPT",
            "params": {"scene_scripts": plans.scenes(plan)},
        }
        return wire.done(await self._send(session, body, Purpose.EDIT, guard))

    async def rewrite_rules(self, session: Session, rules: Sequence[Rule], guard: Guard) -> Outcome[None]:
        """REWRITE_INTERACTION_RULES: the job's rules from now on; the room keeps its own (A17)."""
        body: api.RewriteInteractionRulesBody = {
            "command": "REWRITE_INTERACTION_RULES",
            "params": {"interaction_rules": list(rules)},
        }
        return wire.done(await self._send(session, body, Purpose.EDIT, guard))

    async def show_layer(self, session: Session, layer: Mapping[str, object], guard: Guard) -> Outcome[None]:
        """SHOW_LAYER; LiveGuideRuleInfo is named and defined nowhere (A19)."""
        body: api.ShowLayerBody = {"command": "SHOW_LAYER", "params": dict(layer)}
        return wire.done(await self._send(session, body, Purpose.TAKEOVER, guard))

    async def refresh_output(self, session: Session, outputs: Sequence[Output], guard: Guard) -> Outcome[None]:
        """REFRESH_OUTPUT_URL: where the stream goes from now on (A19)."""
        params: api.RefreshOutputUrlConfig = {"output_urls": [one.url for one in outputs]}
        if any(one.key for one in outputs):
            params["stream_keys"] = [one.key for one in outputs]
        body: api.RefreshOutputUrlBody = {"command": "REFRESH_OUTPUT_URL", "params": params}
        return wire.done(await self._send(session, body, Purpose.EDIT, guard))

    # --------------------------------------------------------------------------------------------------------- asking

    async def script_round(self, session: Session) -> Outcome[tuple[RoundItem, ...]]:
        """GET_CURRENT_PLAYING_SCRIPTS: `result` is the JSON text of LivePlayingScriptList (A18)."""
        body: api.GetCurrentPlayingScriptsBody = {"command": "GET_CURRENT_PLAYING_SCRIPTS"}
        answer = _result(await self._send(session, body, Purpose.POLL, always), wire.PlayingScripts)
        if not isinstance(answer, Accepted):
            return answer
        items = (
            RoundItem(item.sequence_no or 0, item.title or "", scene.script_name or "")
            for scene in answer.value.scene_scripts or ()
            for item in scene.shoot_scripts or ()
        )
        return Accepted(tuple(items), answer.request_id)

    async def room_of(self, session: Session) -> Outcome[RoomSummary]:
        """GET_LIVE_JOB_CONFIG_INFO: `result` is read as the JSON text of what 6.1.3 answers (A19)."""
        body: api.GetLiveJobConfigInfoBody = {"command": "GET_LIVE_JOB_CONFIG_INFO"}
        answer = _result(await self._send(session, body, Purpose.POLL, always), wire.Room)
        if not isinstance(answer, Accepted):
            return answer
        return Accepted(wire.room_summary(answer.value, session.room_ref), answer.request_id)

    async def _send(
        self, session: Session, body: api.ExecuteSmartLiveCommandBody, purpose: Purpose, guard: Guard
    ) -> Outcome[Reply[wire.CommandAnswer]]:
        """002:9600. The command_id comes back later as reply_id (A21)."""
        call = api.ExecuteSmartLiveCommand(room_id=session.room_ref, job_id=session.vendor_ref, body=body)
        return await self._client.call(call, wire.CommandAnswer, purpose, guard=guard)


def _said(answer: Outcome[Reply[wire.CommandAnswer]], removed: tuple[str, ...] = ()) -> Outcome[SaidRef]:
    if not isinstance(answer, Accepted):
        return answer
    return Accepted(SaidRef(answer.value.value.command_id or "", removed), answer.request_id)


def _result(answer: Outcome[Reply[wire.CommandAnswer]], shape: type[wire.T]) -> Outcome[wire.T]:
    if not isinstance(answer, Accepted):
        return answer
    try:
        return Accepted(wire.decode(answer.value.value.result or "", shape), answer.request_id)
    except wire.Unreadable as problem:
        return Unknown("unreadable_answer", str(problem), answer.request_id)
