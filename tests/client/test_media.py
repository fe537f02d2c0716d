"""Files: any source and target, in constant memory, whole or not at all."""

import asyncio
import hashlib
import io
import os
import tracemalloc
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from callbackkit.client import RestClient, segment
from callbackkit.errors import (
    ApiConnectionError,
    ArgumentError,
    ForbiddenError,
    NotFoundError,
)

pytestmark = pytest.mark.anyio

Make = Callable[..., RestClient]

MB = 1024 * 1024
WAV = bytes(range(256)) * 3000  # more than one piece


async def pieces(content: bytes = WAV, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        await asyncio.sleep(0)
        yield content[start : start + size]


class Pipe(io.RawIOBase):
    """A file that can't go back."""

    def __init__(self, content: bytes) -> None:
        self.content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self.content.readinto(buffer)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("kind", ["bytes", "path", "str", "file", "bytesio", "iterator", "pipe"])
async def test_each_kind_of_content_is_uploaded(
    kind: str, server: Any, say: Any, make: Make, tmp_path: Path
) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(WAV)
    server.says(say.reply(200))
    seen: list[tuple[int, int | None]] = []
    size = len(WAV) if kind in ("iterator", "pipe") else None
    with path.open("rb") as file:
        content: Any = {
            "bytes": WAV,
            "path": path,
            "str": str(path),
            "file": file,
            "bytesio": io.BytesIO(WAV),
            "iterator": pieces(),
            "pipe": Pipe(WAV),
        }[kind]
        async with make() as client:
            await client.upload(
                "/media/a.wav",
                content,
                size=size,
                content_type="audio/wav",
                cache_control="no-cache",
                progress=lambda done, total: seen.append((done, total)),
            )
    request = server.requests[0]
    assert (request.method, request.target) == ("PUT", "/v1/media/a.wav")
    assert (request.size, request.digest) == (len(WAV), digest(WAV))
    assert request.headers["content-type"] == "audio/wav"
    assert request.headers["cache-control"] == "no-cache"
    assert "transfer-encoding" not in request.headers
    assert seen[-1] == (len(WAV), len(WAV))
    assert seen == sorted(seen)
    assert len(seen) > 1


@pytest.mark.parametrize("content", [b"", io.BytesIO()])
async def test_an_empty_file_is_uploaded_with_length_zero(
    content: Any, server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(200))
    async with make() as client:
        await client.upload("/media/a", content)
    assert server.requests[0].headers["content-length"] == "0"


@pytest.mark.parametrize(
    "name",
    ["a b.wav", "ä/ö?x=1#y&z%41.wav", "+1 (919)", "..a", "~-_.", "a;b,c:d@e=f!$'()*", "\\", "😀"],
)
async def test_names_come_through(name: str, server: Any, say: Any, make: Make) -> None:
    server.says(say.reply(200))
    async with make() as client:
        await client.upload(f"/media/{segment(name)}", b"x")
        await client.call("DELETE", f"/media/{segment(name)}", repeatable=True)
    for request in server.requests:
        last = request.target.removeprefix("/v1/media/")
        assert "/" not in last
        assert unquote(last) == name


@pytest.mark.parametrize("name", ["", ".", "..", "\ud800"])
def test_names_that_would_name_something_else(name: str) -> None:
    with pytest.raises(ArgumentError):
        segment(name)


@pytest.mark.parametrize(
    ("content", "size", "says"),
    [
        (pieces(b"x"), None, "size= is needed"),
        (Pipe(b"x"), None, "size= is needed"),
        (io.StringIO("x"), None, 'mode "rb"'),
        (b"xyz", 4, "has 3 bytes"),
        (12, None, "int can't be uploaded"),
    ],
)
async def test_other_kinds_of_content_are_refused(
    content: Any, size: int | None, says: str, server: Any, make: Make
) -> None:
    async with make() as client:
        with pytest.raises(ArgumentError, match=says):
            await client.upload("/media/a", content, size=size)
        with pytest.raises(OSError, match="no-such-file"):
            await client.upload("/media/a", Path("no-such-file"))
        with pytest.raises(ArgumentError, match="printable"):
            await client.upload("/media/a", b"", content_type="audio/wav\r\nx: y")
    assert server.requests == []


@pytest.mark.parametrize("size", [len(WAV) - 1, len(WAV) + 1])
async def test_an_iterator_that_lied_about_its_size(
    size: int, server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(200))
    async with make(timeout=2) as client:
        with pytest.raises(ArgumentError, match="bytes"):
            await client.upload("/media/a", pieces(), size=size)
    assert server.requests == []


class OwnError(Exception):
    pass


@pytest.mark.parametrize("error", [OwnError("mine"), OSError(5, "the disk is broken")])
async def test_an_error_of_the_source_stays_itself(
    error: Exception, server: Any, say: Any, make: Make
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 1000
        raise error

    server.says(say.reply(200))
    async with make(timeout=2) as client:
        with pytest.raises(type(error)) as caught:
            await client.upload("/media/a", broken(), size=2000)
    assert caught.value is error
    assert server.requests == []


async def test_an_upload_is_repeated_from_its_start(
    server: Any, say: Any, make: Make, tmp_path: Path
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"skip" + WAV)
    server.says(say.reply(429), say.cut(), say.reply(200))
    with path.open("rb") as file:
        file.seek(4)
        async with make() as client:
            await client.upload("/media/a", file)
    assert [request.digest for request in server.requests] == [digest(WAV)] * 3


async def test_content_that_can_be_read_once_is_sent_once(
    server: Any, say: Any, make: Make
) -> None:
    server.says(say.cut(), say.reply(200))
    async with make() as client:
        with pytest.raises(ApiConnectionError):
            await client.upload("/media/a", pieces(), size=len(WAV))
    assert len(server.requests) == 1


async def test_a_refusal_in_the_middle_of_an_upload(server: Any, say: Any, make: Make) -> None:
    async def too_big(request: Any, connection: Any) -> None:
        await say.reply(403, {"code": "media-size-overflow"})(request, connection)

    server.says(too_big)
    async with make() as client:
        with pytest.raises(ForbiddenError) as caught:
            await client.upload("/media/a", WAV)
    assert caught.value.code == "media-size-overflow"


# Downloads


async def test_ways_to_take_a_download(server: Any, say: Any, make: Make, tmp_path: Path) -> None:
    server.says(say.reply(200, WAV, content_type="audio/wav"))
    seen: list[tuple[int, int | None]] = []
    async with make() as client:
        async with client.download("/media/a", progress=lambda *both: seen.append(both)) as file:
            assert (file.size, file.content_type) == (len(WAV), "audio/wav")
            assert b"".join([chunk async for chunk in file]) == WAV
        assert seen[-1] == (len(WAV), len(WAV))
        async with client.download("/media/a") as file:
            assert await file.read() == WAV
        target = tmp_path / "a.wav"
        target.write_bytes(b"old")
        async with client.download("/media/a") as file:
            assert await file.save(target) == len(WAV)
    assert target.read_bytes() == WAV
    assert os.listdir(tmp_path) == ["a.wav"]


async def test_a_download_without_a_length(server: Any, say: Any, make: Make) -> None:
    server.says(say.cut(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc"))
    async with make() as client, client.download("/media/a") as file:
        assert file.size is None
        assert await file.read() == b"abc"


async def test_a_download_that_breaks_off_leaves_no_file(
    server: Any, say: Any, make: Make, tmp_path: Path
) -> None:
    target = tmp_path / "a.wav"
    target.write_bytes(b"old")
    server.says(say.cut(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\nabc"))
    async with make() as client:
        with pytest.raises(ApiConnectionError):
            async with client.download("/media/a") as file:
                await file.save(target)
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.wav"]


async def test_a_download_is_retried_until_it_begins(server: Any, say: Any, make: Make) -> None:
    server.says(say.cut(), say.reply(503), say.reply(200, b"abc"))
    async with make() as client, client.download("/media/a") as file:
        assert await file.read() == b"abc"
    assert len(server.requests) == 3


async def test_a_download_of_nothing(server: Any, say: Any, make: Make) -> None:
    server.says(say.reply(404, {"code": "media-not-found"}))
    async with make() as client:
        with pytest.raises(NotFoundError):
            async with client.download("/media/a"):
                pass


async def test_a_download_nobody_reads_gives_its_connection_back(
    server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(200, WAV), say.reply(200, WAV), say.reply(200, b"{}"))
    async with make(connections=1) as client:
        async with client.download("/media/a"):
            pass
        async with client.download("/media/a") as file:
            async for _ in file:
                break
        assert (await client.call("GET", "/b", repeatable=True)).json() == {}


# Memory: what an upload or download of 65 MB, the platform's limit, needs at its peak.

SIZE = 65 * MB
PEAK = 8 * MB


@pytest.fixture
def peak() -> Any:
    tracemalloc.start()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    yield lambda: tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()


@pytest.mark.parametrize("kind", ["path", "iterator"])
async def test_65_mb_go_up_in_constant_memory(
    kind: str, server: Any, say: Any, make: Make, tmp_path: Path, peak: Any
) -> None:
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(SIZE)

    async def zeros() -> AsyncIterator[bytes]:
        for _ in range(65):
            yield bytes(MB)

    server.says(say.reply(200))
    async with make() as client:
        if kind == "path":
            await client.upload("/media/big", path)
        else:
            await client.upload("/media/big", zeros(), size=SIZE)
    assert server.requests[0].size == SIZE
    assert peak() < PEAK


@pytest.mark.parametrize("kind", ["path", "iterator"])
async def test_65_mb_come_down_in_constant_memory(
    kind: str, server: Any, make: Make, tmp_path: Path, peak: Any
) -> None:
    async def big(request: Any, connection: Any) -> None:
        await connection.raw(f"HTTP/1.1 200 OK\r\ncontent-length: {SIZE}\r\n\r\n".encode())
        for _ in range(65 * 4):
            await connection.raw(bytes(MB // 4))

    server.says(big)
    async with make() as client, client.download("/media/big") as file:
        if kind == "path":
            assert await file.save(tmp_path / "big") == SIZE
        else:
            assert sum([len(chunk) async for chunk in file]) == SIZE
    assert peak() < PEAK
