"""What all typed calls have in common. The calls themselves are in `generated/`, one class for each endpoint.

They are msgspec's classes: a frozen dataclass takes Python thirty times as long to make, and there are a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from dashboard.vendors.contract.catalogue import Contract
from dashboard.vendors.contract.model import Endpoint


class Request(msgspec.Struct, frozen=True):
    """One call of one endpoint. Subclasses add the values of its path, and `query` or `body` where it has them."""

    endpoint: ClassVar[str]

    def documented(self, book: Contract) -> Endpoint:
        return book.endpoint(self.endpoint)

    def path_values(self, book: Contract) -> dict[str, str]:
        """The values of the path, the project ID excepted: that is the account's."""
        names = (row.name for row in self.documented(book).path_params)
        return {name: getattr(self, name) for name in names if name != "project_id"}

    def query_values(self) -> dict[str, str]:
        """The query as text; a list is joined by commas."""
        query: Mapping[str, Any] = getattr(self, "query", {})
        return {name: _text(value) for name, value in query.items()}

    def body_values(self) -> Mapping[str, Any] | None:
        body: Mapping[str, Any] | None = getattr(self, "body", None)
        return body


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(str(one) for one in value) if isinstance(value, list) else str(value)
