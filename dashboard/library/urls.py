from django.urls import path

from dashboard.library.views import clips

app_name = "library"
urlpatterns = [
    path("t/<slug:team>/library/clips", clips.clips, name="clips"),
    path("t/<slug:team>/library/clips/choice", clips.choice, name="choice"),
    path("t/<slug:team>/library/clips/add", clips.add, name="add_clip"),
    path("t/<slug:team>/library/clips/<int:pk>/sound", clips.listen, name="listen"),
    path("t/<slug:team>/library/clips/<int:pk>/remove", clips.remove, name="remove_clip"),
    path("media/clips/<str:token>", clips.fetch, name="fetch_clip"),
]
