"""Uploads and downloads, a piece at a time, so that files of any size fit."""

import asyncio
import io
import os
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO

from callbackkit.errors import ArgumentError

CHUNK = 256 * 1024  # bytes that are in memory at a time

Content = bytes | str | os.PathLike[str] | BinaryIO | AsyncIterable[bytes]
"""Content to upload: bytes, the path of a file, a file opened in binary mode, or an iterator."""
Progress = Callable[[int, int | None], object]
"""A function of the bytes transferred so far and their total, None if that is not known."""


class Source:
    """Content to upload, read from its start for each try where that is possible."""

    def __init__(self, content: Content, size: int | None, progress: Progress | None) -> None:
        self._content: Any = content
        self._progress = progress
        self._started = False
        self._start = 0
        self.error: Exception | None = None
        """The exception that reading the content ended with; transports replace it by their own."""
        if isinstance(content, bytes | bytearray | memoryview):
            self._content = bytes(content)
            self.size = len(self._content)
            self.restarts = True
        elif isinstance(content, str | os.PathLike):
            self._content = Path(content)
            self.size = self._content.stat().st_size
            self.restarts = True
        elif isinstance(content, AsyncIterable):
            if size is None:
                raise ArgumentError("size= is needed: the size of an iterator is not known")
            self.size = size
            self.restarts = False
        elif hasattr(content, "read"):
            if isinstance(content, io.TextIOBase):
                raise ArgumentError('the file is open as text: open it with mode "rb"')
            self._measure(content, size)
        else:
            raise ArgumentError(
                f"{type(content).__name__} can't be uploaded: give bytes, a path, a binary file or"
                " an async iterator of bytes"
            )
        if size is not None and size != self.size:
            raise ArgumentError(f"size={size}, but the content has {self.size} bytes")

    def _measure(self, file: BinaryIO, size: int | None) -> None:
        seekable = getattr(file, "seekable", None)
        self.restarts = bool(seekable and seekable())
        if self.restarts:
            self._start = file.tell()
            self.size = max(0, file.seek(0, os.SEEK_END) - self._start)
            file.seek(self._start)
        elif size is None:
            raise ArgumentError("size= is needed: the size of this file is not known")
        else:
            self.size = size

    @property
    def can_start(self) -> bool:
        return self.restarts or not self._started

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the content. Raises ArgumentError when it is shorter or longer than its size."""
        done = 0
        try:
            self._started = True
            async for chunk in self._pieces():
                done += len(chunk)
                if done > self.size:
                    raise ArgumentError(f"the content is longer than its {self.size} bytes")
                yield chunk
                if self._progress is not None:
                    self._progress(done, self.size)
            if done < self.size:
                raise ArgumentError(f"the content ends after {done} of its {self.size} bytes")
        except Exception as error:  # not a cancellation, by which a transport stops reading
            self.error = error
            raise

    async def _pieces(self) -> AsyncIterator[bytes]:
        content = self._content
        if isinstance(content, bytes):
            for start in range(0, len(content), CHUNK):
                yield content[start : start + CHUNK]
        elif isinstance(content, AsyncIterable):
            async for chunk in content:
                if chunk:  # an empty one would end the body where it is chunked
                    yield chunk
        elif isinstance(content, Path):
            file = await asyncio.to_thread(content.open, "rb")
            try:
                while chunk := await asyncio.to_thread(file.read, CHUNK):
                    yield chunk
            finally:
                file.close()
        else:
            if self.restarts:
                await asyncio.to_thread(content.seek, self._start)
            while chunk := await asyncio.to_thread(content.read, CHUNK):
                yield chunk


class Download:
    """A file that arrives: `async for chunk in download`, `await download.read()`, or
    `await download.save(path)`. It can be read once.

    `size` is in bytes, None if the platform doesn't send it; `content_type` likewise. Reading
    raises ApiConnectionError when the connection is lost.
    """

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        headers: Mapping[str, str],
        progress: Progress | None,
    ) -> None:
        self._chunks = chunks
        self._progress = progress
        self.headers = headers
        self.content_type = headers.get("content-type")
        length = headers.get("content-length", "")
        encoded = headers.get("content-encoding", "identity") != "identity"
        self.size = int(length) if length.isdecimal() and not encoded else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        done = 0
        async for chunk in self._chunks:
            done += len(chunk)
            yield chunk
            if self._progress is not None:
                self._progress(done, self.size)

    async def read(self) -> bytes:
        """Return the whole file. Raises ApiConnectionError."""
        return b"".join([chunk async for chunk in self])

    async def save(self, path: str | os.PathLike[str]) -> int:
        """Write the file to `path` and return its size in bytes.

        A file of that name is replaced once the whole download has arrived; one that fails leaves
        no file. Raises ApiConnectionError, OSError.
        """
        target = Path(path)
        part = target.with_name(f".{target.name[:100]}.{token_hex(8)}.part")
        done = 0
        try:
            with await asyncio.to_thread(part.open, "xb") as file:
                async for chunk in self:
                    await asyncio.to_thread(file.write, chunk)
                    done += len(chunk)
            await asyncio.to_thread(part.replace, target)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
        return done
