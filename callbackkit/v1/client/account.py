"""The account: its balance, and the transactions that changed it."""

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
        """Return the transactions that changed the balance. Raises ArgumentError.
        (methods/account/getAccountTransactions)
        """
        return self._pages(account.TRANSACTIONS, **chosen)
