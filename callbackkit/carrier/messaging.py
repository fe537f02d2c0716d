"""Messages between phones and an account."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(slots=True, eq=False)
class Message:
    """One message. `direction` is "in" from a phone to the account, "out" from the account.

    `media` are URLs; `state` is a word of the dialect.
    """

    id: str
    direction: Literal["in", "out"]
    from_: str
    to: str
    text: str
    media: tuple[str, ...]
    time: datetime
    state: str = field(kw_only=True)
