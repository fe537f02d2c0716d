"""The carrier of v1, by the documentation of the platform: what phones and the app can do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from callbackkit.carrier.platform import EPOCH, KEPT
from callbackkit.v1.carrier.account import Application, Callbacks, Number
from callbackkit.v1.carrier.call_setup import place, receive
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.gathers import CallGather
from callbackkit.v1.carrier.ground import Ground
from callbackkit.v1.carrier.messages import Message, come_in, go_out
from callbackkit.v1.carrier.rooms import Bridge, Conference
from callbackkit.v1.carrier.verbs import LANGUAGE

BASE_URL = "https://api.catapult.inetwork.com/v1"
"""The base URL of the REST API by default (methods/restApi): URLs in events start with it."""

NUMBER = "+19195550100"
"""The number that every account starts with."""


class Carrier(Ground):
    """Calls, messages and the account of one user of v1, in memory.

    `app_url` is the root of the app that the account's application sends its callbacks to, with
    credentials if it needs them. `numbers` belong to the account and the application. `base_url` is
    that of the REST API. `limits` is "documented" to apply the documented rate limits.
    """

    calls: dict[str, Call]
    bridges: dict[str, Bridge]
    conferences: dict[str, Conference]
    gathers: dict[str, CallGather]

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
        super().__init__(rules, base_url=base_url, epoch=epoch)
        self.limits = limits
        self.messages: dict[str, Message] = {}
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

    # For phones

    def own(self, number: str) -> Number:
        """Return a number of the account; it gets one that it lacks, for its first application."""
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
        """Call a number of the account from a phone. `diversion` is what the SIP Diversion header
        has, `withheld` is true if the caller hides the number."""
        owned = self.own(number)
        application = self.account.applications.get(owned.application_id or "")
        callbacks = application.calls if application else Callbacks()
        call = Call(self, inbound=True, party=party, number=number, callbacks=callbacks)
        if application is not None:
            call.details["applicationId"] = application.id
        if diversion is not None:
            call.details["diversion"] = dict(diversion)
        if withheld:
            call.details["withholdCallerNumber"] = True
        self.legs.append(call)
        self.journal.add(call.id, "calls", party=party, number=number)
        receive(call, application)
        return call

    def text(self, party: str, number: str, text: str, media: Sequence[str] = ()) -> Message:
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
            self.messages.pop(subject, None)
        for gather in list(self.gathers.values()):
            if gather.call.id in dropped:
                del self.gathers[gather.id]
        for recording in list(account.recordings.values()):
            if recording.subject in dropped:
                del account.recordings[recording.id]
                account.media.pop(recording.file, None)
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

    # For the REST API

    def call_out(self, call: Call) -> None:
        """Start a call that the app has created."""
        self.journal.add(call.id, "is created", party=call.party, number=call.number)
        place(call)

    def send(self, message: Message) -> None:
        """Send a message of the app."""
        self.messages[message.id] = message
        self.scheduler.spawn(go_out(self, message), f"outgoing message {message.id}")

    # Clients

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
        return LANGUAGE.summary(body)
