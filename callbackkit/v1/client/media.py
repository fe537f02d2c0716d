"""Media: the files of the account, such as recordings and what an MMS shows."""

import mimetypes
import os
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any, ClassVar

from callbackkit.client import Content, Download, Pages, Progress
from callbackkit.models import Model
from callbackkit.v1.client.arguments import Rule
from callbackkit.v1.client.resource import Resource


class MediaFile(Model, frozen=True):
    """A file of the account (methods/media/getMedia)."""

    media_name: str
    """What `download`, `stream` and `delete` call it."""
    content_length: int | None = None
    """Bytes."""
    content: str | None = None
    """Its URL; reading it takes your credentials."""


def _is_header(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


_Header = Annotated[str, Rule("is printable ASCII", _is_header)]
_FILE = "media/{name}"


class Media(Resource):
    """client.media"""

    name: ClassVar[str] = "media"

    def list(self) -> Pages[MediaFile]:
        """All files. (methods/media/getMedia)"""
        return self._pages(Media.list, locals(), "media", MediaFile, "link")

    async def upload(
        self,
        name: str,
        content: Content,
        *,
        content_type: _Header | None = None,
        cache_control: _Header | None = None,
        size: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Store a file of 65 MB at most under a name; one that has the name is replaced.

        `content`: bytes, the path of a file, a file opened in binary mode, or an async iterator of
        bytes, which takes `size` in bytes too. `content_type`: by default what the name's ending
        tells, or application/octet-stream. `cache_control`: given back with the file. `progress` is
        called with the bytes sent so far and all of them. Raises ArgumentError, OSError;
        ForbiddenError (media-size-overflow, media-not-supported). (methods/media/putMediaMediaName)
        """
        path, _ = self._wire(Media.upload, locals(), _FILE)
        # A PUT stores the same however often it runs: the client repeats it if the content can be
        # read again. Its page does not say what an MB is: refused is what is too much either way.
        await self._client.upload(
            path,
            content,
            size=size,
            most=65 * 1024 * 1024,
            content_type=content_type
            or mimetypes.guess_type(name)[0]
            or "application/octet-stream",
            cache_control=cache_control,
            progress=progress,
        )

    def stream(
        self, name: str, *, progress: Progress | None = None
    ) -> AbstractAsyncContextManager[Download]:
        """A file as it comes: `async with client.media.stream(name) as file`, then
        `async for chunk in file`.

        `file.size` and `file.content_type` are known before the first chunk. `progress` is called
        with the bytes received so far and, if known, all of them. Raises ArgumentError,
        NotFoundError. (methods/media/getMediaMediaName)
        """
        path, _ = self._wire(Media.stream, locals(), _FILE)
        return self._client.download(path, progress=progress)

    async def download(
        self, name: str, path: str | os.PathLike[str], *, progress: Progress | None = None
    ) -> int:
        """Write a file to `path` when all of it has come, and give its size in bytes.

        `progress`: as for `stream`. Raises ArgumentError, NotFoundError, OSError.
        (methods/media/getMediaMediaName)
        """
        async with self.stream(name, progress=progress) as file:
            return await file.save(path)

    async def delete(self, name: str) -> None:
        """Delete a file. Raises NotFoundError. (methods/media/deleteMediaMediaName)"""
        await self._delete(Media.delete, locals(), _FILE)
