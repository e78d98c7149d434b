"""An error has three parts: what happened, what it means for the air and what to do, and a code for support."""

from __future__ import annotations


class Refusal(Exception):
    """Something a person asked for is not done. The text is shown as it is, so it is a translated sentence.

    `field` names the form field it belongs to; "" means the whole request. `code` is the vendor's or our own.
    """

    status = 409

    def __init__(self, message: str, *, field: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code


class Forbidden(Refusal):
    status = 403
    #: Whether the audit trail has it: views may lie inside each other.
    is_on_trail = False


class NotThere(Refusal):
    status = 404


class Conflict(Refusal):
    """Somebody or something was first."""

    status = 409


class Invalid(Refusal):
    status = 422


class Unconfirmed(Refusal):
    """The first press of two. `consequence` is what the button says until the second."""

    status = 428

    def __init__(self, message: str, consequence: str) -> None:
        super().__init__(message, code="confirm")
        self.consequence = consequence
