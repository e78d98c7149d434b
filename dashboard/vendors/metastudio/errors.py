"""MetaStudio's refusals in our words: what happened, whether anything went on air, what to do (002:13376-13870).

The sentences are data (`data/words.json`). The key is code and HTTP status: MSS.41000002 means two things (A76).
"""

from __future__ import annotations

from dashboard.vendors import words
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.port import Vendor, VendorError

#: For a vendor's text in the detail of an outcome.
clip = words.clip
#: Answered with 429, which else means "later" (002:13701): but a package that is used up does not fill up by waiting.
USED_UP = frozenset({"MSS.20010102"})
#: A job is in progress in this room, or is being closed.
ROOM_IS_TAKEN = frozenset({"MSS.20010036"})
#: The address for audience events no longer opens: wrong key, expired, too old to be renewed.
REPORT_URL_IS_OVER = frozenset({"MSS.20010039", "MSS.20010054", "MSS.20010077"})
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


def skewed(code: str, skew_ms: int, message: str) -> VendorError:
    """A signature that was refused while the two clocks are further apart than the vendor allows."""
    minutes = round(abs(skew_ms) / 60_000)
    ahead, faster = ("ahead of", "快") if skew_ms > 0 else ("behind", "慢")
    return VendorError(
        code or "http_401",
        (
            f"MetaStudio refuses the signature: its clock is {minutes} minutes {ahead} this server's.",
            f"MetaStudio 拒绝了签名：其时钟比本服务器{faster} {minutes} 分钟。",
        ),
        (
            "Set this server's clock (NTP); nothing is wrong with the keys.",
            "请校准本服务器的时钟（NTP）；密钥没有问题。",
        ),
        "nothing",
        clip(message),
    )


def of_job(code: str, message: str) -> VendorError:
    """Why a job failed; some of it may have been on air."""
    return words.error(Vendor.METASTUDIO, code or "failed", message, heard="maybe", otherwise="failed")


def blocked(reason: str) -> VendorError:
    """The content review stopped a job that may have been on air."""
    return words.error(Vendor.METASTUDIO, "blocked", reason, heard="maybe")
