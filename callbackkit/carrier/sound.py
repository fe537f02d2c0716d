"""Sound files: silence of an exact length as a real WAV or MP3 that takes no memory, the length of
a file, and recordings."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

FileFormat: TypeAlias = Literal["wav", "mp3"]

RATE = 8000  # samples a second, as telephones have them

_CHUNK = 64 * 1024
# A frame of MPEG 2.5 layer III with 8 kbit/s and 8000 Hz, mono, whose granules are empty: 576
# samples in 72 bytes. Decoders play it as silence.
_MP3_FRAME = bytes((0xFF, 0xE3, 0x18, 0xC4)) + bytes(68)
_MP3_SAMPLES = 576


@dataclass(frozen=True, slots=True)
class Silence:
    """A file of silence. `channels` is 1 or 2, and only WAV has two."""

    seconds: float
    file_format: FileFormat = "wav"
    channels: int = 1

    @property
    def content_type(self) -> str:
        return "audio/wav" if self.file_format == "wav" else "audio/mpeg"

    @property
    def samples(self) -> int:
        return max(0, round(self.seconds * RATE))

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        if self.file_format == "mp3":
            return len(_MP3_FRAME) * -(-self.samples // _MP3_SAMPLES)
        return 44 + self.samples * self.channels

    def chunks(self) -> Iterator[bytes]:
        """Yield the file, a piece at a time."""
        if self.file_format == "mp3":
            left, filling = self.size, _MP3_FRAME * (_CHUNK // len(_MP3_FRAME))
        else:
            left, filling = self.samples * self.channels, b"\x80" * _CHUNK
            yield _wav_header(left, self.channels)
        while left > 0:
            yield filling[:left]
            left -= len(filling)


@dataclass(slots=True, eq=False)
class Recording:
    """A recording of a call. `start` and `end` are seconds of the carrier's clock.

    `subject` is the id of the call, `file` the name that its file will have.
    """

    id: str
    subject: str
    start: float
    file: str
    file_format: FileFormat = "wav"
    channels: int = 1
    end: float | None = None
    state: Literal["recording", "saving", "complete", "error"] = "recording"
    transcript: str = ""
    """The speech in it as text."""

    @property
    def duration(self) -> float:
        """Seconds; 0 until it has ended."""
        return 0.0 if self.end is None else self.end - self.start

    def hear(self, text: str) -> None:
        """Add speech to it."""
        self.transcript = f"{self.transcript} {text}".strip()


def _wav_header(size: int, channels: int) -> bytes:
    form = struct.pack("<HHIIHH", 1, channels, RATE, RATE * channels, channels, 8)
    return b"".join(
        (
            b"RIFF" + struct.pack("<I", (36 + size) & 0xFFFFFFFF) + b"WAVE",
            b"fmt " + struct.pack("<I", len(form)) + form,
            b"data" + struct.pack("<I", size & 0xFFFFFFFF),
        )
    )


def seconds_of(content: bytes, size: int | None = None) -> float | None:
    """Return the seconds of a WAV file of any encoding; None for anything else.

    `size` is the bytes of the whole file where `content` is only its beginning. The header is
    believed up to that: a program that writes to a pipe leaves a placeholder of gigabytes in it.
    """
    whole = len(content) if size is None else size
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        return None
    place, bytes_a_second = 12, 0
    while place + 8 <= len(content):
        name, length = struct.unpack_from("<4sI", content, place)
        if name == b"fmt ":
            bytes_a_second = int.from_bytes(content[place + 16 : place + 20], "little")
        elif name == b"data":
            length = min(length, max(0, whole - place - 8))
            return float(length / bytes_a_second) if bytes_a_second else None
        place += 8 + length + length % 2
    return None
