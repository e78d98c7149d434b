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
    "console:root": {"GET": row(302, 404, 302, 302, 302, 302)},
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
    "console:silences": {"GET": row(302, 404, 200, 200, 200, 200)},
    # how the installation does: admins alone. The probes' addresses stand before Django: tests/apps/seeing/test_door.py
    "seeing:status": {"GET": row(302, 404, 403, 403, 403, 200)},
    "seeing:now": {"GET": row(302, 404, 403, 403, 403, 200)},
    "accounts:team": {"GET": row(302, 404, 200, 200, 200, 200)},
    "rooms:rule_sets": {"GET": row(302, 404, 200, 200, 200, 200)},
    # what the rules' page does without saving: whoever reads it may try them
    "rooms:draft_rule_set": {"POST": row(302, 404, 200, 200, 200, 200)},
    # clips: everybody listens, producers and up add; a vendor's address is signed, and this one is not
    "library:clips": {"GET": row(302, 404, 200, 200, 200, 200)},
    "library:choice": {"GET": row(302, 404, 200, 200, 200, 200)},
    "library:add_clip": {"POST": row(302, 404, 403, 403, 302, 302)},
    "library:listen": {"GET": row(302, 404, 200, 200, 200, 200)},
    "library:remove_clip": {"POST": row(302, 404, 403, 403, 302, 302)},
    "library:fetch_clip": {"GET": row(404, 404, 404, 404, 404, 404)},
    # marked-up words as they are typed: nothing is written
    "takeover:read_ssml": {"POST": row(302, 404, 200, 200, 200, 200)},
    # speaking and the air: operators and up
    "jobs:start": {"POST": row(302, 404, 403, 204, 204, 204)},
    "jobs:stop": {"POST": row(302, 404, 403, 204, 204, 204)},
    "jobs:adopt": {"POST": row(302, 404, 403, 204, 204, 204)},  # into a room that is there; a new one takes a producer
    "jobs:close_session": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:close_job": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:create": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:move": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:cancel_several": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:cancel_waiting": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:cancel": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:approve": {"POST": row(302, 404, 403, 403, 204, 204)},  # Oki said it himself
    "takeover:return": {"POST": row(302, 404, 403, 403, 204, 204)},
    "takeover:second_person": {
        "GET": row(302, 404, 200, 200, 200, 200),
        "POST": row(302, 404, 403, 403, 403, 302),
    },
    "takeover:words": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:undo": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:send_now": {"POST": row(302, 404, 403, 204, 409, 409)},  # its author alone
    "takeover:mark_spoken": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:check": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:again": {"POST": row(302, 404, 403, 204, 204, 204)},
    "audience:claim": {"POST": row(302, 404, 403, 204, 204, 204)},
    "audience:claim_comment": {"POST": row(302, 404, 403, 204, 204, 204)},
    "audience:release": {"POST": row(302, 404, 403, 204, 204, 204)},
    "audience:close": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:silence": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:silence_all": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:resume_all": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:resume": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:quick": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:lint": {"POST": row(302, 404, 403, 200, 200, 200)},
    "rooms:on_sale": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:quick_row": {"GET": row(302, 404, 200, 200, 200, 200)},
    "takeover:arm": {"POST": row(302, 404, 403, 200, 200, 200)},
    "takeover:take_floor": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:ask_floor": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:hand_floor_over": {"POST": row(302, 404, 403, 204, 409, 409)},
    "takeover:release_floor": {"POST": row(302, 404, 403, 204, 409, 409)},
    "takeover:pause_script": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:resume_script": {"POST": row(302, 404, 403, 204, 204, 204)},
    "console:scene": {"GET": row(302, 404, 200, 200, 200, 200)},
    "console:steer": {"GET": row(302, 404, 200, 200, 200, 200)},
    "takeover:show_layer": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:preload": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:compare": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:change_scene": {"POST": row(302, 404, 403, 204, 204, 204)},
    "takeover:keep_scene": {"POST": row(302, 404, 403, 403, 200, 200)},
    "takeover:rename_scene": {"POST": row(302, 404, 403, 403, 200, 200)},
    "takeover:delete_scene": {"POST": row(302, 404, 403, 403, 200, 200)},
    # rewriting what is being spoken: producers and up
    "console:script": {"GET": row(302, 404, 403, 403, 200, 200)},
    "takeover:script_difference": {"POST": row(302, 404, 403, 403, 200, 200)},
    "takeover:rules_difference": {"POST": row(302, 404, 403, 403, 200, 200)},
    "takeover:put_rules_on_air": {"POST": row(302, 404, 403, 403, 204, 204)},
    "takeover:change_output": {"POST": row(302, 404, 403, 403, 204, 204)},
    "takeover:push_field": {"POST": row(302, 404, 403, 403, 204, 204)},
    "takeover:adopt_field": {"POST": row(302, 404, 403, 403, 204, 204)},
    "takeover:rewrite_script": {"POST": row(302, 404, 403, 403, 204, 204)},
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
    # the library: everybody reads, producers and up write
    "library:shelf": {"GET": row(302, 404, 200, 200, 200, 200)},
    "library:create": {
        "GET": row(302, 404, 403, 403, 200, 200),
        "POST": row(302, 404, 403, 403, 302, 302),
    },
    "library:edit": {
        "GET": row(302, 404, 403, 403, 200, 200),
        "POST": row(302, 404, 403, 403, 302, 302),
    },
    "library:delete": {"POST": row(302, 404, 403, 403, 302, 302)},
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
    "accounts:undo_window": {"POST": row(302, 404, 403, 403, 403, 302)},
    "accounts:retention": {"POST": row(302, 404, 403, 403, 403, 302)},
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
