"""The switches of the sandbox's MetaStudio account (PUT {"command_channel": false} and the like), and its job logs."""

from __future__ import annotations

from typing import Any

from dashboard.sandbox.control import refuse_stranger
from dashboard.sandbox.http import Request, Response, json_response
from dashboard.sandbox.metastudio_keys import LOG_PATH, Keys
from dashboard.sandbox.metastudio_logs import answer_log
from dashboard.sandbox.metastudio_world import DEFAULTS, MetaStudioWorld

SETTINGS_PATH = "/sandbox/metastudio"


class Switches:
    def __init__(self, model: MetaStudioWorld, keys: Keys) -> None:
        self._model, self._keys = model, keys

    @staticmethod
    def has(path: str) -> bool:
        return path == SETTINGS_PATH or path.startswith(LOG_PATH)

    def answer(self, request: Request) -> Response:
        if request.path.startswith(LOG_PATH):
            return answer_log(self._model, self._keys, request)
        if (stranger := refuse_stranger(request)) is not None:
            return stranger
        if request.method == "PUT":
            try:
                self.configure(request.json())
            except (ValueError, TypeError) as problem:
                return json_response({"error": str(problem)}, 400)
        return json_response(self._model.config)

    def configure(self, settings: dict[str, Any]) -> None:
        """The names of DEFAULTS; lose_output (a job's id) acts at once. Raises ValueError on anything else."""
        settings = dict(settings)
        lost = settings.pop("lose_output", None)
        for name, value in settings.items():
            if name not in DEFAULTS or type(value) is not type(DEFAULTS[name]):
                raise ValueError(f"not a switch of MetaStudio, or of another type: {name}")
        if lost is not None:
            self._lose_output(str(lost))
        audio = {**self._model.config["audio"], **settings.get("audio", {})}
        self._model.config.update(settings)
        self._model.config["audio"] = audio
        self._model.world.touch()

    def _lose_output(self, job_id: str) -> None:
        """The streaming platform cuts the pushed streams of a job; they come back by themselves."""
        job, now = self._model.jobs.get(job_id), self._model.world.clock.now()
        if job is None:
            raise ValueError(f"no such job: {job_id}")
        job.lose_output(now)
        self._model.settle(job, job.advance(now))
