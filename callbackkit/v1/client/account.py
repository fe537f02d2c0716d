"""The account: its balance, and the transactions that changed it."""

from typing import Unpack

from callbackkit.client import Pages, Resource
from callbackkit.v1.resources import account as api


class Accounts(Resource):
    """client.account"""

    async def get(self) -> api.Account:
        """Return the account: its balance and type. (methods/account/getAccount)"""
        return await self._fetch(api.GET)

    def transactions(self, **query: Unpack[api.TransactionFilter]) -> Pages[api.AccountTransaction]:
        """Return the transactions that changed the balance. Raises ArgumentError.
        (methods/account/getAccountTransactions)
        """
        return self._pages(api.TRANSACTIONS, **query)
