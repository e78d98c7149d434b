"""Vendor accounts: keep connections valid, know limits and capabilities."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.console import accounts, markup
from dashboard.console.views.shared import page
from dashboard.events.selectors import sequences
from dashboard.vendors.selectors import accounts_of


@require_GET
@needs(Action.SEE_ACCOUNTS)
def vendor_accounts(request: TeamRequest) -> HttpResponseBase:
    # The numbers before the rows: a card is never older than its number says.
    numbers = sequences(f"account:{pk}" for pk in accounts_of(request.team).values_list("pk", flat=True))
    cards = [
        accounts.card(account, request.team.slug, numbers.get(account.topic, 0))
        for account in accounts_of(request.team)
    ]
    return page(
        request,
        "vendors/list.html",
        name="vendors",
        topics=numbers,
        context={"cards": [markup.account_html(card) for card in cards]},
    )
