"""The verbs of BXML v1: everything that a reply can tell the platform to do with a call.

Ranges, defaults and nesting follow the platform's documentation; where it is silent, the
conservative reading is taken and said in a comment. A default that the platform applies by itself
is not written, so None means "as the platform does it".
"""

from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias, final

from pydantic import Field

from callbackkit.addresses import E164
from callbackkit.bxml import (
    CallbackUrl,
    Content,
    Document,
    Element,
    MediaUrl,
    Pattern,
    Verb,
    element,
    elements_in,
    verb_error,
)
from callbackkit.errors import VerbError
from callbackkit.v1.voices import VOICES, Gender, Locale, Voice

_FileFormat: TypeAlias = Literal["wav", "mp3"]
_DiversionTreatment: TypeAlias = Literal["none", "propagate", "stack"]
_DiversionReason: TypeAlias = Literal[
    "unknown",
    "user-busy",
    "no-answer",
    "unavailable",
    "unconditional",
    "time-of-day",
    "do-not-disturb",
    "deflection",
    "follow-me",
    "out-of-service",
    "away",
]

_SPEAKS = {
    voice: frozenset((gender, locale) for locale in (*locales, None))
    for voice, (gender, locales) in VOICES.items()
}

# How many phones one Transfer can ring (bxml/verbs/transfer).
_MOST_DESTINATIONS = 7

# Where the documentation names no maximum, a number still has to fit a 32-bit integer.
_MOST = 2_147_483_647
# Timeouts have no documented minimum; the Java SDK refuses 0, so 1 is the least.
_Milliseconds = Annotated[int, Field(ge=1, le=_MOST)]
_Volume = Annotated[int, Field(ge=-4, le=4)]
_NonEmpty = Annotated[str, Pattern("(?s:.+)", "must not be empty")]
_Destination = Annotated[
    str,
    # Anything else completes the call and hangs it up (bxml/verbs/transfer).
    Pattern(
        rf"{E164}|(?i:sip):[^\s]+",
        "must be a number in E.164 such as '+19195551212', or a URI that starts with sip:",
    ),
]


@final
@element
class SpeakSentence(Verb):
    """Speaks a text to the call.

    As the last verb of a document the call is cut 30 seconds later.

    Parameters:
        text: what to say. Always spoken as it is, never read as markup. May be empty, as text from
            outside may turn out to be: then nothing is said.
        voice: the speaker. Given alone it brings its gender, and its locale if it has only one.
        gender: "female" or "male"; the platform's default is "female".
        locale: the language; the platform's default is "en_US".
        volume: from -4 to 4; the platform's default is 0.

    Raises:
        VerbError: a value out of its range, or a voice that doesn't fit the gender or the locale.

    Source: bxml/verbs/speakSentence
    """

    docs: ClassVar[str] = "bxml/verbs/speakSentence"

    text: str = field(kw_only=False)
    gender: Gender | None = None
    locale: Locale | None = None
    voice: Voice | None = None
    volume: _Volume | None = None

    @staticmethod
    def _complete(given: dict[str, Any]) -> None:
        voice = given.get("voice")
        if isinstance(voice, str) and voice in VOICES:
            gender, locales = VOICES[voice]
            if given.get("gender") is None:
                given["gender"] = gender
            if len(locales) == 1 and given.get("locale") is None:
                given["locale"] = locales[0]

    def _check(self) -> None:
        voice = self.voice
        if voice is None or (self.gender, self.locale) in _SPEAKS[voice]:
            return
        gender, locales = VOICES[voice]
        if self.gender != gender:
            rule = f"is a {gender} voice, so gender can't be {self.gender!r}"
        else:
            speaks = " or ".join(repr(locale) for locale in locales)
            rule = f"speaks locale {speaks}, not {self.locale!r}"
        raise verb_error(SpeakSentence, "voice", voice, rule)


@final
@element
class PlayAudio(Verb):
    """Plays a .wav or .mp3 file to the call.

    As the last verb of a document the call is cut 30 seconds later.

    Parameters:
        url: the file's absolute http(s) URL; `callback.url("/file.mp3")` for one that the host
            serves next to the app.
        volume: from -4 to 4; the platform's default is 0.
        repeat_count: how often to play it, 1 to 30 times; the platform's default is 1.
        delay_before_repeat: seconds to wait for digits after each play, the last one included, 0 to
            60; the platform's default is 0. Only inside a Gather and with a repeat_count over 1.

    Raises:
        VerbError: a value out of its range, or a delay without a repetition.

    Source: bxml/verbs/playAudio
    """

    docs: ClassVar[str] = "bxml/verbs/playAudio"

    url: MediaUrl = field(kw_only=False)
    volume: _Volume | None = None
    repeat_count: Annotated[int, Field(ge=1, le=30)] | None = None
    delay_before_repeat: Annotated[int, Field(ge=0, le=60)] | None = None

    def _check(self) -> None:
        if self.delay_before_repeat is not None and (self.repeat_count or 1) == 1:
            raise verb_error(
                PlayAudio,
                "delay_before_repeat",
                self.delay_before_repeat,
                "needs a repeat_count of at least 2",
            )


@final
@element
class Pause(Verb):
    """Waits in silence.

    Parameters:
        length: seconds, 0 to 3600; the platform's default is 1.

    Raises:
        VerbError: a length out of its range.

    Source: bxml/verbs/pause
    """

    docs: ClassVar[str] = "bxml/verbs/pause"

    length: Annotated[int, Field(ge=0, le=3600)] | None = None


@final
@element
class SendDtmf(Verb):
    """Presses keys on the call.

    As the last verb of a document the call is cut 30 seconds later.

    Parameters:
        digits: 1 to 92 of 0-9, * and #, with pauses: "," and "w" are half a second, "W" is one.

    Raises:
        VerbError: another key, none, or more than 92.

    Source: bxml/verbs/sendDtmf
    """

    docs: ClassVar[str] = "bxml/verbs/sendDtmf"

    # A-D are named for the REST API only, so they are refused here.
    digits: Annotated[
        str, Pattern("[0-9*#,wW]{1,92}", "must be 1 to 92 of the keys 0-9 * # , w W")
    ] = field(kw_only=False)


@final
@element
class Hangup(Verb):
    """Ends the call. Verbs after it don't run.

    Source: bxml/verbs/hangup
    """

    docs: ClassVar[str] = "bxml/verbs/hangup"


@final
@element
class Redirect(Verb):
    """Fetches the next document from another URL. Verbs after it don't run.

    Parameters:
        request_url: receives the redirect event by GET and answers with BXML. Absolute, or a path
            of this app that starts with one "/".
        request_url_timeout: milliseconds to wait for that answer, at least 1. The documentation
            demands the attribute, so it is always written: 10000 if not given.

    Raises:
        VerbError: no URL, one of another form, or a timeout out of its range.

    Source: bxml/verbs/redirect
    """

    docs: ClassVar[str] = "bxml/verbs/redirect"

    request_url: CallbackUrl
    request_url_timeout: _Milliseconds = 10_000


@final
@element
class Record(Verb):
    """Records the call: the caller until silence or a key, or both sides inside a Transfer.

    Parameters:
        request_url: receives the recording event by GET. Absolute, or a path of this app that
            starts with one "/".
        request_url_timeout: milliseconds to wait for its answer, at least 1.
        file_format: "wav" or "mp3"; the platform's default is "wav".
        transcribe: whether to turn the speech into text; needs "wav" and transcribe_callback_url.
        transcribe_callback_url: receives the transcription event by POST; of the same forms.
        multi_channel: whether to keep the two sides on channels of their own; ignored outside a
            Transfer.
        max_duration: seconds, 1 to 3600; the platform's default is 60. Ignored inside a Transfer.
        silence_timeout: seconds of silence that end it, 1 to 60; the platform's default is 3.
        silence_threshold: what counts as silence, at least 0; the platform's default is 100. To be
            raised where there is noise, else left alone.
        terminating_digits: the one key of 0-9, * and # that ends it; none by default. Ignored
            inside a Transfer.

    Raises:
        VerbError: a value out of its range, or a transcription that is impossible.

    Source: bxml/verbs/record
    """

    docs: ClassVar[str] = "bxml/verbs/record"

    request_url: CallbackUrl | None = None
    request_url_timeout: _Milliseconds | None = None
    file_format: _FileFormat | None = None
    transcribe: bool | None = None
    transcribe_callback_url: CallbackUrl | None = None
    multi_channel: bool | None = None
    # No minimum is documented for these three; below it the values would mean nothing.
    max_duration: Annotated[int, Field(ge=1, le=3600)] | None = None
    silence_timeout: Annotated[int, Field(ge=1, le=60)] | None = None
    silence_threshold: Annotated[int, Field(ge=0, le=_MOST)] | None = None
    # Older pages took several keys; the last revision takes one.
    terminating_digits: (
        Annotated[str, Pattern("[0-9*#]", "must be exactly one of the keys 0-9 * #")] | None
    ) = None

    def _check(self) -> None:
        if not self.transcribe:
            return
        if self.file_format == "mp3":
            raise verb_error(Record, "transcribe", True, "needs the file_format 'wav', not 'mp3'")
        if self.transcribe_callback_url is None:
            raise verb_error(Record, "transcribe", True, "needs a transcribe_callback_url")


@final
@element
class PhoneNumber(Element):
    """One more destination of a Transfer. All ring together and the first to answer wins.

    Parameters:
        number: a number in E.164 ("+19195551212"), or a URI that starts with "sip:".

    Raises:
        VerbError: neither of them; the platform would hang up the call.

    Source: bxml/verbs/transfer
    """

    docs: ClassVar[str] = "bxml/verbs/transfer"

    number: _Destination = field(kw_only=False)


def _refuse_delays(parent: type[Element], children: Sequence[Element]) -> None:
    # The rule depends on the parent, so the parents that can't wait for digits enforce it.
    for child in children:
        if type(child) is PlayAudio and child.delay_before_repeat is not None:
            raise VerbError(
                f"{parent.__name__} can't hold PlayAudio with "
                f"delay_before_repeat={child.delay_before_repeat}: only a Gather waits for digits "
                f"between plays ({PlayAudio.docs})"
            )


@final
@element
class Gather(Verb):
    """Collects digits that the caller presses, while its children are played.

    The digits are sent as a gather event, whose answer goes on with the call if the Gather is the
    last verb of its document; otherwise the next verb starts at once and the answer is lost.
    Without a new document within 30 seconds the call is hung up.

    With no digit at all, "the verb fails and the next verb runs". That contradicts the advice to
    put it last, where no verb is next, and nothing says whether an event without digits is sent:
    have a handler for one, and expect the call to end without it.

    Parameters:
        content: what is played until the first key: any number of SpeakSentence, or one PlayAudio.
        request_url: receives the gather event by GET and answers with BXML. Absolute, or a path of
            this app that starts with one "/". Without it the digits go nowhere (see `lint`).
        request_url_timeout: milliseconds to wait for that answer, at least 1; the platform's
            default is 30000.
        terminating_digits: the keys that end the input; the platform's default is "#". Not empty.
        max_digits: how many keys end the input, at least 1; the platform's default is 128.
        inter_digit_timeout: seconds to wait for the first and for each next key, at least 1; the
            platform's default is 5.
        bargeable: deprecated, always true on the platform.
        tag: text that comes back in the gather event.

    Raises:
        VerbError: a value out of its range, or children of both kinds.

    Source: bxml/verbs/gather
    """

    docs: ClassVar[str] = "bxml/verbs/gather"

    content: Annotated[
        SpeakSentence | PlayAudio | Sequence[SpeakSentence] | Sequence[PlayAudio], Content
    ] = field(default=(), kw_only=False)
    # Called required, and said to be missing at times, on the same page: so a lint error.
    request_url: CallbackUrl | None = None
    request_url_timeout: _Milliseconds | None = None
    terminating_digits: (
        Annotated[str, Pattern("[0-9*#]+", "must be one or more of the keys 0-9 * #")] | None
    ) = None
    max_digits: Annotated[int, Field(ge=1, le=_MOST)] | None = None
    inter_digit_timeout: Annotated[int, Field(ge=1, le=_MOST)] | None = None
    bargeable: bool | None = None
    tag: str | None = None

    @property
    def children(self) -> tuple[SpeakSentence | PlayAudio, ...]:
        """The verbs that are played, in order."""
        return self.content  # type: ignore[return-value]  # always stored as a tuple

    def _check(self) -> None:
        children = self.children
        if len(children) > 1 and any(type(child) is PlayAudio for child in children):
            raise VerbError(
                "Gather can't hold PlayAudio next to another child: "
                f"it takes several SpeakSentence or one PlayAudio ({self.docs})"
            )


@final
@element
class Transfer(Verb):
    """Connects the call to one of up to 7 phones, which ring together; the first to answer wins.

    The children that play are heard by the callee before the two are connected. When the callee
    hangs up, so does the platform: the verbs after a Transfer run only if nobody answered in time.

    Parameters:
        content: further destinations, what the callee hears first, and a recording of both sides.
        transfer_to: a destination, in E.164 ("+19195551212") or a URI that starts with "sip:".
        transfer_caller_id: what the callee sees: a number of the account, by default the caller's.
            Accounts with impersonation may send any text, such as "private".
        call_timeout: seconds to ring, 0 to 300; the platform's default is 60.
        request_url: receives the transferComplete event by GET. Absolute, or a path of this app
            that starts with one "/".
        request_url_timeout: milliseconds to wait for its answer, at least 1.
        tag: text that comes back in the events of the transfer.
        diversion_treatment: the SIP Diversion header of the new leg: "none" sends none, "propagate"
            copies it, "stack" copies it and adds one; the platform's default is "none".
        diversion_reason: the reason of the added one; only with "stack".

    Raises:
        VerbError: no destination, more than 7, or a value out of its range.

    Source: bxml/verbs/transfer
    """

    docs: ClassVar[str] = "bxml/verbs/transfer"

    content: Annotated[
        PhoneNumber
        | SpeakSentence
        | PlayAudio
        | Record
        | Sequence[PhoneNumber | SpeakSentence | PlayAudio | Record],
        Content,
    ] = field(default=(), kw_only=False)
    transfer_to: _Destination | None = None
    transfer_caller_id: _NonEmpty | None = None
    call_timeout: Annotated[int, Field(ge=0, le=300)] | None = None
    request_url: CallbackUrl | None = None
    request_url_timeout: _Milliseconds | None = None
    tag: str | None = None
    diversion_treatment: _DiversionTreatment | None = None
    diversion_reason: _DiversionReason | None = None

    @property
    def children(self) -> tuple[PhoneNumber | SpeakSentence | PlayAudio | Record, ...]:
        """The destinations and verbs inside, in order."""
        return self.content  # type: ignore[return-value]  # always stored as a tuple

    def _check(self) -> None:
        count = sum(type(child) is PhoneNumber for child in self.children)
        count += self.transfer_to is not None
        if count == 0:
            raise VerbError(
                f"Transfer needs a destination: give transfer_to or a PhoneNumber ({self.docs})"
            )
        if count > _MOST_DESTINATIONS:
            raise VerbError(
                f"Transfer has {count} destinations: at most {_MOST_DESTINATIONS} can ring, "
                f"transfer_to included ({self.docs})"
            )
        if self.diversion_reason is not None and self.diversion_treatment != "stack":
            raise verb_error(
                Transfer,
                "diversion_reason",
                self.diversion_reason,
                "needs diversion_treatment='stack'",
            )
        _refuse_delays(Transfer, self.children)


@final
@element
class Response(Document):
    """A whole reply: the verbs that the platform runs from top to bottom.

    Parameters:
        content: one verb or a sequence of verbs. None at all leaves the caller in silence (see
            `lint`).

    Raises:
        VerbError: anything that may not stand in a document.

    Source: bxml/bxml
    """

    docs: ClassVar[str] = "bxml/bxml"
    # "16 KB": bytes or characters isn't said, nor which KB; bytes of UTF-8 is the smaller reading
    # that a document of 16 KiB still passes.
    max_size: ClassVar[int] = 16_384

    content: Annotated[Verb | Sequence[Verb], Content] = field(default=(), kw_only=False)

    @property
    def children(self) -> tuple[Verb, ...]:
        """The verbs, in order."""
        return self.content  # type: ignore[return-value]  # always stored as a tuple

    def _check(self) -> None:
        _refuse_delays(Response, self.children)


VOCABULARY = elements_in(globals())
"""Every element of BXML v1 by its name in XML."""

# Type checkers see every public class that is declared here.
if not TYPE_CHECKING:
    __all__ = [*VOCABULARY]  # noqa: PLE0604 (texts)
