from django.urls import include, path

from dashboard.takeover.views import approve, ask, cancel, floor, move, policy, quiet, settle, undo

app_name = "takeover"
urlpatterns = [
    path("", include("dashboard.takeover.urls_steer")),
    path("", include("dashboard.takeover.urls_words")),
    path("t/<slug:team>/rooms/<str:code>/takeovers/", ask.create, name="create"),
    path("t/<slug:team>/rooms/<str:code>/silence", quiet.silence, name="silence"),
    path("t/<slug:team>/silence-all", quiet.silence_all, name="silence_all"),
    path("t/<slug:team>/speak-all", quiet.resume_all, name="resume_all"),
    path("t/<slug:team>/rooms/<str:code>/resume", quiet.resume, name="resume"),
    path("t/<slug:team>/rooms/<str:code>/second-person", policy.second_person, name="second_person"),
    path("t/<slug:team>/takeovers/<int:pk>/approve", approve.approve, name="approve"),
    path("t/<slug:team>/takeovers/<int:pk>/return", approve.return_to_author, name="return"),
    path("t/<slug:team>/rooms/<str:code>/floor/arm", floor.arm, name="arm"),
    path("t/<slug:team>/rooms/<str:code>/floor/take", floor.take, name="take_floor"),
    path("t/<slug:team>/rooms/<str:code>/floor/ask", floor.ask, name="ask_floor"),
    path("t/<slug:team>/rooms/<str:code>/floor/hand-over", floor.hand_over, name="hand_floor_over"),
    path("t/<slug:team>/rooms/<str:code>/floor/release", floor.release, name="release_floor"),
    path("t/<slug:team>/takeovers/<int:pk>/undo", undo.undo, name="undo"),
    path("t/<slug:team>/takeovers/<int:pk>/words", undo.words, name="words"),
    path("t/<slug:team>/takeovers/<int:pk>/send-now", undo.send_now, name="send_now"),
    path("t/<slug:team>/rooms/<str:code>/takeovers/cancel-waiting", cancel.cancel_waiting, name="cancel_waiting"),
    path("t/<slug:team>/takeovers/cancel", cancel.cancel_several, name="cancel_several"),
    path("t/<slug:team>/takeovers/<int:pk>/move", move.move, name="move"),
    path("t/<slug:team>/takeovers/<int:pk>/cancel", settle.cancel, name="cancel"),
    path("t/<slug:team>/takeovers/<int:pk>/mark-spoken", settle.mark_spoken, name="mark_spoken"),
    path("t/<slug:team>/takeovers/<int:pk>/check", settle.check, name="check"),
    path("t/<slug:team>/takeovers/<int:pk>/again", ask.again, name="again"),
]
