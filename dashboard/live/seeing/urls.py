from django.urls import path

from dashboard.live.seeing import views

app_name = "seeing"
urlpatterns = [
    path("t/<slug:team>/status", views.show, name="status"),
    path("t/<slug:team>/status/now", views.now, name="now"),
]
