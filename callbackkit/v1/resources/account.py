"""The account: its balance, and the transactions that changed it."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from callbackkit.models import Model, Time
from callbackkit.rest import ANY_CASE, Operation, moment, whole
from callbackkit.v1.resources.values import Paging


class Account(Model, frozen=True):
    """Your account (methods/account/getAccount)."""

    balance: Decimal | None = None
    """Dollars."""
    account_type: str | None = None
    """pre-pay or post-pay."""


class AccountTransaction(Model, frozen=True):
    """Something that changed the balance (methods/account/getAccountTransactions)."""

    id: str
    time: Time = None
    amount: Decimal | None = None
    """Dollars."""
    type: str | None = None
    """charge, payment, credit or auto-recharge."""
    units: int | None = None
    """The number of units of the product."""
    product_type: str | None = None
    """local-number-per-month, toll-free-number-per-month, sms-in, sms-out, mms-in, mms-out,
    call-in, call-out, sip-call-in, sip-call-out, transcription or cnam-search."""
    number: str | None = None
    """The number that it was for, E.164."""
    resource_id: str | None = None
    """The message or call that it was for; in samples only."""


_OFFSET = re.compile(r"(.*[T ].*)([+-][0-9]{2}):?([0-9]{2})")


def _read_moment(text: str) -> datetime:
    """Read a time, in UTC where it names no zone; + is often sent as it is and comes as a blank."""
    written = re.sub(r" ([0-9]{2}:?[0-9]{2})$", r"+\1", text.strip())
    found = datetime.fromisoformat(_OFFSET.sub(r"\1\2:\3", written))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_Moment: TypeAlias = Annotated[
    datetime,
    # Z stands outside the quotes of the documented form yyyy-MM-dd'T'HH:mm:ssZ: an offset, no
    # letter.
    moment(lambda utc: utc.strftime("%Y-%m-%dT%H:%M:%S%z"), _read_moment),
]


class TransactionFilter(Paging, total=False):
    """A choice of transactions (methods/account/getAccountTransactions)."""

    max_items: Annotated[int, whole(1, None)] | None
    """The number of transactions in the whole list."""
    from_date: _Moment | None
    """Only those after this moment, which has a time zone."""
    to_date: _Moment | None
    """Only those before this moment, which has a time zone."""
    type: Annotated[Literal["charge", "payment", "credit", "auto-recharge"], ANY_CASE] | None
    number: str | None
    """E.164."""


GET = Operation("account.get", "GET", "/users/{user_id}/account", returns=Account)
TRANSACTIONS = Operation(
    "account.transactions",
    "GET",
    "/users/{user_id}/account/transactions",
    TransactionFilter,
    AccountTransaction,
    paging="page",
)
