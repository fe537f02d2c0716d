"""One request to the API as its operations see it: no HTTP beyond this and the replies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from starlette.responses import Response

from callbackkit.bxml.text import masked
from callbackkit.v1.carrier.server.bodies import RequestFields, read_json

if TYPE_CHECKING:
    from callbackkit.v1.carrier.account import Account
    from callbackkit.v1.carrier.carrier import Carrier
    from callbackkit.v1.carrier.server.limits import Limits


@dataclass(eq=False, slots=True)
class Request:
    """A request.

    `path` is what follows the base URL, decoded. `parameters` are the variable parts of it,
    `values` those of the query. `remote` is the address that it comes from.
    """

    carrier: "Carrier"
    limits: "Limits"
    method: str
    path: str
    parameters: Mapping[str, str]
    values: Mapping[str, str]
    headers: Mapping[str, str]
    remote: str
    content: bytes = field(default=b"", repr=False)

    @property
    def account(self) -> "Account":
        return self.carrier.account

    @property
    def below_user(self) -> str:
        """The path below the user's, or the whole one where there is no user in it."""
        user = f"/users/{self.account.user_id}"
        return self.path.removeprefix(user) if self.path.startswith(f"{user}/") else self.path

    @property
    def place(self) -> str:
        """The same as journals and messages may show it."""
        return masked(self.below_user)[:200]

    @property
    def subject(self) -> str:
        """The id of the call or message that the path names, "" if it names none."""
        call, message = self.parameters.get("call_id"), self.parameters.get("message_id")
        if call in self.carrier.calls or message in self.carrier.messages:
            return call or message or ""
        return ""

    @property
    def details(self) -> dict[str, str]:
        """What every refusal tells of the request it refuses (rateLimits/resourceRateLimits)."""
        return {
            "requestMethod": self.method,
            "remoteAddress": self.remote,
            "requestPath": masked(self.path).lstrip("/")[:200],
        }

    @property
    def url(self) -> str:
        """Its absolute URL, without the query."""
        return f"{self.carrier.base_url}{quote(self.path, safe='/')}"

    def json(self) -> Any:
        """The body. Raises RestRejection."""
        return read_json(self.content, self.headers.get("content-type"))

    def body(self, resource: str) -> RequestFields:
        """The body, which has to be a JSON object. Raises RestRejection."""
        return RequestFields.of(self.json(), resource)

    def query(self, resource: str) -> RequestFields:
        """The query; an empty value counts as none."""
        return RequestFields(
            {name: value for name, value in self.values.items() if value}, resource
        )


Operation: TypeAlias = Callable[[Request], Response]
"""Carries a request out at once. Raises RestRejection."""
Operations: TypeAlias = Mapping[str, Mapping[str, Operation]]
"""Operations by path below the base URL and by method."""
