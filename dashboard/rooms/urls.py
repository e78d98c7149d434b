from django.urls import path

from dashboard.rooms.views import on_sale, rooms, rules

app_name = "rooms"
urlpatterns = [
    path("t/<slug:team>/rooms/new", rooms.create, name="create"),
    path("t/<slug:team>/rooms/<str:code>/edit", rooms.edit, name="edit"),
    path("t/<slug:team>/rooms/<str:code>/on-sale", on_sale.on_sale, name="on_sale"),
    path("t/<slug:team>/rules", rules.rule_sets, name="rule_sets"),
    path("t/<slug:team>/rules/new", rules.create, name="create_rule_set"),
    path("t/<slug:team>/rules/draft", rules.draft, name="draft_rule_set"),
    path("t/<slug:team>/rules/<int:pk>", rules.rule_set, name="rule_set"),
    path("t/<slug:team>/rules/<int:pk>/delete", rules.delete, name="delete_rule_set"),
]
