"""The account itself: what is left on it, and what used it up."""

from typing import Unpack

from callbackkit.client import Pages, Resource
from callbackkit.v1.resources import account
from callbackkit.v1.resources.account import Account, AccountTransaction, TransactionFilter


class Accounts(Resource):
    """client.account"""

    async def get(self) -> Account:
        """Return the account: its balance and type. (methods/account/getAccount)"""
        return await self._fetch(account.GET)

    def transactions(self, **chosen: Unpack[TransactionFilter]) -> Pages[AccountTransaction]:
        """Return what changed the balance. Raises ArgumentError.
        (methods/account/getAccountTransactions)
        """
        return self._pages(account.TRANSACTIONS, **chosen)
