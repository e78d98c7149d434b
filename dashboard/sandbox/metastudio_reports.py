"""Reported audience events (002:9980-10155): counted, and answered by the room's own rules."""

from __future__ import annotations

from dashboard.sandbox.http import Response, json_response
from dashboard.sandbox.metastudio_jobs import Jobs
from dashboard.sandbox.metastudio_keys import Keys
from dashboard.sandbox.metastudio_rules import FOLLOW, VIEWERS, facts_of, number_of
from dashboard.sandbox.metastudio_wire import INVALID, JOB_IS_OVER, Call, Refused, empty
from dashboard.sandbox.metastudio_world import MetaStudioWorld


class Reports:
    def __init__(self, model: MetaStudioWorld, jobs: Jobs, keys: Keys) -> None:
        self._model, self._jobs, self._keys = model, jobs, keys

    def report(self, call: Call) -> Response:
        job = self._jobs.find(call)
        if not job.is_open:
            raise Refused(JOB_IS_OVER)
        events = call.body.get("events") or []
        if call.body["total"] != len(events):
            raise Refused(INVALID, detail="/total is not the number of events")  # A35
        for event in events:
            kind, content = event.get("type"), event.get("content")
            if kind == VIEWERS:
                number = number_of(facts_of(content).get("numberOfViewers"))
                job.viewers = job.viewers if number is None else int(number)
            elif kind is not None and kind != FOLLOW:
                self._model.reply(job, kind, content, call.at)
        self._model.world.touch()
        if (call.query.get("refresh_url") or "").lower() == "true":
            return json_response({"live_event_report_url": self._keys.report_url(job)})
        return empty()
