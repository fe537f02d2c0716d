"""Sound files that are made on the fly: real ones, of the right length, in no memory."""

import io
import struct
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbackkit.carrier.sound import Silence, seconds_of


def content(sound: Silence) -> bytes:
    return b"".join(sound.chunks())


@pytest.mark.parametrize("seconds", [0, 0.5, 1, 12.34, 65.6, 600])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_silent_wav_has_its_format_and_length(seconds: float, channels: int) -> None:
    sound = Silence(seconds, "wav", channels)
    data = content(sound)
    assert (len(data), sound.content_type) == (sound.size, "audio/wav")
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (channels, 1)
        assert file.getframerate() == 8000
        assert file.getnframes() == sound.samples == round(seconds * 8000)
        assert set(file.readframes(sound.samples)) <= {0x80}  # the middle of unsigned samples
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    assert seconds_of(data) == pytest.approx(seconds, abs=1 / 8000)


@pytest.mark.parametrize("seconds", [0, 0.072, 0.073, 1, 12.34, 3600])
def test_an_mp3_has_whole_frames_of_silence(seconds: float) -> None:
    sound = Silence(seconds, "mp3")
    data = content(sound)
    assert (len(data), sound.content_type) == (sound.size, "audio/mpeg")
    frames = [data[place : place + 72] for place in range(0, len(data), 72)]
    assert len(set(frames)) <= 1
    for frame in frames[:1]:
        header = int.from_bytes(frame[:4], "big")
        assert header >> 21 == 0x7FF  # where a frame begins
        assert header >> 19 & 3 == 0  # MPEG 2.5
        assert header >> 17 & 3 == 1  # layer III
        assert header >> 12 & 15 == 1  # 8 kbit/s
        assert header >> 10 & 3 == 2  # 8000 Hz
        assert header >> 9 & 1 == 0  # no padding, so 72 * 8000 / 8000 bytes
        assert header >> 6 & 3 == 3  # mono
        assert len(frame) == 72
        assert not any(frame[4:])
    # 576 samples a frame, and none of the sound is missing.
    assert seconds <= len(frames) * 576 / 8000 < seconds + 576 / 8000 + 1e-9


def test_a_long_file_comes_in_pieces() -> None:
    for file_format in ("wav", "mp3"):
        sizes = [len(chunk) for chunk in Silence(3600, file_format).chunks()]
        assert max(sizes) <= 64 * 1024


@given(st.floats(0, 500), st.sampled_from(["wav", "mp3"]), st.sampled_from([1, 2]))
def test_the_size_is_known_before_it_is_made(
    seconds: float, file_format: str, channels: int
) -> None:
    sound = Silence(seconds, file_format, channels)
    assert len(content(sound)) == sound.size


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


PCM = struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)
MU_LAW = struct.pack("<HHIIHHH", 7, 1, 8000, 8000, 1, 8, 0)
STEREO = struct.pack("<HHIIHH", 1, 2, 44100, 176400, 4, 16)


@pytest.mark.parametrize(
    ("data", "seconds"),
    [
        (riff((b"fmt ", PCM), (b"data", bytes(4000))), 0.5),
        (riff((b"fmt ", MU_LAW), (b"fact", bytes(4)), (b"data", bytes(8000))), 1),
        (riff((b"LIST", b"odd"), (b"fmt ", STEREO), (b"data", bytes(176400))), 1),
        (riff((b"fmt ", PCM), (b"data", b"")), 0),
        (riff((b"fmt ", PCM), (b"data", bytes(8000)))[:60], 16 / 8000),  # all that came
    ],
)
def test_how_long_a_wav_lasts(data: bytes, seconds: float) -> None:
    assert seconds_of(data) == seconds


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"ID3\x04 an mp3",
        riff(),
        riff((b"fmt ", PCM)),
        riff((b"data", bytes(100))),
        riff((b"fmt ", bytes(16)), (b"data", bytes(100))),
        riff((b"fmt ", PCM), (b"data", bytes(8)))[:36],
        riff((b"fmt ", PCM)).replace(b"WAVE", b"AVI "),
    ],
)
def test_other_bytes_than_wav_have_no_length(data: bytes) -> None:
    assert seconds_of(data) is None


@given(st.binary(max_size=200))
def test_garbage_is_never_an_error(data: bytes) -> None:
    for content in (data, b"RIFF\0\0\0\0WAVE" + data, riff((b"fmt ", data), (b"data", data))):
        seconds = seconds_of(content)
        assert seconds is None or seconds >= 0


def wav(encoding: int, bits: int, rate: int, written: int, data: bytes) -> bytes:
    """A WAV whose header claims `written` bytes of sound."""
    form = struct.pack("<HHIIHH", encoding, 1, rate, rate * bits // 8, bits // 8, bits)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", written)
    return b"RIFF" + struct.pack("<I", 0xFFFFFFFF) + b"WAVE" + chunks + data


# As espeak-ng, ffmpeg and sox leave it when they write to a pipe.
@pytest.mark.parametrize("placeholder", [0x7FFFF000, 0xFFFFFFFF, 0x7FFFFFDC, 0xFFFFFFFE])
@pytest.mark.parametrize(
    ("encoding", "bits", "rate"), [(1, 16, 22_050), (1, 8, 8000), (7, 8, 8000), (6, 8, 8000)]
)
def test_a_file_is_no_longer_than_the_bytes_that_came(
    placeholder: int, encoding: int, bits: int, rate: int
) -> None:
    data = bytes(rate * bits // 8 * 2)  # two seconds
    assert seconds_of(wav(encoding, bits, rate, placeholder, data)) == pytest.approx(2)
    assert seconds_of(wav(encoding, bits, rate, len(data), data)) == pytest.approx(2)


def test_the_length_of_a_file_is_known_by_its_beginning_and_size() -> None:
    file = wav(7, 8, 8000, 80_000, bytes(80_000))
    assert seconds_of(file[:1000], len(file)) == pytest.approx(10)
    assert seconds_of(wav(7, 8, 8000, 0xFFFFFFFF, b""), len(file)) == pytest.approx(10)
