"""SoftSugar's refusals in our words: what happened, whether anything went on air, what to do.

The document has no table of error codes. It has 22 status numbers (004:57, 193, 397, 894, 976, 1133) and the codes of
the socket (004:275-362); an HTTP refusal is an envelope whose `code` is not 0 (004:52) with the vendor's own message,
which goes along as the detail. The sentences are data (`data/words.json`).
"""

from __future__ import annotations

from dashboard.vendors import words
from dashboard.vendors.port import Vendor, VendorError

#: In an envelope too these say that the account's token is refused (B35); 404 there may mean a session as well.
OF_LOGIN = frozenset({401, 403})


def ours(code: str, detail: str = "") -> VendorError:
    """A refusal of our own, before anything was sent."""
    return words.error(Vendor.SOFTSUGAR, code, detail, heard="nothing")


def of_status(status: int, detail: str = "", *, heard: words.Heard | None = "nothing") -> VendorError:
    """A status number of a session, command or takeover; with `heard` None the table says what viewers heard."""
    return words.error(Vendor.SOFTSUGAR, str(status), detail, heard=heard, otherwise="status")


def of_socket(code: int, detail: str = "") -> VendorError:
    """A code of the takeover channel (004:275-362)."""
    return words.error(Vendor.SOFTSUGAR, f"socket_{code}", detail, otherwise="status")


def of_envelope(code: int, message: str) -> VendorError:
    """An HTTP refusal; its number means nothing to us unless it is of a login: the vendor's message is all there is."""
    otherwise = f"http_{code}" if code in OF_LOGIN else "envelope"
    return words.error(Vendor.SOFTSUGAR, f"envelope_{code}", message, heard="nothing", otherwise=otherwise)


def of_http(status: int, detail: str = "") -> VendorError:
    """A refusal without an envelope."""
    return words.error(Vendor.SOFTSUGAR, f"http_{status}", detail, heard="nothing", otherwise="http")
