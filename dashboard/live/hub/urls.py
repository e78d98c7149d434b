from django.urls import path

from dashboard.live.hub import views

app_name = "hub"
urlpatterns = [path("live/regions", views.regions, name="regions")]
