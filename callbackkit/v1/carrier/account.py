"""The account: what it owns and what the platform keeps of it, apart from calls and messages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, Self

from callbackkit.carrier.delivery import Destination, HttpMethod
from callbackkit.carrier.sound import FileFormat, Recording, Silence
from callbackkit.v1.carrier.defaults import CALLBACK_TIMEOUT, RECORDING_LONGEST

USER_ID, TOKEN, SECRET = "u-carrier", "t-carrier", "s-carrier"
"""The credentials of the account that every carrier starts with: public, and worth nothing."""


@dataclass(slots=True)
class Callbacks(Destination):
    """The target of events, by default none. `timeout` is in seconds."""

    url: str | None = None
    fallback_url: str | None = None
    timeout: float = CALLBACK_TIMEOUT
    method: HttpMethod = "POST"

    @classmethod
    def of_verb(cls, url: str | None, milliseconds: int | None, default: float) -> Self:
        """Return where the event of a verb goes; `default` is its timeout in seconds."""
        return cls(url, None, default if milliseconds is None else milliseconds / 1000, "GET")


def _seconds(milliseconds: int | None) -> float:
    return CALLBACK_TIMEOUT if milliseconds is None else milliseconds / 1000


@dataclass(slots=True)
class Application:
    """The target of callbacks for the numbers that belong to it."""

    id: str
    name: str
    incoming_call_url: str | None = None
    incoming_call_url_callback_timeout: int | None = None
    incoming_call_fallback_url: str | None = None
    incoming_message_url: str | None = None
    incoming_message_url_callback_timeout: int | None = None
    incoming_message_fallback_url: str | None = None
    callback_http_method: HttpMethod = "POST"
    auto_answer: bool = True

    @property
    def calls(self) -> Callbacks:
        """The target of the events of incoming calls."""
        seconds = _seconds(self.incoming_call_url_callback_timeout)
        url, fallback = self.incoming_call_url, self.incoming_call_fallback_url
        return Callbacks(url, fallback, seconds, self.callback_http_method)

    @property
    def messages(self) -> Callbacks:
        """The target of incoming messages."""
        seconds = _seconds(self.incoming_message_url_callback_timeout)
        url, fallback = self.incoming_message_url, self.incoming_message_fallback_url
        return Callbacks(url, fallback, seconds, self.callback_http_method)


@dataclass(slots=True)
class Number:
    """A telephone number of the account."""

    id: str
    number: str
    created: datetime
    application_id: str | None = None
    name: str | None = None
    fallback_number: str | None = None
    city: str | None = None
    state: str | None = None
    price: str = "0.60"
    released: bool = False


@dataclass(slots=True)
class MediaFile:
    """A file of the account; silence is made when it is read."""

    name: str
    content: bytes | Silence
    content_type: str
    cache_control: str | None = None

    @property
    def size(self) -> int:
        return len(self.content) if isinstance(self.content, bytes) else self.content.size


@dataclass(slots=True)
class RecordingSettings:
    """Settings of the REST API for recording a call; `longest` is in seconds."""

    enabled: bool = False
    file_format: FileFormat = "wav"
    longest: int = RECORDING_LONGEST
    transcribes: bool = False


@dataclass(slots=True, eq=False)
class Transcription:
    """A recording as text."""

    id: str
    recording_id: str
    time: datetime
    seconds: float
    state: Literal["transcribing", "completed", "error"] = "transcribing"
    text: str = ""
    media_name: str = ""


@dataclass(slots=True)
class UserError:
    """One entry of the list of errors."""

    id: str
    time: datetime
    category: str
    code: str
    message: str
    details: list[dict[str, str]]


@dataclass(slots=True)
class Transaction:
    """One change of the balance."""

    id: str
    time: datetime
    amount: Decimal
    type: str
    units: int
    product_type: str
    number: str | None = None
    resource_id: str | None = None


@dataclass(slots=True)
class Domain:
    """A name below which SIP endpoints live, with its endpoints."""

    id: str
    name: str
    description: str | None
    endpoints: dict[str, "Endpoint"] = field(default_factory=dict)


@dataclass(slots=True)
class Endpoint:
    """A SIP client that registers with a password of its own."""

    id: str
    name: str
    password: str = field(repr=False)
    description: str | None = None
    application_id: str | None = None
    enabled: bool = True


@dataclass(slots=True)
class Account:
    """Everything that belongs to one user, in memory."""

    user_id: str = USER_ID
    token: str = TOKEN
    secret: str = field(default=SECRET, repr=False)
    balance: Decimal = Decimal("100.00000")
    applications: dict[str, Application] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    media: dict[str, MediaFile] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    transcriptions: dict[str, Transcription] = field(default_factory=dict)
    errors: dict[str, UserError] = field(default_factory=dict)
    transactions: list[Transaction] = field(default_factory=list)
    domains: dict[str, Domain] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Names of numbers, of the account or not, in directories (CNAM); tests put them here."""

    def owned(self) -> Iterator[Number]:
        """Return the numbers that were not given back."""
        return (number for number in self.numbers.values() if not number.released)

    def number(self, number: str) -> Number | None:
        """Return a number of the account, found by itself or by its id."""
        for one in self.owned():
            if number in (one.number, one.id):
                return one
        return None
