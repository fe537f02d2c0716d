"""Your numbers: ordered, imported, assigned to applications, returned."""

from typing import Unpack

from callbackkit.client import Created, Pages, Resource
from callbackkit.v1.resources import phone_numbers as api


class PhoneNumbers(Resource):
    """client.phone_numbers"""

    def list(self, **query: Unpack[api.NumberFilter]) -> Pages[api.PhoneNumber]:
        """Return your numbers, or those of an application, a US state, a name or a city.

        Raises ArgumentError. (methods/phoneNumbers/getPhoneNumbers)
        """
        return self._pages(api.LIST, **query)

    async def order(self, **order: Unpack[api.NumberOrder]) -> Created[api.PhoneNumber]:
        """Order a number that client.available_numbers has found. It costs from now on.

        Raises ArgumentError; NotFoundError (number-not-found); ConflictError (duplicate-number).
        (methods/phoneNumbers/postPhoneNumbers)
        """
        return await self._create(api.ORDER, **order)

    async def import_number(self, **number: Unpack[api.NumberImport]) -> Created[api.PhoneNumber]:
        """Bring a number over from the Bandwidth dashboard. Raises ArgumentError.
        (methods/phoneNumbers/postImportPhoneNumber)
        """
        return await self._create(api.IMPORT, **number)

    async def get(self, number_id: str) -> api.PhoneNumber:
        """Return a number of yours, by its id or by itself in E.164. Raises NotFoundError.
        (methods/phoneNumbers/getPhoneNumbersNumberId)
        """
        return await self._fetch(api.GET, number_id)

    async def update(self, number_id: str, **change: Unpack[api.NumberChange]) -> None:
        """Change what is passed; all else stays. `number_id` is its id, or the number in E.164.

        Raises ArgumentError, NotFoundError. (methods/phoneNumbers/postPhoneNumbersNumberId)
        """
        await self._send(api.UPDATE, number_id, **change)

    async def delete(self, number_id: str) -> None:
        """Give a number back for good, by its id or by itself in E.164. Raises NotFoundError.
        (methods/phoneNumbers/deletePhoneNumbersNumberId)
        """
        await self._send(api.DELETE, number_id)
