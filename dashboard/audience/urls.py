from django.urls import path

from dashboard.audience.views import questions

app_name = "audience"
urlpatterns = [
    path("t/<slug:team>/rooms/<str:code>/comments/<int:event>/claim", questions.claim_comment, name="claim_comment"),
    path("t/<slug:team>/questions/<int:pk>/claim", questions.claim, name="claim"),
    path("t/<slug:team>/questions/<int:pk>/release", questions.release, name="release"),
    path("t/<slug:team>/questions/<int:pk>/close", questions.close, name="close"),
]
