"""The telephone numbers of the account, and the applications that answer them."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import model_validator

from callbackkit.client import Pages
from callbackkit.models import Model, Time
from callbackkit.v1.client.arguments import E164, Name, Page, Size, Wire
from callbackkit.v1.client.resource import Created, Resource, last_segment


class PhoneNumber(Model, frozen=True):
    """A number of yours (methods/phoneNumbers/phoneNumbers)."""

    id: str
    """n-..."""
    number: str | None = None
    """E.164."""
    national_number: str | None = None
    name: str | None = None
    city: str | None = None
    state: str | None = None
    """The US state."""
    application: str | None = None
    """The URL of its application."""
    application_id: str | None = None
    fallback_number: str | None = None
    """What rings when no callback can be delivered."""
    price: Decimal | None = None
    """Dollars a month."""
    created_time: Time = None
    number_state: str | None = None
    """enabled or released."""

    @model_validator(mode="before")
    @classmethod
    def _with_application_id(cls, data: Any) -> Any:
        """Some samples have only the URL of the application, which ends with its id."""
        if isinstance(data, dict) and isinstance(url := data.get("application"), str):
            return {"applicationId": last_segment(url), **data}
        return data


class PhoneNumbers(Resource):
    """client.phone_numbers"""

    name: ClassVar[str] = "phone_numbers"

    def list(
        self,
        *,
        application_id: str | None = None,
        state: str | None = None,
        name: str | None = None,
        city: str | None = None,
        number_state: Literal["enabled", "released"] | None = None,
        page: Page | None = None,
        size: Size | None = None,
    ) -> Pages[PhoneNumber]:
        """Your numbers, or those of an application, a US state, a name or a city.

        `page` counts from 0; `size` is 1 to 1000 items a request, by default 25.
        Raises ArgumentError. (methods/phoneNumbers/getPhoneNumbers)
        """
        return self._pages(PhoneNumbers.list, locals(), "phoneNumbers", PhoneNumber)

    async def order(
        self,
        *,
        number: E164,
        name: str | None = None,
        application_id: str | None = None,
        fallback_number: E164 | None = None,
    ) -> Created[PhoneNumber]:
        """Order a number that client.available_numbers has found. It costs from now on.

        `application_id`: what answers it. `fallback_number`: what rings when neither the callback
        URL nor the fallback URL can be reached. Raises ArgumentError; NotFoundError
        (number-not-found); ConflictError (duplicate-number).
        (methods/phoneNumbers/postPhoneNumbers)
        """
        return await self._create(PhoneNumbers.order, locals(), "phoneNumbers", self.get)

    async def import_number(
        self,
        *,
        number: E164,
        account_id: Annotated[Name, Wire("provider.properties.accountId")],
        user_name: Annotated[Name, Wire("provider.properties.userName")],
        password: Annotated[Name, Wire("provider.properties.password")],
        name: str | None = None,
        application_id: str | None = None,
    ) -> Created[PhoneNumber]:
        """Bring a number over from the Bandwidth dashboard.

        `account_id`, `user_name` and `password` are those of the dashboard. Raises ArgumentError.
        (methods/phoneNumbers/postImportPhoneNumber)
        """
        return await self._create(
            PhoneNumbers.import_number,
            locals(),
            "phoneNumbers",
            self.get,
            {"provider.providerName": "bandwidth-dashboard"},
        )

    async def get(self, number_id: str) -> PhoneNumber:
        """A number of yours, by its id or by itself in E.164. Raises NotFoundError.
        (methods/phoneNumbers/getPhoneNumbersNumberId)
        """
        return await self._get(PhoneNumbers.get, locals(), "phoneNumbers/{number_id}", PhoneNumber)

    async def update(
        self,
        number_id: str,
        *,
        application_id: str | None = None,
        name: str | None = None,
        fallback_number: str | None = None,
    ) -> None:
        """Change what is given; all else stays.

        `number_id`: its id, or the number in E.164. `application_id`: what answers it, "" for
        nothing. Raises ArgumentError, NotFoundError.
        (methods/phoneNumbers/postPhoneNumbersNumberId)
        """
        await self._set(PhoneNumbers.update, locals(), "phoneNumbers/{number_id}")

    async def delete(self, number_id: str) -> None:
        """Give a number back for good, by its id or by itself in E.164. Raises NotFoundError.
        (methods/phoneNumbers/deletePhoneNumbersNumberId)
        """
        await self._delete(PhoneNumbers.delete, locals(), "phoneNumbers/{number_id}")
