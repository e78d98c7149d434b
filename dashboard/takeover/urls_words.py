"""What helps to find the right words, as URLs; part of `takeover.urls`."""

from django.urls import path

from dashboard.takeover.views import words

urlpatterns = [
    path("t/<slug:team>/rooms/<str:code>/quick", words.quick_row, name="quick_row"),
    path("t/<slug:team>/rooms/<str:code>/quick/<int:pk>", words.quick, name="quick"),
    path("t/<slug:team>/rooms/<str:code>/lint", words.lint, name="lint"),
]
