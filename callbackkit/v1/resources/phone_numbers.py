"""Your numbers: ordered, imported, assigned to applications, returned."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Required

from pydantic import model_validator
from typing_extensions import TypedDict

from callbackkit.models import Model, Time
from callbackkit.rest import ANY_CASE, Name, Operation, at
from callbackkit.v1.resources.values import E164, Paging, last_segment


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
    """The number that rings when no callback can be delivered."""
    price: Decimal | None = None
    """Dollars a month."""
    created_time: Time = None
    number_state: str | None = None
    """enabled or released."""

    @model_validator(mode="before")
    @classmethod
    def _with_application_id(cls, data: Any) -> Any:
        """Take the application's id from its URL, which is all that some samples have."""
        if isinstance(data, dict) and isinstance(url := data.get("application"), str):
            return {"applicationId": last_segment(url), **data}
        return data


class NumberFilter(Paging, total=False):
    """A choice of your numbers (methods/phoneNumbers/getPhoneNumbers)."""

    application_id: str | None
    state: str | None
    """The US state."""
    name: str | None
    city: str | None
    number_state: Annotated[Literal["enabled", "released"], ANY_CASE] | None


class NumberSettings(TypedDict, total=False):
    """Settings of a number."""

    name: str | None
    application_id: str | None
    """The application that answers it; in a change "" for none."""


class NumberOrder(NumberSettings, total=False):
    """A number that client.available_numbers has found (methods/phoneNumbers/postPhoneNumbers)."""

    number: Required[E164]
    fallback_number: E164 | None
    """The number that rings when neither callback URL nor fallback URL can be reached."""


class NumberImport(NumberSettings):
    """A number of the Bandwidth dashboard, and how to log in there
    (methods/phoneNumbers/postImportPhoneNumber)."""

    number: E164
    account_id: Annotated[Name, at("provider.properties.accountId")]
    user_name: Annotated[Name, at("provider.properties.userName")]
    password: Annotated[Name, at("provider.properties.password")]


class NumberChange(NumberSettings, total=False):
    """Changes of a number (methods/phoneNumbers/postPhoneNumbersNumberId)."""

    fallback_number: str | None
    """The number that rings when neither callback URL nor fallback URL can be reached."""


_ALL = "/users/{user_id}/phoneNumbers"
_ONE = "/users/{user_id}/phoneNumbers/{number_id}"

LIST = Operation("phone_numbers.list", "GET", _ALL, NumberFilter, PhoneNumber, paging="page")
GET = Operation("phone_numbers.get", "GET", _ONE, returns=PhoneNumber)
ORDER = Operation("phone_numbers.order", "POST", _ALL, NumberOrder, created=GET)
IMPORT = Operation(
    "phone_numbers.import_number",
    "POST",
    _ALL,
    NumberImport,
    created=GET,
    sends={"provider.providerName": "bandwidth-dashboard"},
)
UPDATE = Operation("phone_numbers.update", "POST", _ONE, NumberChange, repeatable=True)
DELETE = Operation("phone_numbers.delete", "DELETE", _ONE)
