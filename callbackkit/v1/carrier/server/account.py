"""The account resource: its balance, and what changed it, which is what a test puts there."""

import re
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from callbackkit.carrier.server.replies import json_reply
from callbackkit.v1.carrier.account import Transaction
from callbackkit.v1.carrier.events import iso
from callbackkit.v1.carrier.server.bodies import RequestFields
from callbackkit.v1.carrier.server.paging import paged
from callbackkit.v1.carrier.server.request import Operations, Request, query_of

_TYPES = ("charge", "payment", "credit", "auto-recharge")
_OFFSET = re.compile(r"(.*[T ].*)([+-][0-9]{2}):?([0-9]{2})")


def get_account(request: Request) -> Response:
    """The account (methods/account/getAccount)."""
    return json_reply(
        {"balance": f"{request.carrier.account.balance:.5f}", "accountType": "pre-pay"}
    )


def list_transactions(request: Request) -> Response:
    """What changed the balance (methods/account/getAccountTransactions).

    Nothing here costs anything: what calls and messages cost is in no page.
    """
    query = query_of(request, "transaction")
    since, until = _moment(query, "fromDate"), _moment(query, "toDate")
    kind = query.word("type", _TYPES)
    number = query.text("number")
    most = query.whole("maxItems")
    found = [
        one
        for one in request.carrier.account.transactions
        if (since is None or one.time > since)
        and (until is None or one.time < until)
        and kind in (None, one.type)
        and number in (None, one.number)
    ]
    return paged(request, "transaction", found[:most], _shown)


def _moment(query: RequestFields, name: str) -> datetime | None:
    """A time, in UTC where it names no zone; + is often sent as it is and comes as a blank."""
    text = query.text(name)
    if text is None:
        return None
    written = re.sub(r" ([0-9]{2}:?[0-9]{2})$", r"+\1", text.strip())
    written = _OFFSET.sub(r"\1\2:\3", written)
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise query.wrong(name, "a time as yyyy-MM-dd'T'HH:mm:ssZ") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _shown(one: Transaction) -> dict[str, Any]:
    return {
        "id": one.id,
        "time": iso(one.time),
        "amount": str(one.amount),
        "type": one.type,
        "units": one.units,
        "productType": one.product_type,
        "number": one.number,
        "resourceId": one.resource_id,
    }


OPERATIONS: Operations = {
    "/users/{user_id}/account": {"GET": get_account},
    "/users/{user_id}/account/transactions": {"GET": list_transactions},
}
