"""The account resource: its balance, and the transactions that a test puts there."""

from starlette.responses import Response

from callbackkit.carrier.server.replies import json_reply, resource
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.paging import list_reply, page_of
from callbackkit.v1.carrier.server.request import Request, Served
from callbackkit.v1.resources import account as api


def get_account(request: Request) -> Response:
    """Reply with the account (methods/account/getAccount)."""
    balance = f"{request.carrier.account.balance:.5f}"
    return json_reply(resource(api.Account, balance=balance, account_type="pre-pay"))


def list_transactions(request: Request) -> Response:
    """Reply with a page of what changed the balance (methods/account/getAccountTransactions).

    Nothing here costs anything: no page says what calls and messages cost.
    """
    given = read(request, api.TransactionFilter)
    since, until = given.get("from_date"), given.get("to_date")
    found = [
        one
        for one in request.carrier.account.transactions
        if (since is None or one.time > since)
        and (until is None or one.time < until)
        and given.get("type") in (None, one.type)
        and given.get("number") in (None, one.number)
    ]
    items, links = page_of(request, given, found[: given.get("max_items")])
    shown = (resource(api.AccountTransaction, one) for one in items)
    return list_reply(request, shown, links)


SERVED: Served = {api.GET: get_account, api.TRANSACTIONS: list_transactions}
