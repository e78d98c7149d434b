from django.urls import path

from dashboard.library.views import clips, shelves

app_name = "library"
urlpatterns = [
    path("t/<slug:team>/library/clips", clips.clips, name="clips"),
    path("t/<slug:team>/library/clips/choice", clips.choice, name="choice"),
    path("t/<slug:team>/library/clips/add", clips.add, name="add_clip"),
    path("t/<slug:team>/library/clips/<int:pk>/sound", clips.listen, name="listen"),
    path("t/<slug:team>/library/clips/<int:pk>/remove", clips.remove, name="remove_clip"),
    path("t/<slug:team>/library/<slug:name>", shelves.shelf, name="shelf"),
    path("t/<slug:team>/library/<slug:name>/new", shelves.create, name="create"),
    path("t/<slug:team>/library/<slug:name>/<int:pk>", shelves.edit, name="edit"),
    path("t/<slug:team>/library/<slug:name>/<int:pk>/delete", shelves.delete, name="delete"),
    path("media/clips/<str:token>", clips.fetch, name="fetch_clip"),
]
