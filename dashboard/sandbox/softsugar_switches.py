"""The switches of the sandbox's SoftSugar account: PUT {"prepare_s": 0} and the like."""

from __future__ import annotations

from dashboard.sandbox.control import refuse_stranger
from dashboard.sandbox.http import Request, Response, json_response
from dashboard.sandbox.softsugar_world import SoftSugarWorld

SETTINGS_PATH = "/sandbox/softsugar"


class Switches:
    def __init__(self, model: SoftSugarWorld) -> None:
        self._model = model

    def answer(self, request: Request) -> Response:
        """GET tells the account's settings, PUT changes some of them."""
        if (stranger := refuse_stranger(request)) is not None:
            return stranger
        if request.method == "PUT":
            try:
                self._model.configure(request.json())
            except (ValueError, TypeError, AttributeError) as problem:
                return json_response({"error": str(problem)}, 400)
        return json_response(self._model.settings.shown())
