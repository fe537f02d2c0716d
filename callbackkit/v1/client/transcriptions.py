"""Transcriptions: what was said in a recording, as text."""

from functools import partial
from typing import Annotated, ClassVar

from pydantic import Field

from callbackkit.client import Pages
from callbackkit.models import Model, Time
from callbackkit.v1.client.resource import Created, Resource


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


_TRANSCRIPTIONS = "recordings/{recording_id}/transcriptions"


class Transcriptions(Resource):
    """client.transcriptions"""

    name: ClassVar[str] = "transcriptions"

    def list(self, recording_id: str) -> Pages[Transcription]:
        """The transcriptions of a recording. (methods/transcriptions/getTranscriptions)"""
        return self._pages(Transcriptions.list, locals(), _TRANSCRIPTIONS, Transcription, "link")

    async def create(self, recording_id: str) -> Created[Transcription]:
        """Have a recording transcribed, which must be complete; a transcription event follows.

        Raises NotFoundError; ForbiddenError (invalid-recording-state); ConflictError
        (duplicate-transcription). (methods/transcriptions/postTranscriptions)
        """
        return await self._create(
            Transcriptions.create, locals(), _TRANSCRIPTIONS, partial(self.get, recording_id)
        )

    async def get(self, recording_id: str, transcription_id: str) -> Transcription:
        """A transcription. Raises NotFoundError.
        (methods/transcriptions/getTranscriptionsTranscriptionId)
        """
        return await self._get(
            Transcriptions.get, locals(), f"{_TRANSCRIPTIONS}/{{transcription_id}}", Transcription
        )
