"""A record of all that happened, in order: every change of a carrier's state is an entry."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from callbackkit.carrier.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    `at` is in seconds of the carrier's clock since its start, `wall` the real time in seconds since
    the epoch. `subject` is the id of the call or message that it happened to, "" for none. `cause`
    is the id of the entry that it follows from.
    """

    id: int
    at: float
    wall: float = field(compare=False)
    subject: str
    kind: str
    data: Mapping[str, Any]
    cause: int | None


class Journal:
    """The entries of one carrier, by subject too."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self.last = 0
        """The id of the last entry."""
        self._entries: dict[int, Entry] = {}
        self._of: dict[str, list[Entry]] = {}

    def add(self, subject: str, kind: str, **data: Any) -> Entry:
        """Note something that happens now; what follows from it has it as its cause."""
        scheduler = self._scheduler
        number = self.last = self.last + 1
        entry = Entry(number, scheduler.now, time.time(), subject, kind, data, scheduler.cause)
        self._entries[number] = entry
        self._of.setdefault(subject, []).append(entry)
        scheduler.cause = number
        return entry

    def of(self, *subjects: str) -> list[Entry]:
        """Return the entries about some calls or messages, in order."""
        found = [entry for subject in subjects for entry in self._of.get(subject, ())]
        return sorted(found, key=lambda entry: entry.id) if len(subjects) > 1 else found

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, number: int) -> Entry:
        """Return the entry with an id."""
        return self._entries[number]

    @property
    def subjects(self) -> list[str]:
        """The calls and messages that have entries, in the order of the first ones."""
        return list(self._of)

    def since(self, number: int) -> Iterator[Entry]:
        """Return the entries after the one with an id."""
        ids = range(number + 1, self.last + 1)
        return (self._entries[number] for number in ids if number in self._entries)

    def forget(self, subjects: Iterable[str], keep: int) -> None:
        """Drop the entries about some calls and messages, and all but the last about none."""
        dropped = [entry for subject in subjects for entry in self._of.pop(subject, ())]
        if loose := self._of.get(""):
            dropped += loose[:-keep]
            del loose[:-keep]
        for entry in dropped:
            del self._entries[entry.id]
