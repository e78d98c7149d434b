"""The reviewed list: how dangerous each POST is (docs/danger.md). test_access.py walks it and compares.

Change it only on purpose: a line here decides how many presses something takes. Where what is sent decides, all its
levels are named, in the order of the view's deeds.
"""

from __future__ import annotations

from dashboard.accounts.danger import Level

D0, D1, D2, D3, PANIC = Level.D0, Level.D1, Level.D2, Level.D3, Level.PANIC

LEVELS: dict[str, tuple[Level, ...]] = {
    # speaking and the air
    "takeover:create": (D1, D2, D2),  # D2 with the mode *now*, which cuts what is heard, and into a silent room
    "takeover:cancel": (D1, D2),  # D2 while it is being heard
    "takeover:again": (D2, D2),
    "takeover:approve": (D1,),
    "takeover:return": (D1,),
    "takeover:second_person": (D1,),
    "takeover:words": (D0,),
    "takeover:undo": (D0,),
    "takeover:send_now": (D1,),
    "takeover:mark_spoken": (D1,),
    "takeover:check": (D0,),
    "takeover:cancel_several": (D2,),
    "takeover:cancel_waiting": (D2,),
    "takeover:move": (D1,),
    "takeover:read_ssml": (D0,),
    "takeover:silence": (PANIC,),
    "takeover:silence_all": (PANIC,),
    "takeover:resume_all": (D1,),
    "takeover:resume": (D1,),
    "takeover:arm": (D0,),
    "takeover:take_floor": (D1, D2),  # D2 from a colleague, who is cut off
    "takeover:ask_floor": (D0,),
    "takeover:hand_floor_over": (D1,),
    "takeover:release_floor": (D1,),
    "jobs:start": (D2,),
    "jobs:stop": (D3,),
    "jobs:adopt": (D2,),
    "jobs:close_session": (D3,),
    "takeover:close_job": (D2,),
    "takeover:change_scene": (D1, D2, D2),  # D2 with words that go out *now*, and into a silent room
    "takeover:keep_scene": (D1,),
    "takeover:rename_scene": (D1,),
    "takeover:delete_scene": (D2,),
    "takeover:script_difference": (D0,),
    "takeover:rules_difference": (D0,),
    "takeover:put_rules_on_air": (D2,),
    "takeover:show_layer": (D1,),
    "takeover:preload": (D1,),
    "takeover:change_output": (D3,),
    "takeover:compare": (D0,),
    "takeover:push_field": (D2,),
    "takeover:adopt_field": (D1,),
    "takeover:pause_script": (D2,),
    "takeover:resume_script": (D1,),
    "takeover:rewrite_script": (D2,),
    # rehearsing: nobody hears it
    "rehearsal:start": (D1,),
    "rehearsal:notice": (D0,),
    "rehearsal:end": (D1,),
    "rehearsal:add_fault": (D1,),
    "rehearsal:take_back": (D1,),
    "rehearsal:speed": (D1,),
    "rehearsal:audience": (D1,),
    # finding the words; a quick reply is like words at the end
    "takeover:quick": (D1, D2),  # D2 into a silent room
    "takeover:lint": (D0,),
    "rooms:on_sale": (D1,),
    "library:create": (D1,),
    "library:edit": (D1,),
    "library:delete": (D2,),
    # what is prepared: a form with its own button
    "rooms:create": (D1,),
    "rooms:edit": (D1,),
    "rooms:create_rule_set": (D1,),
    "rooms:rule_set": (D1,),
    "rooms:draft_rule_set": (D0,),
    "rooms:delete_rule_set": (D3,),
    "library:add_clip": (D1,),
    "library:remove_clip": (D2,),
    "vendors:create": (D1,),
    "vendors:detail": (D1,),
    "vendors:test": (D0,),
    "vendors:import_rooms": (D1,),
    # people
    "accounts:undo_window": (D1,),
    "accounts:retention": (D1,),
    "accounts:add_member": (D1,),
    "accounts:change_role": (D1, D2),  # D2 for one's own
    "accounts:remove_member": (D2,),
    "accounts:settings": (D0,),
    "accounts:sign_in": (D0,),
    "accounts:sign_out": (D0,),
    "set_language": (D0,),
    # signed reports of others: no press at all
    "intake:job_callback": (D0,),
    "intake:account_callback": (D0,),
    "intake:audience": (D0,),
    "audience:claim": (D0, D2),  # D2 where a colleague has claimed it
    "audience:claim_comment": (D0, D2),
    "audience:release": (D0,),
    "audience:close": (D0,),
}
