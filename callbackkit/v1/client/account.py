"""The account itself: what is left on it, and what used it up."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from callbackkit.client import Pages
from callbackkit.models import Model, Time
from callbackkit.v1.client.arguments import Page, Size, moment, whole
from callbackkit.v1.client.resource import Resource

# Z stands outside the quotes of the documented form yyyy-MM-dd'T'HH:mm:ssZ: an offset, no letter.
_Moment = Annotated[datetime, moment(lambda utc: utc.strftime("%Y-%m-%dT%H:%M:%S%z"))]


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
    """How many of the product."""
    product_type: str | None = None
    """local-number-per-month, toll-free-number-per-month, sms-in, sms-out, mms-in, mms-out,
    call-in, call-out, sip-call-in, sip-call-out, transcription or cnam-search."""
    number: str | None = None
    """The number that it was for, E.164."""
    resource_id: str | None = None
    """The message or call that it was for; in samples only."""


class Accounts(Resource):
    """client.account"""

    name: ClassVar[str] = "account"

    async def get(self) -> Account:
        """The account: its balance and type. (methods/account/getAccount)"""
        return await self._get(Accounts.get, locals(), "account", Account)

    def transactions(
        self,
        *,
        max_items: Annotated[int, whole(1, None)] | None = None,
        from_date: _Moment | None = None,
        to_date: _Moment | None = None,
        type: Literal["charge", "payment", "credit", "auto-recharge"] | None = None,  # noqa: A002
        number: str | None = None,
        page: Page | None = None,
        size: Size | None = None,
    ) -> Pages[AccountTransaction]:
        """What changed the balance.

        `max_items` limits them all; `from_date` and `to_date` have a time zone and are the moments
        it happened after and before; `number` is E.164. `page` counts from 0; `size` is 1 to 1000
        items a request, by default 25. Raises ArgumentError.
        (methods/account/getAccountTransactions)
        """
        return self._pages(
            Accounts.transactions, locals(), "account/transactions", AccountTransaction
        )
