"""The fall-back of the socket: the same frames by polling, for pages whose WebSocket can't get through."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from dashboard.events.selectors import sequence
from dashboard.lib import shapes
from dashboard.live.hub import access, frames, freshness
from dashboard.live.hub.consumers import MOST_TOPICS, VIEWS
from dashboard.live.hub.frames import Variant


@require_GET
def regions(request: HttpRequest) -> HttpResponse:
    """`topics` is JSON of topic → sequence, as in the socket's hello; the answer is an array of frames."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    try:
        topics = shapes.decode(request.GET.get("topics", "{}"), dict[str, int])
    except shapes.UNREADABLE:
        return HttpResponse("topics must be a JSON object of numbers.", status=400, content_type="text/plain")
    view = request.GET.get("view", "other")
    variant = Variant(view if view in VIEWS else "other", request.LANGUAGE_CODE)
    teams = access.memberships(request.user.pk)
    seen = access.visible(list(topics)[:MOST_TOPICS], teams)
    texts = [frames.encode({"t": "denied", "topic": topic}) for topic in topics if topic not in seen]
    for topic in seen:
        texts += frames.current(topic, topics[topic], variant)[1]
        if topic.startswith("team:"):
            texts.append(frames.summary(topic, sequence(topic), variant.language))
    texts.append(frames.tick(freshness.of_teams(teams)))
    return HttpResponse("[" + ",".join(texts) + "]", content_type="application/json")
