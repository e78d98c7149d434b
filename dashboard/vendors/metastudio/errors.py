"""MetaStudio's refusals in our words: what happened, whether anything went on air, what to do (002:13376-13870).

The sentences are data (`data/words.json`). The key is code and HTTP status: MSS.41000002 means two things (A76).
"""

from __future__ import annotations

from dashboard.vendors import words
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.port import Vendor, VendorError
from dashboard.vendors.words import clip

__all__ = ["NO_ERROR", "SAYS_NOTHING", "blocked", "clip", "is_documented", "of_answer", "of_job", "ours"]

#: Printed only in examples (A74), and no more than "something broke here": the call may have had its effect.
SAYS_NOTHING = frozenset({"MSS.00000004", "MSS.000000002"})
#: The one code of the table that is no error (002:13625).
NO_ERROR = frozenset({"MSS.47000000"})


def is_documented(code: str, status: int) -> bool:
    """Whether this refusal stands in the table, or is one of the plain refusals of the examples (A74)."""
    if code in ("MSS.00000001", "MSS.00000002", "MSS.00000003"):
        return True
    return code not in SAYS_NOTHING and contract("metastudio").error(code, status) is not None


def ours(code: str, detail: str = "") -> VendorError:
    """A refusal of our own, before anything was sent."""
    return words.error(Vendor.METASTUDIO, code, detail, heard="nothing")


def of_answer(code: str, status: int, message: str) -> VendorError:
    """A refusal in an answer: what was asked did not happen, so nobody heard it."""
    named = code or f"http_{status}"
    return words.error(Vendor.METASTUDIO, named, message, status=status, heard="nothing", otherwise="other")


def of_job(code: str, message: str) -> VendorError:
    """Why a job failed; some of it may have been on air."""
    return words.error(Vendor.METASTUDIO, code or "failed", message, heard="maybe", otherwise="failed")


def blocked(reason: str) -> VendorError:
    """The content review stopped a job that may have been on air."""
    return words.error(Vendor.METASTUDIO, "blocked", reason, heard="maybe")
