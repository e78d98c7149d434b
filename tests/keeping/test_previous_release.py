"""The database of the release before this one, with what its demo left in it, under the code of today."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.keeping import previous
from tests.keeping.place import Place

#: Every page of a team, by every role; each room's desk, each job.
_OPEN_PAGES = """
import django
django.setup()
from django.test import Client
from django.urls import reverse
from dashboard.accounts.models import Member
from dashboard.jobs.models import Job
from dashboard.rooms.models import Room
from dashboard.vendors.models import VendorAccount
from tests.keeping.previous import PASSWORD

team = Member.objects.first().team.slug
of_team = ["console:wall", "console:rooms", "console:takeovers", "console:jobs", "console:vendor_accounts",
           "console:silences", "accounts:team", "rooms:rule_sets", "library:clips"]
pages = [reverse(name, args=[team]) for name in of_team] + [reverse("accounts:settings")]
pages += [reverse(name, args=[team, room.code]) for room in Room.objects.all()
          for name in ("console:desk", "console:asked", "console:steer", "console:rule_log")]
pages += [page for job in Job.objects.select_related("room") for page in
          (reverse("console:job", args=[team, job.pk]), reverse("console:script", args=[team, job.room.code]))]
pages += [reverse("vendors:detail", args=[team, account.pk]) for account in VendorAccount.objects.all()]
answers = []
for member in Member.objects.select_related("user"):
    client = Client(headers={"host": "127.0.0.1"})
    signed = client.post(reverse("accounts:sign_in"), {"username": member.user.email, "password": PASSWORD})
    assert signed.status_code == 302, (member, signed.status_code)
    for page in pages:
        answer = client.get(page)
        answers.append(answer.status_code)
        is_for_others = answer.status_code == 403 and member.role != "admin"
        assert answer.status_code == 200 or is_for_others, (page, answer.status_code)
assert Job.objects.count() == 3
print("pages:", len(answers))
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, previous.KEY)


def test_it_is_brought_up_to_date_with_all_its_rows(place: Place) -> None:
    before = previous.put(place.database)
    assert before["events_event"] > 1_000
    assert before["takeover_takeover"] > 50
    assert place.manage("migrate", "--check").returncode == 1  # else this proves nothing
    done = place.manage("migrate", "-v", "0")
    assert done.returncode == 0, done.stderr
    after = previous.counts(place.database)
    made_anew = {"django_migrations", "django_content_type", "auth_permission"}
    assert {name: after[name] for name in before if name not in made_anew} == {
        name: count for name, count in before.items() if name not in made_anew
    }
    with place.connect() as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert set(database.execute("SELECT keep_days, undo_s FROM accounts_team").fetchall()) == {(90, "{}")}
    opened = place.python("-c", _OPEN_PAGES)
    assert opened.returncode == 0, opened.stderr[-3000:]
    assert int(opened.stdout.split()[-1]) > 4 * 40
