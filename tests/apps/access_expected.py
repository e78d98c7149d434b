"""The reviewed list: who gets what, for every URL and method. test_access.py walks it and compares.

Change it only on purpose: a line here is a decision about who may do what. 302 for nobody is the way to the sign-in
page. Zoe is admin of another team, so everything below /t/alpha/ does not exist for her.
"""

from __future__ import annotations

WHO = ("nobody", "zoe", "vic", "oki", "pia", "ada")


def row(*statuses: int) -> dict[str, int]:
    return dict(zip(WHO, statuses, strict=True))


EXPECTED: dict[str, dict[str, dict[str, int]]] = {
    # url name                 method         nobody zoe  vic  oki  pia  ada
    # pages of a team: every role reads everything
    "console:wall": {"GET": row(302, 404, 200, 200, 200, 200)},
    "console:rooms": {"GET": row(302, 404, 200, 200, 200, 200)},
    "console:desk": {"GET": row(302, 404, 200, 200, 200, 200)},
    "console:asked": {"GET": row(302, 404, 200, 200, 200, 200)},
    "console:rule_log": {"GET": row(302, 404, 200, 200, 200, 200)},
    "console:takeovers": {"GET": row(302, 404, 200, 200, 200, 200)},
    "console:jobs": {"GET": row(302, 404, 200, 200, 200, 200)},
    "console:job": {"GET": row(302, 404, 200, 200, 200, 200)},
    "console:vendor_accounts": {"GET": row(302, 404, 200, 200, 200, 200)},
    "vendors:help_errors": {"GET": row(302, 404, 200, 200, 200, 200)},
    "accounts:team": {"GET": row(302, 404, 200, 200, 200, 200)},
    "rooms:rule_sets": {"GET": row(302, 404, 200, 200, 200, 200)},
    # what the rules' page does without saving: whoever reads it may try them
    "rooms:draft_rule_set": {"POST": row(302, 404, 200, 200, 200, 200)},
    # speaking and the air: operators and up
    "jobs:start": {"POST": row(302, 404, 403, 204, 204, 204)},
    "jobs:stop": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:create": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:cancel": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:mark_spoken": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:check": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:again": {"POST": row(302, 404, 403, 204, 204, 204)},
    "audience:claim": {"POST": row(302, 404, 403, 204, 204, 204)},
    "audience:claim_comment": {"POST": row(302, 404, 403, 204, 204, 204)},
    "audience:release": {"POST": row(302, 404, 403, 204, 204, 204)},
    "audience:close": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:silence": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:resume": {"POST": row(302, 404, 403, 204, 204, 204)},
    # rehearsing on the sandbox: everybody reads, operators and up disturb
    "rehearsal:page": {"GET": row(302, 404, 200, 200, 200, 200)},
    "rehearsal:now": {"GET": row(302, 404, 200, 200, 200, 200)},
    "rehearsal:strip": {"GET": row(302, 404, 200, 200, 200, 200)},
    "rehearsal:debrief": {"GET": row(302, 404, 200, 200, 200, 200)},
    "rehearsal:start": {"POST": row(302, 404, 403, 204, 204, 204)},
    "rehearsal:notice": {"POST": row(302, 404, 403, 204, 204, 204)},
    "rehearsal:end": {"POST": row(302, 404, 403, 204, 204, 204)},
    "rehearsal:add_fault": {"POST": row(302, 404, 403, 204, 204, 204)},
    "rehearsal:take_back": {"POST": row(302, 404, 403, 204, 204, 204)},
    "rehearsal:speed": {"POST": row(302, 404, 403, 204, 204, 204)},
    "rehearsal:audience": {"POST": row(302, 404, 403, 204, 204, 204)},
    # what is prepared: producers and up
    "rooms:create": {
        "GET": row(302, 404, 403, 403, 200, 200),
        "POST": row(302, 404, 403, 403, 302, 302),
    },
    "rooms:edit": {
        "GET": row(302, 404, 403, 403, 200, 200),
        "POST": row(302, 404, 403, 403, 302, 302),
    },
    "rooms:create_rule_set": {
        "GET": row(302, 404, 403, 403, 200, 200),
        "POST": row(302, 404, 403, 403, 302, 302),
    },
    "rooms:rule_set": {
        "GET": row(302, 404, 200, 200, 200, 200),
        "POST": row(302, 404, 403, 403, 302, 302),
    },
    "rooms:delete_rule_set": {"POST": row(302, 404, 403, 403, 302, 302)},
    # credentials and people: admins
    "vendors:create": {
        "GET": row(302, 404, 403, 403, 403, 200),
        "POST": row(302, 404, 403, 403, 403, 302),
    },
    "vendors:detail": {
        "GET": row(302, 404, 403, 403, 403, 200),
        "POST": row(302, 404, 403, 403, 403, 302),
    },
    "vendors:test": {"POST": row(302, 404, 403, 403, 403, 204)},
    "vendors:import_rooms": {"POST": row(302, 404, 403, 403, 403, 204)},
    "accounts:add_member": {"POST": row(302, 404, 403, 403, 403, 302)},
    "accounts:change_role": {"POST": row(302, 404, 403, 403, 403, 302)},
    "accounts:remove_member": {"POST": row(302, 404, 403, 403, 403, 302)},
    # one's own: whoever is signed in
    "home": {"GET": row(302, 302, 302, 302, 302, 302)},
    "accounts:settings": {
        "GET": row(302, 200, 200, 200, 200, 200),
        "POST": row(302, 302, 302, 302, 302, 302),
    },
    "hub:regions": {"GET": row(401, 200, 200, 200, 200, 200)},
    # the doors: anybody
    "csrf": {"GET": row(200, 200, 200, 200, 200, 200)},
    "set_language": {
        "GET": row(302, 302, 302, 302, 302, 302),
        "POST": row(302, 302, 302, 302, 302, 302),
    },
    "accounts:sign_in": {
        "GET": row(200, 302, 302, 302, 302, 302),
        "POST": row(302, 302, 302, 302, 302, 302),
    },
    "accounts:sign_out": {"POST": row(302, 302, 302, 302, 302, 302)},
    # vendors and capture tools: a signature counts, a login does not; unsigned here
    "intake:job_callback": {"POST": row(401, 401, 401, 401, 401, 401)},
    "intake:account_callback": {"POST": row(401, 401, 401, 401, 401, 401)},
    "intake:audience": {"POST": row(401, 401, 401, 401, 401, 401)},
}

#: Views of Django's own that take more methods than they need, harmlessly: as if a form said nothing.
LENIENT: dict[str, dict[str, dict[str, int]]] = {
    "set_language": {method: row(302, 302, 302, 302, 302, 302) for method in ("PUT", "PATCH", "DELETE")},
    "accounts:sign_in": {
        "PUT": row(200, 302, 302, 302, 302, 302),
        "PATCH": row(405, 302, 302, 302, 302, 302),
        "DELETE": row(405, 302, 302, 302, 302, 302),
    },
}

#: Topics of team alpha's rows, as the hub answers: seen or not.
TOPICS: dict[str, dict[str, bool]] = {
    topic: {"nobody": False, "zoe": False, "vic": True, "oki": True, "pia": True, "ada": True}
    for topic in ("room", "account", "team")
}
