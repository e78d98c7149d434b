"""The file behind a job's interaction_records_url (002:9175): who asked what, and what the rules answered.

What the file looks like is printed nowhere; here it is a JSON array, and its address opens it for a day.
"""

from __future__ import annotations

from dashboard.sandbox.http import Request, Response, json_response
from dashboard.sandbox.metastudio_keys import LOG_PATH, Keys
from dashboard.sandbox.metastudio_wire import NOT_FOUND, UNAUTHORIZED, Refused, refusal
from dashboard.sandbox.metastudio_world import MetaStudioWorld


def answer_log(model: MetaStudioWorld, keys: Keys, request: Request) -> Response:
    job_id = request.path.removeprefix(LOG_PATH)
    if not keys.may_read_log(job_id, request.value("expires"), request.value("key")):
        return refusal(Refused(UNAUTHORIZED))
    job = model.jobs.get(job_id)
    if job is None or request.method != "GET":
        return refusal(Refused(NOT_FOUND))
    return json_response(job.records)
