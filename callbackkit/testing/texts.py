"""The text messages that the app sends to phones outside."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from callbackkit.testing.failures import PhoneFailure

if TYPE_CHECKING:
    from callbackkit.testing.phone import Phone


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

    def __init__(self, phone: "Phone", sent: Callable[[], Sequence[Any]]) -> None:
        self._phone = phone
        self._sent = sent
        self._read: set[str] = set()

    def __iter__(self) -> Iterator[Text]:
        return iter(self._sent())

    def __len__(self) -> int:
        return len(self._sent())

    def __getitem__(self, number: int) -> Text:
        text: Text = self._sent()[number]
        return text

    def __repr__(self) -> str:
        return f"<Inbox of {len(self)}>"

    async def next(self, to: str | None = None) -> Text:
        """The first message that `next` has not given yet, for any phone or for one number.

        Time passes until it comes. Raises PhoneFailure when none is on its way.
        """
        __tracebackhide__ = True

        def unread() -> Text | None:
            return next((t for t in self if t.id not in self._read and to in (None, t.to)), None)

        await self._phone.until(lambda: unread() is not None or not self._phone._under_way)
        found = unread()
        if found is None:
            whom = "" if to is None else f" to {to}"
            raise PhoneFailure(f"no text is on its way{whom}", self._phone.transcript)
        self._read.add(found.id)
        return found
