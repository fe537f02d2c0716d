"""Recordings of calls. Their sound is media: client.media."""

from typing import ClassVar

from callbackkit.client import Pages
from callbackkit.models import Model, Time
from callbackkit.v1.client.arguments import Page, Size
from callbackkit.v1.client.resource import Resource, last_segment


class Recording(Model, frozen=True):
    """A recording (methods/recordings/recordings)."""

    id: str
    """rec-..."""
    start_time: Time = None
    end_time: Time = None
    call: str | None = None
    """The URL of the call."""
    media: str | None = None
    """The URL of the sound; reading it takes your credentials."""
    state: str | None = None
    """recording, saving, complete or error."""

    @property
    def call_id(self) -> str | None:
        """The id of the call, c-..."""
        return last_segment(self.call)

    @property
    def media_name(self) -> str | None:
        """What `client.media.download` calls the sound."""
        return last_segment(self.media)


class Recordings(Resource):
    """client.recordings"""

    name: ClassVar[str] = "recordings"

    def list(self, *, page: Page | None = None, size: Size | None = None) -> Pages[Recording]:
        """All recordings.

        `page` counts from 0; `size` is 1 to 1000 items a request, by default 25.
        Raises ArgumentError. (methods/recordings/getRecordings)
        """
        return self._pages(Recordings.list, locals(), "recordings", Recording)

    async def get(self, recording_id: str) -> Recording:
        """A recording. Raises NotFoundError. (methods/recordings/getRecordingsRecordingId)"""
        return await self._get(Recordings.get, locals(), "recordings/{recording_id}", Recording)
