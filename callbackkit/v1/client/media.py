"""Media: the files of the account, such as recordings and what an MMS shows."""

import mimetypes
import os
from contextlib import AbstractAsyncContextManager

from callbackkit.client import Content, Download, Pages, Progress, Resource
from callbackkit.errors import ArgumentError
from callbackkit.v1.resources import media as api


class Media(Resource):
    """client.media"""

    def list(self) -> Pages[api.MediaFile]:
        """Return all files. (methods/media/getMedia)"""
        return self._pages(api.LIST)

    async def upload(
        self,
        name: str,
        content: Content,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
        size: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Store a file of 65 MB at most under a name; one that has the name is replaced.

        `content`: bytes, the path of a file, a file opened in binary mode, or an async iterator of
        bytes, which takes `size` in bytes too. `content_type`: printable ASCII, by default from the
        name's ending, or application/octet-stream. `cache_control`: printable ASCII, sent back with
        the file. `progress` is called with the bytes sent so far and all of them. Raises
        ArgumentError, OSError; ForbiddenError (media-size-overflow, media-not-supported).
        (methods/media/putMediaMediaName)
        """
        path = self._path(api.UPLOAD, name)
        for argument, value in (("content_type", content_type), ("cache_control", cache_control)):
            if value is not None and not (value.isascii() and value.isprintable()):
                raise ArgumentError(f"media.upload: {argument} is printable ASCII.")
        # A PUT stores the same however often it runs: it is repeated if the content can be read
        # again.
        await self._client.upload(
            path,
            content,
            size=size,
            most=api.MOST,
            content_type=content_type
            or mimetypes.guess_type(name)[0]
            or "application/octet-stream",
            cache_control=cache_control,
            progress=progress,
        )

    def stream(
        self, name: str, *, progress: Progress | None = None
    ) -> AbstractAsyncContextManager[Download]:
        """Open a file to read it as it comes: `async with client.media.stream(name) as file`, then
        `async for chunk in file`.

        `file.size` and `file.content_type` are known before the first chunk. `progress` is called
        with the bytes received so far and, if known, all of them. Raises ArgumentError,
        NotFoundError. (methods/media/getMediaMediaName)
        """
        return self._client.download(self._path(api.DOWNLOAD, name), progress=progress)

    async def download(
        self, name: str, path: str | os.PathLike[str], *, progress: Progress | None = None
    ) -> int:
        """Write a file to `path` when all of it has come, and return its size in bytes.

        `progress`: as for `stream`. Raises ArgumentError, NotFoundError, OSError.
        (methods/media/getMediaMediaName)
        """
        async with self.stream(name, progress=progress) as file:
            return await file.save(path)

    async def delete(self, name: str) -> None:
        """Delete a file. Raises NotFoundError. (methods/media/deleteMediaMediaName)"""
        await self._send(api.DELETE, name)
