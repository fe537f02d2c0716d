"""The text messages that the app sends to phones outside."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from callbackkit.carrier.transcript import transcript
from callbackkit.testing.failures import PhoneFailure
from callbackkit.testing.session import Session


class Text(Protocol):
    """A message as a phone gets it. Numbers are E.164."""

    @property
    def id(self) -> str: ...
    @property
    def from_(self) -> str: ...
    @property
    def to(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def media(self) -> Sequence[str]:
        """URLs; none for an SMS."""
        ...

    @property
    def state(self) -> str: ...


class Inbox:
    """What has come in for all phones outside, in order: `for text in phone.inbox`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._read: set[str] = set()

    def __iter__(self) -> Iterator[Text]:
        return iter(self._session.carrier.sent)

    def __len__(self) -> int:
        return len(self._session.carrier.sent)

    def __getitem__(self, number: int) -> Text:
        text: Text = self._session.carrier.sent[number]
        return text

    def __repr__(self) -> str:
        return f"<Inbox of {len(self)}>"

    async def next(self, to: str | None = None) -> Text:
        """Wait for the next message, to any phone or to one number. Each message is returned once.

        Raises PhoneFailure when none is on its way.
        """
        __tracebackhide__ = True

        def unread() -> Text | None:
            return next((t for t in self if t.id not in self._read and to in (None, t.to)), None)

        session = self._session
        await session.until(lambda: unread() is not None or not session.busy)
        found = unread()
        if found is None:
            whom = "" if to is None else f" to {to}"
            raise PhoneFailure(f"no text is on its way{whom}", transcript(session.carrier))
        self._read.add(found.id)
        return found
