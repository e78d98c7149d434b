from django.urls import path

from dashboard.live.intake import views

app_name = "intake"
urlpatterns = [
    path("callbacks/jobs/<str:slug>", views.job_callback, name="job_callback"),
    path("callbacks/accounts/<str:slug>", views.account_callback, name="account_callback"),
    path("intake/<str:slug>/<str:signature>", views.audience, name="audience"),
]
