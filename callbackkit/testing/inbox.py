"""The messages that the app sends to phones."""

from collections.abc import Iterator

from callbackkit.carrier.messaging import Message
from callbackkit.carrier.transcript import transcript
from callbackkit.testing.failures import PhoneFailure
from callbackkit.testing.session import Session


class Inbox:
    """The messages that all phones outside have received: `for message in phone.inbox`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._read: set[str] = set()

    def __iter__(self) -> Iterator[Message]:
        return iter(self._session.carrier.sent)

    def __len__(self) -> int:
        return len(self._session.carrier.sent)

    def __getitem__(self, number: int) -> Message:
        return self._session.carrier.sent[number]

    def __repr__(self) -> str:
        return f"<Inbox of {len(self)}>"

    async def next(self, to: str | None = None) -> Message:
        """Wait for the next message, to any phone or to one number. Each message is returned once.

        Raises PhoneFailure when none is on its way.
        """
        __tracebackhide__ = True

        def unread() -> Message | None:
            return next((t for t in self if t.id not in self._read and to in (None, t.to)), None)

        session = self._session
        await session.until(lambda: unread() is not None or not session.busy)
        found = unread()
        if found is None:
            whom = "" if to is None else f" to {to}"
            raise PhoneFailure(f"no text is on its way{whom}", transcript(session.carrier))
        self._read.add(found.id)
        return found
