"""What helps to find the right words, before they are said; part of `takeover.urls`."""

from django.urls import path

from dashboard.takeover.views import lint, markup, words

urlpatterns = [
    path("t/<slug:team>/rooms/<str:code>/ssml", markup.read, name="read_ssml"),
    path("t/<slug:team>/rooms/<str:code>/quick", words.quick_row, name="quick_row"),
    path("t/<slug:team>/rooms/<str:code>/quick/<int:pk>", words.quick, name="quick"),
    path("t/<slug:team>/rooms/<str:code>/lint", lint.lint, name="lint"),
]
