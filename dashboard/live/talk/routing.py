from django.urls import path

from dashboard.live.talk.consumer import TalkConsumer

websocket_urlpatterns = [path("ws/talk/<int:job>", TalkConsumer.as_asgi())]
