"""The account resource: its balance, and the transactions that a test puts there."""

from typing import Any

from callbackkit.carrier.server.replies import resource
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.paging import matches, paged
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.resources import account as api


@serves(api.GET)
def get_account(request: Request) -> dict[str, Any]:
    """Reply with the account (methods/account/getAccount)."""
    balance = f"{request.carrier.account.balance:.5f}"
    return resource(api.Account, balance=balance, account_type="pre-pay")


@serves(api.TRANSACTIONS)
def list_transactions(request: Request) -> Reply:
    """Reply with a page of what changed the balance (methods/account/getAccountTransactions).

    Nothing here costs anything: no page says what calls and messages cost.
    """
    args = read(request, api.TransactionFilter)
    since, until = args.get("from_date"), args.get("to_date")
    found = [
        one
        for one in request.carrier.account.transactions
        if (since is None or one.time > since)
        and (until is None or one.time < until)
        and matches(one, args, "type", "number")
    ]
    found = found[: args.get("max_items")]
    return paged(request, found, lambda one: resource(api.AccountTransaction, one))
