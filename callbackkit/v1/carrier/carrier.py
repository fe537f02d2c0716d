"""The carrier of v1: what the platform was, by its documents."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal
from urllib.parse import unquote

from callbackkit.bxml.linting import Level
from callbackkit.bxml.text import masked
from callbackkit.carrier import platform
from callbackkit.carrier.delivery import Delivery, Outcome, path_of
from callbackkit.carrier.ledger import Ledger
from callbackkit.carrier.platform import EPOCH, KEPT
from callbackkit.v1.carrier.account import Account, Application, Callbacks, Number, UserError
from callbackkit.v1.carrier.bridges import Bridge
from callbackkit.v1.carrier.call_setup import begin
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.conferences import Conference
from callbackkit.v1.carrier.events import fields
from callbackkit.v1.carrier.messages import Message, come_in, go_out
from callbackkit.v1.carrier.rules import LEDGER
from callbackkit.v1.carrier.scripts import summary

BASE_URL = "https://api.catapult.inetwork.com/v1"
"""Where the REST API was (methods/restApi): how URLs in events start, unless told otherwise."""

NUMBER = "+19195550100"
"""The number that every account starts with."""


class Carrier(platform.Platform):
    """Calls, messages and the account of one user of v1, in memory.

    `app_url` is the root of the app that the account's application sends its callbacks to, with
    credentials if it needs them. `numbers` belong to the account and the application. `base_url` is
    that of the REST API. `limits` tells whether the documented rate limits apply.
    """

    ledger: ClassVar[Ledger] = LEDGER
    user_agent: ClassVar[str] = "BandwidthAPI/v1"

    def __init__(
        self,
        app_url: str | None = None,
        *,
        numbers: Sequence[str] = (NUMBER,),
        rules: Mapping[str, str] | None = None,
        base_url: str = BASE_URL,
        callback_http_method: Literal["GET", "POST"] = "GET",
        limits: Literal["off", "documented"] = "off",
        epoch: datetime = EPOCH,
    ) -> None:
        super().__init__(rules, epoch=epoch)
        self.base_url = base_url.rstrip("/")
        self.limits = limits
        self.account = Account()
        self.calls: dict[str, Call] = {}
        self.messages: dict[str, Message] = {}
        self.bridges: dict[str, Bridge] = {}
        self.conferences: dict[str, Conference] = {}
        self.application = Application(
            self.new_id("a"),
            "local app",
            incoming_call_url=app_url,
            incoming_message_url=app_url,
            callback_http_method=callback_http_method,
        )
        self.account.applications[self.application.id] = self.application
        for number in numbers:
            self.own(number)

    # What a phone outside can do

    def own(self, number: str) -> Number:
        """Let the account have a number, which its first application answers."""
        owned = self.account.number(number)
        if owned is None:
            owned = Number(
                self.new_id("n"), number, self.moment(), application_id=self.application.id
            )
            self.account.numbers[owned.id] = owned
        return owned

    def dial(
        self,
        party: str,
        number: str,
        *,
        diversion: Mapping[str, Any] | None = None,
        withheld: bool = False,
    ) -> Call:
        """A phone calls a number of the account. `diversion` is what the SIP Diversion header has,
        `withheld` tells that the caller hides the number."""
        owned = self.own(number)
        application = self.account.applications.get(owned.application_id or "")
        callbacks = application.calls if application else Callbacks()
        call = Call(self, inbound=True, party=party, number=number, callbacks=callbacks)
        call.application = application
        if diversion is not None:
            call.details["diversion"] = dict(diversion)
        if withheld:
            call.details["withholdCallerNumber"] = True
        self.legs.append(call)
        self.journal.add(call.id, "calls", party=party, number=number)
        begin(call)
        return call

    def text(self, party: str, number: str, text: str, media: Sequence[str] = ()) -> Message:
        """A phone writes to a number of the account."""
        owned = self.own(number)
        application = self.account.applications.get(owned.application_id or "")
        message = Message(
            self.new_id("m"),
            "in",
            party,
            number,
            text,
            tuple(media),
            self.moment(),
            application.messages if application else Callbacks(),
            application_id=application.id if application else None,
            state="received",
        )
        self.messages[message.id] = message
        self.scheduler.spawn(come_in(self, message), f"incoming message {message.id}")
        return message

    # What is kept

    def forget(self, keep: int = KEPT) -> set[str]:
        dropped = super().forget(keep)
        account = self.account
        for subject in dropped:
            self.calls.pop(subject, None)
            self.messages.pop(subject, None)
        for recording in list(account.recordings.values()):
            if recording.call_id in dropped:
                del account.recordings[recording.id]
                account.media.pop(recording.media_name, None)
        for transcription in list(account.transcriptions.values()):
            if transcription.recording_id not in account.recordings:
                del account.transcriptions[transcription.id]
                account.media.pop(transcription.media_name, None)
        for bridge in [one for one in self.bridges.values() if one.state == "completed"][:-keep]:
            del self.bridges[bridge.id]
        done = [one for one in self.conferences.values() if one.state == "completed"]
        for conference in done[:-keep]:
            del self.conferences[conference.id]
        for error_id in list(account.errors)[:-keep]:
            del account.errors[error_id]
        del account.transactions[:-keep]
        return dropped

    # What the app can do through the REST API

    def call_out(self, call: Call) -> None:
        """Start a call that the app has created."""
        self.journal.add(call.id, "is created", party=call.party, number=call.number)
        begin(call)

    def send(self, message: Message) -> None:
        """Send a message of the app's."""
        self.messages[message.id] = message
        self.scheduler.spawn(go_out(self, message), f"outgoing message {message.id}")

    # URLs

    def uri(self, path: str) -> str:
        """A resource of the user's as events and replies name it."""
        return f"{self.base_url}/users/{self.account.user_id}/{path}"

    def media_name(self, url: str) -> str | None:
        """The name of a file of the account, if a URL is one's."""
        prefix, path = path_of(self.uri("media/")), path_of(url)
        return unquote(path.removeprefix(prefix)) if path.startswith(prefix) else None

    def served_at(self, url: str) -> str:
        self.base_url = f"{url.rstrip('/')}/v1"
        return self.base_url

    def environment(self) -> dict[str, str]:
        account = self.account
        return {
            "BANDWIDTH_USER_ID": account.user_id,
            "BANDWIDTH_API_TOKEN": account.token,
            "BANDWIDTH_API_SECRET": account.secret,
            "CALLBACKKIT_BASE_URL": self.base_url,
        }

    @property
    def own_number(self) -> str:
        return next(self.account.owned()).number

    def summary(self, body: bytes) -> str:
        return summary(body)

    # Callbacks and errors

    async def send_event(
        self,
        subject: str,
        event: str,
        to: Callbacks,
        values: Mapping[str, Any],
        *,
        expects_bxml: bool = False,
    ) -> Delivery:
        """Send an event, and again to the fallback URL if that fails: what became of it last."""
        assert to.url is not None
        told = await self._send_event(subject, event, to.url, to, values, expects_bxml)
        assert told.outcome is not None
        if told.outcome.failure is None:
            return told
        reached = told.outcome.reached
        if to.fallback_url is not None:
            told = await self._send_event(subject, event, to.fallback_url, to, values, expects_bxml)
        elif not (expects_bxml or reached) and self.rule("retry", subject) == "1":
            told = await self._send_event(subject, event, to.url, to, values, expects_bxml)
        return told

    async def _send_event(
        self,
        subject: str,
        event: str,
        url: str,
        to: Callbacks,
        values: Mapping[str, Any],
        expects_bxml: bool,
    ) -> Delivery:
        delivery = Delivery(
            subject,
            event,
            to.method,
            url,
            fields(event, to.method, values),
            to.timeout,
            self.user_agent,
        )
        outcome = await self.deliver(delivery, expects_bxml=expects_bxml)
        if outcome.failure is not None:
            self.rule("failed-callback", subject)
            self.rule("callback-error-entry", subject)
            message = f"{event} to {masked(url)} {outcome.failure}"
            self.note_error("unavailable", "callback-not-delivered", message, id=subject)
        self._look_at(delivery, outcome, expects_bxml)
        return delivery

    def dropped(self, delivery: Delivery) -> None:
        assert delivery.outcome is not None
        if delivery.event:
            self._look_at(delivery, delivery.outcome, expects_bxml=True)

    def _look_at(self, delivery: Delivery, outcome: Outcome, expects_bxml: bool) -> None:
        """Diagnose what came of a callback."""
        event, advice = delivery.event, delivery.advice
        level: Level
        ledger = None
        if delivery.traceback is not None:
            last = delivery.traceback.rpartition("\n")[2]
            level, rule = "error", "handler-raised"
            message, docs = f"the handler of {event} raised {last}", "apiCallbacks/callbacks"
        elif outcome.failure is not None:
            # A fault that a test has declared is none of the app's.
            level, rule = "info" if delivery.faulty else "error", "callback-failed"
            message = f"{event} to {masked(delivery.url)} {outcome.failure}"
            docs, ledger = "apiCallbacks/callbacks", "failed-callback"
        elif outcome.took > delivery.timeout / 2:
            level, rule = "warning", "slow-callback"
            message = (
                f"{event} took {outcome.took:.1f} s of the {delivery.timeout:g} s that it may take"
            )
            docs = "methods/calls/postCalls"
        elif advice is not None and not expects_bxml and advice.kind == "unread":
            # The likeliest mistake on the first day is an application whose callbacks go by POST.
            by_post = delivery.method == "POST"
            level, rule = ("error", "bxml-on-post") if by_post else ("warning", "unread-reply")
            message, docs = advice.words, "bxml/bxmlOverview"
        elif advice is not None and not expects_bxml and advice.kind == "unhandled":
            level, rule = "warning", "unhandled-event"
            message, docs = advice.words.partition(" Paste one")[0], "apiCallbacks/callbacks"
        else:
            return
        self.diagnose(
            level,
            rule,
            message,
            docs,
            subject=delivery.subject,
            ledger=ledger,
            place=delivery.handler,
            detail=delivery.traceback,
        )

    def note_error(self, category: str, code: str, message: str, **details: str) -> None:
        """Add to what `GET /errors` lists."""
        error_id = self.new_id("ue")
        self.account.errors[error_id] = UserError(
            error_id,
            self.moment(),
            category,
            code,
            message,
            [{"name": name, "value": value} for name, value in details.items()],
        )
