"""Wiring: HTTP to Django behind the probes' door, WebSockets to the hub and, for a microphone, to its relay."""

from __future__ import annotations

import os
from typing import cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

django.setup(set_prefix=False)

from dashboard.lib.asgi import OneTripHandler
from dashboard.live.hub.routing import websocket_urlpatterns as live_sockets
from dashboard.live.seeing.door import App, Door
from dashboard.live.talk.routing import websocket_urlpatterns as talk_sockets

application = ProtocolTypeRouter(
    {
        "http": Door(cast(App, OneTripHandler())),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([*live_sockets, *talk_sockets]))),
    }
)
