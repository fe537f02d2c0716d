"""The ground of v1's carrier: the account, its URLs, its list of errors, and v1's policies for
callbacks. Everything else here stands on it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import unquote

from callbackkit.bxml.linting import Level
from callbackkit.bxml.text import masked
from callbackkit.carrier.delivering import examine
from callbackkit.carrier.delivery import Delivery, path_of
from callbackkit.carrier.ledger import Ledger
from callbackkit.carrier.platform import Platform
from callbackkit.carrier.recording import Recorder
from callbackkit.carrier.sound import Silence
from callbackkit.v1.carrier.account import Account, MediaFile, UserError
from callbackkit.v1.carrier.defaults import CALLBACK_TIMEOUT
from callbackkit.v1.carrier.events import fields
from callbackkit.v1.carrier.rules import LEDGER

PAGES: Mapping[str, str] = {
    "broken-audio": "bxml/verbs/playAudio",
    "bxml-on-post": "bxml/bxmlOverview",
    "callback-failed": "apiCallbacks/callbacks",
    "content-type": "bxml/bxml",
    "dead-air": "bxml/verbs/gather",
    "disputed-reply": "bxml/callBacks/transfer",
    "endless-silence": "bxml/verbs/gather",
    "external-url": "bxml/bxml",
    "handler-raised": "apiCallbacks/callbacks",
    "lying-prompt": "bxml/verbs/gather",
    "no-application-for-number": "methods/errors/getErrors",
    "no-auto-answer": "bxml/bxmlOverview",
    "no-callback-for-call": "methods/errors/getErrors",
    "redirect-loop": "bxml/verbs/redirect",
    "slow-callback": "methods/calls/postCalls",
    "trap": "bxml/verbs/hangup",
    "unanswered-handler": "bxml/callBacks/{event}",
    "unhandled-event": "apiCallbacks/callbacks",
    "unlisted-word": "apiCallbacks/callbacks",
    "unlistened-keys": "bxml/verbs/gather",
    "unreached-handler": "bxml/bxmlCallbacks",
    "unread-reply": "bxml/bxmlOverview",
}
"""The page that each diagnostic or finding of a crawl rests on, by its rule."""


class Ground(Platform):
    """The account of one user of v1. `base_url` is that of the REST API."""

    ledger: ClassVar[Ledger] = LEDGER
    pages: ClassVar[Mapping[str, str]] = PAGES
    transcript_fields: ClassVar[Sequence[str]] = (
        "digits",
        "dtmfDigit",
        "cause",
        "status",
        "deliveryState",
        "tag",
    )
    user_agent: ClassVar[str] = "BandwidthAPI/v1"
    file_timeout: ClassVar[float] = CALLBACK_TIMEOUT

    def __init__(self, rules: Mapping[str, str] | None, *, base_url: str, epoch: datetime) -> None:
        super().__init__(rules, epoch=epoch)
        self.base_url = base_url.rstrip("/")
        self.account = Account(recordings=self.recordings)
        # What these hold is made above this file; `Carrier` has the types.
        self.bridges: dict[str, Any] = {}
        self.conferences: dict[str, Any] = {}
        self.gathers: dict[str, Any] = {}
        self.recorders: dict[str, Recorder] = {}
        """What the REST API has recorded just now, by the call's id."""

    # URLs

    def uri(self, path: str) -> str:
        """Return the URL of a resource of the user, as events and replies have it."""
        return f"{self.base_url}/users/{self.account.user_id}/{path}"

    def own_file(self, url: str) -> bytes | Silence | None:
        prefix, path = path_of(self.uri("media/")), path_of(url)
        if not path.startswith(prefix):
            return None
        return self.account.media[unquote(path.removeprefix(prefix))].content

    def store(self, name: str, content: bytes | Silence, content_type: str) -> None:
        self.account.media[name] = MediaFile(name, content, content_type)

    # Callbacks

    def fields(self, event: str, method: str, values: Mapping[str, Any]) -> dict[str, Any]:
        return fields(event, method, values)

    def retry_delays(self, delivery: Delivery) -> Iterable[float]:
        assert delivery.outcome is not None
        if delivery.expects_bxml or delivery.outcome.reached:
            return ()
        return (0.0,) * int(self.rule("retry", delivery.subject) or 0)

    def unread_reply(self, delivery: Delivery) -> tuple[Level, str]:
        # The likeliest mistake on the first day is an application whose callbacks go by POST.
        if delivery.method == "POST":
            return "error", "bxml-on-post"
        return "warning", "unread-reply"

    def dropped(self, delivery: Delivery) -> None:
        if delivery.event:
            examine(self, delivery)

    def on_failed(self, delivery: Delivery) -> None:
        self.rule("callback-error-entry", delivery.subject)
        message = f"{delivery.event} to {masked(delivery.url)} {delivery.failure}"
        self.note_error("unavailable", "callback-not-delivered", message, id=delivery.subject)

    def on_invalid_document(self, delivery: Delivery) -> None:
        call_id = delivery.subject
        self.note_error(
            "unavailable",
            "callback-not-delivered",
            f"The reply to {delivery.event} of call {call_id} is no BXML that can be run",
            callId=call_id,
        )

    def note_error(self, category: str, code: str, message: str, **details: str) -> None:
        """Add an entry to the list that `GET /errors` has."""
        error_id = self.new_id("ue")
        self.account.errors[error_id] = UserError(
            error_id,
            self.moment(),
            category,
            code,
            message,
            [{"name": name, "value": value} for name, value in details.items()],
        )
