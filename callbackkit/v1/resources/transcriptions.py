"""Transcriptions: what was said in a recording, as text."""

from typing import Annotated

from pydantic import Field

from callbackkit.models import Model, Time
from callbackkit.rest import Operation


class Transcription(Model, frozen=True):
    """A transcription (methods/transcriptions/transcriptions)."""

    id: str
    state: str | None = None
    """transcribing, completed or error."""
    text: Annotated[str | None, Field(repr=False)] = None
    """The first 1000 characters; all of them are behind `text_url`."""
    time: Time = None
    chargeable_duration: int | None = None
    """Seconds."""
    text_size: int | None = None
    """Characters of the whole text."""
    text_url: str | None = None
    """The URL of the whole text; reading it takes your credentials."""


_ALL = "/users/{user_id}/recordings/{recording_id}/transcriptions"

LIST = Operation("transcriptions.list", "GET", _ALL, returns=Transcription, paging="link")
GET = Operation("transcriptions.get", "GET", f"{_ALL}/{{transcription_id}}", returns=Transcription)
CREATE = Operation("transcriptions.create", "POST", _ALL, created=GET)
