"""A call of v1: the words for its states and ends, and the fields of its events.

It is under BXML when its callbacks go by GET, and under the REST API otherwise.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeAlias

from callbackkit.carrier import call
from callbackkit.carrier.call import Causes
from callbackkit.v1.carrier.account import Callbacks, RecordingSettings
from callbackkit.v1.carrier.defaults import LINGER, LONGEST_CALL, RING
from callbackkit.v1.carrier.ground import Ground

CallState: TypeAlias = Literal["started", "rejected", "active", "completed", "transferring"]

# apiCallbacks/hangup; no page has a cause for a failed callback or an invalid document.
CAUSES = Causes(
    hangup="NORMAL_CLEARING",
    cancel="ORIGINATOR_CANCEL",
    unanswered="NO_ANSWER",
    busy="USER_BUSY",
    declined="CALL_REJECTED",
    unallocated="UNALLOCATED_NUMBER",
    failed_callback="NORMAL_CLEARING",
    invalid_document="NORMAL_CLEARING",
)

_TAGGED = ("hangup", "timeout", "dtmf", "recording")
"""Events whose tables lack the tag that other pages promise (rule tag-in-events)."""


class Call(call.Call):
    """One call, from or to a phone outside."""

    carrier: Ground
    callbacks: Callbacks
    causes: ClassVar[Causes] = CAUSES
    longest: ClassVar[float] = LONGEST_CALL
    dead_air: ClassVar[float] = LINGER

    def __init__(
        self,
        carrier: Ground,
        *,
        inbound: bool,
        party: str,
        number: str,
        callbacks: Callbacks,
        tag: str | None = None,
        timeout: int = RING,
    ) -> None:
        super().__init__(
            carrier,
            inbound=inbound,
            party=party,
            number=number,
            callbacks=callbacks,
            ring_seconds=timeout,
        )
        self.tag = tag
        self.bxml = False
        """True if replies to its callbacks are run."""
        self.details: dict[str, Any] = {}
        """More fields of its first events: the application, and what the caller's network says."""
        self.recording = RecordingSettings()
        self.transferring = False
        """True while the REST API rings somebody else for it."""
        self.transfer: dict[str, Any] = {}
        """The arguments of its transfer by the REST API, by their names on the wire."""
        self.sip_headers: Mapping[str, str] | None = None
        self.bridge_id: str | None = None
        self.conference_id: str | None = None

    @property
    def status(self) -> CallState:
        """Its state as the REST API has it (methods/calls/getCallsCallId)."""
        if self.ended is not None:
            rejected = self.answered is None and self.ended.cause == CAUSES.declined
            return "rejected" if rejected else "completed"
        if self.state == "ringing":
            return "started"
        return "transferring" if self.transferring else "active"

    @property
    def uri(self) -> str:
        """Its URL in the REST API."""
        return self.carrier.uri(f"calls/{self.id}")

    def take(self) -> None:
        """Answer an incoming call by the REST API."""
        self.change("active")

    def unlistened(self, key: str) -> None:
        if self.bxml:  # the REST API gets an event of each key, whether anything waits or not
            super().unlistened(key)

    def fields(self, event: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            "callId": self.id,
            "callUri": self.uri,
            "from": self.from_,
            "to": self.to,
            "time": self.carrier.moment(),
        }
        if event in ("incomingcall", "answer"):
            found |= {
                "displayName": self.from_,
                "withholdCallerNumber": False,
                "withholdCallerName": False,
                **self.details,
            }
        if self.tag is not None and (
            event == "answer"
            or (event in _TAGGED and self.carrier.rule("tag-in-events", self.id) == "promised")
        ):
            found["tag"] = self.tag
        return found

    def report_end(self, cause: str) -> None:
        self.notify("hangup", {"cause": cause, "callState": "completed"})

    async def report_key(self, key: str) -> None:
        """Send the event of a key that is pressed under the REST API."""
        await self.send_event("dtmf", {"dtmfDigit": key})
