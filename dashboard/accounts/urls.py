from django.urls import path

from dashboard.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("settings", views.settings, name="settings"),
    path("t/<slug:team>/team", views.team, name="team"),
    path("t/<slug:team>/team/undo-window", views.undo_window, name="undo_window"),
    path("t/<slug:team>/team/retention", views.retention, name="retention"),
    path("t/<slug:team>/team/members", views.add_member, name="add_member"),
    path("t/<slug:team>/team/members/<int:pk>/role", views.change_role, name="change_role"),
    path("t/<slug:team>/team/members/<int:pk>/remove", views.remove_member, name="remove_member"),
]
