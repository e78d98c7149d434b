"""What steers a running job, as POSTs; part of `takeover.urls`."""

from django.urls import path

from dashboard.takeover.views import close_job, kept_scenes, pause, scene, script, steer

urlpatterns = [
    path("t/<slug:team>/jobs/<int:pk>/close", close_job.close, name="close_job"),
    path("t/<slug:team>/rooms/<str:code>/scene", scene.change, name="change_scene"),
    path("t/<slug:team>/rooms/<str:code>/scene/keep", kept_scenes.keep, name="keep_scene"),
    path("t/<slug:team>/rooms/<str:code>/scene/<int:pk>/rename", kept_scenes.rename, name="rename_scene"),
    path("t/<slug:team>/rooms/<str:code>/scene/<int:pk>/delete", kept_scenes.delete, name="delete_scene"),
    path("t/<slug:team>/rooms/<str:code>/steer/layer", steer.layer, name="show_layer"),
    path("t/<slug:team>/rooms/<str:code>/steer/preload", steer.preload, name="preload"),
    path("t/<slug:team>/rooms/<str:code>/steer/output", steer.output, name="change_output"),
    path("t/<slug:team>/rooms/<str:code>/steer/rules", steer.rules, name="put_rules_on_air"),
    path("t/<slug:team>/rooms/<str:code>/steer/rules/difference", steer.rules_difference, name="rules_difference"),
    path("t/<slug:team>/rooms/<str:code>/steer/compare", steer.compare, name="compare"),
    path("t/<slug:team>/rooms/<str:code>/steer/push/<str:name>", steer.push, name="push_field"),
    path("t/<slug:team>/rooms/<str:code>/steer/adopt/<str:name>", steer.adopt, name="adopt_field"),
    path("t/<slug:team>/rooms/<str:code>/script/pause", pause.pause, name="pause_script"),
    path("t/<slug:team>/rooms/<str:code>/script/resume", pause.resume, name="resume_script"),
    path("t/<slug:team>/rooms/<str:code>/script/difference", script.difference, name="script_difference"),
    path("t/<slug:team>/rooms/<str:code>/script/rewrite", script.rewrite, name="rewrite_script"),
]
