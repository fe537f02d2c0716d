"""Documents of verbs, written once for each library; all say the same."""

from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from callbackkit.v1 import (
    Gather,
    Hangup,
    Pause,
    PhoneNumber,
    PlayAudio,
    Record,
    Response,
    SendDtmf,
    SpeakSentence,
    Transfer,
)

BASE = "https://app.example.com"
_MUSIC = "https://media.example.com/hold/music.mp3"
_AGAIN = "Press 9 to hear this again."
_STORY = (
    "Thank you for calling Smith & Daughters, section {}. Our office is open on weekdays from nine"
    " to five, and on Saturdays until noon; please stay on the line while we find somebody for you."
    " This call may be recorded for training, and you may ask us at any time not to do so."
    " You called us from {}, is that right? We speak English, Spanish and some German here, and we"
    " call back within the hour if you leave your number after the tone. If you know the extension"
    " of the person you want to speak to, you can enter it now, followed by the pound key, or stay."
)
_SECTIONS = 12
_VOICE: Any = {"gender": "female", "locale": "en_US", "voice": "susan"}
_VOICE_XML = 'gender="female" locale="en_US" voice="susan"'

Builder = Callable[[str], bytes]
"""Builds and renders a document that mentions the caller."""


def shape(document: bytes) -> list[tuple[str, str, list[str]]]:
    """What a document says, whatever its attributes are called: the names differ by dialect."""
    from lxml import etree

    return [
        (str(e.tag), e.text or "", sorted(str(value) for value in e.attrib.values()))
        for e in etree.fromstring(document).iter()
    ]


def canonical(document: bytes) -> bytes:
    """The one way to write what a document says."""
    from lxml import etree

    written: bytes = etree.tostring(etree.fromstring(document), method="c14n")
    return written


# callbackkit


def _three(caller: str) -> Response:
    return Response(
        [
            Gather(
                SpeakSentence(f"You called from {caller}. Press 1 for sales.", **_VOICE),
                request_url="/digits",
                max_digits=1,
                tag="menu",
            ),
            Hangup(),
        ]
    )


def _ten(caller: str) -> Response:
    return Response(
        [
            SpeakSentence(f"Hello {caller}.", **_VOICE),
            PlayAudio(_MUSIC),
            Pause(length=2),
            Gather(
                [
                    SpeakSentence("Press 1 for sales & 2 for support.", **_VOICE),
                    SpeakSentence(_AGAIN, **_VOICE),
                ],
                request_url="/digits",
                max_digits=1,
                terminating_digits="#",
                inter_digit_timeout=5,
                tag="menu",
            ),
            SendDtmf("12w34"),
            Record(request_url="/recorded", max_duration=60, silence_timeout=5, file_format="wav"),
            Transfer(
                [PhoneNumber("+19195551212")],
                transfer_caller_id="+19195551213",
                call_timeout=20,
                request_url="/transferred",
                tag="sales",
            ),
            Hangup(),
        ]
    )


def _many(caller: str) -> Response:
    verbs: list[Any] = []
    for section in range(_SECTIONS):
        verbs += [
            SpeakSentence(_STORY.format(section, caller), **_VOICE),
            PlayAudio(_MUSIC),
            Pause(length=2),
            Gather(
                [
                    SpeakSentence("Press 1 for sales & 2 for support.", **_VOICE),
                    SpeakSentence(_AGAIN, **_VOICE),
                ],
                request_url=f"/digits/{section}",
                max_digits=1,
                terminating_digits="#",
                inter_digit_timeout=5,
                tag="menu",
            ),
            SendDtmf("12w34"),
        ]
    return Response([*verbs, Hangup()])


OURS: Mapping[int, Callable[[str], Response]] = {3: _three, 10: _ten, 85: _many}


def ours(verbs: int) -> Builder:
    build = OURS[verbs]
    return lambda caller: build(caller).render(BASE)


def ready_made(verbs: int) -> Builder:
    document = OURS[verbs]("Ann & Bob")
    return lambda caller: document.render(BASE)


# bandwidth-sdk: its verbs are those of another dialect, with as many attributes


def sdk(verbs: int) -> Builder:
    from bandwidth.models import bxml

    def three(caller: str) -> Any:
        return bxml.Response(
            [
                bxml.Gather(
                    [bxml.SpeakSentence(f"You called from {caller}. Press 1 for sales.", **_VOICE)],
                    gather_url=f"{BASE}/digits",
                    max_digits=1,
                    tag="menu",
                ),
                bxml.Hangup(),
            ]
        )

    def gather(url: str) -> Any:
        return bxml.Gather(
            [
                bxml.SpeakSentence("Press 1 for sales & 2 for support.", **_VOICE),
                bxml.SpeakSentence(_AGAIN, **_VOICE),
            ],
            gather_url=url,
            max_digits=1,
            terminating_digits="#",
            inter_digit_timeout=5,
            tag="menu",
        )

    def ten(caller: str) -> Any:
        return bxml.Response(
            [
                bxml.SpeakSentence(f"Hello {caller}.", **_VOICE),
                bxml.PlayAudio(_MUSIC),
                bxml.Pause(2),
                gather(f"{BASE}/digits"),
                bxml.SendDtmf("12w34"),
                bxml.Record(
                    record_complete_url=f"{BASE}/recorded",
                    max_duration=60,
                    silence_timeout="5",
                    file_format="wav",
                ),
                bxml.Transfer(
                    [bxml.PhoneNumber("+19195551212")],
                    transfer_caller_id="+19195551213",
                    call_timeout="20",
                    transfer_complete_url=f"{BASE}/transferred",
                    tag="sales",
                ),
                bxml.Hangup(),
            ]
        )

    def many(caller: str) -> Any:
        made: list[Any] = []
        for section in range(_SECTIONS):
            made += [
                bxml.SpeakSentence(_STORY.format(section, caller), **_VOICE),
                bxml.PlayAudio(_MUSIC),
                bxml.Pause(2),
                gather(f"{BASE}/digits/{section}"),
                bxml.SendDtmf("12w34"),
            ]
        return bxml.Response([*made, bxml.Hangup()])

    build = {3: three, 10: ten, 85: many}[verbs]
    return lambda caller: build(caller).to_bxml().encode()


# lxml by hand


def by_lxml(verbs: int) -> Builder:
    from lxml.etree import Element, SubElement, tostring

    def add(parent: Any, name: str, text: str | None = None, /, **attributes: str) -> Any:
        made = SubElement(parent, name, **attributes)
        made.text = text
        return made

    def gather(root: Any, url: str) -> None:
        made = add(
            root,
            "Gather",
            requestUrl=url,
            maxDigits="1",
            terminatingDigits="#",
            interDigitTimeout="5",
            tag="menu",
        )
        add(made, "SpeakSentence", "Press 1 for sales & 2 for support.", **_VOICE)
        add(made, "SpeakSentence", _AGAIN, **_VOICE)

    def three(root: Any, caller: str) -> None:
        made = add(root, "Gather", requestUrl=f"{BASE}/digits", maxDigits="1", tag="menu")
        text = f"You called from {caller}. Press 1 for sales."
        add(made, "SpeakSentence", text, **_VOICE)

    def ten(root: Any, caller: str) -> None:
        text = f"Hello {caller}."
        add(root, "SpeakSentence", text, **_VOICE)
        add(root, "PlayAudio", _MUSIC)
        add(root, "Pause", length="2")
        gather(root, f"{BASE}/digits")
        add(root, "SendDtmf", "12w34")
        add(
            root,
            "Record",
            requestUrl=f"{BASE}/recorded",
            fileFormat="wav",
            maxDuration="60",
            silenceTimeout="5",
        )
        transfer = add(
            root,
            "Transfer",
            transferCallerId="+19195551213",
            callTimeout="20",
            requestUrl=f"{BASE}/transferred",
            tag="sales",
        )
        add(transfer, "PhoneNumber", "+19195551212")

    def many(root: Any, caller: str) -> None:
        for section in range(_SECTIONS):
            text = _STORY.format(section, caller)
            add(root, "SpeakSentence", text, **_VOICE)
            add(root, "PlayAudio", _MUSIC)
            add(root, "Pause", length="2")
            gather(root, f"{BASE}/digits/{section}")
            add(root, "SendDtmf", "12w34")

    fill = {3: three, 10: ten, 85: many}[verbs]

    def build(caller: str) -> bytes:
        root = Element("Response")
        fill(root, caller)
        SubElement(root, "Hangup")
        written: bytes = tostring(root, xml_declaration=True, encoding="UTF-8")
        return written

    return build


# f-strings: the least that can be done


def by_hand(verbs: int) -> Builder:
    head = '<?xml version="1.0" encoding="UTF-8"?><Response>'
    tail = "<Hangup/></Response>"

    def gather(url: str) -> str:
        return (
            f'<Gather requestUrl="{url}" maxDigits="1" terminatingDigits="#" interDigitTimeout="5"'
            f' tag="menu"><SpeakSentence {_VOICE_XML}>Press 1 for sales &amp; 2 for support.'
            f"</SpeakSentence><SpeakSentence {_VOICE_XML}>{_AGAIN}</SpeakSentence></Gather>"
        )

    def three(caller: str) -> bytes:
        return (
            f'{head}<Gather requestUrl="{BASE}/digits" maxDigits="1" tag="menu">'
            f"<SpeakSentence {_VOICE_XML}>You called from {escape(caller)}. Press 1 for sales."
            f"</SpeakSentence></Gather>{tail}"
        ).encode()

    def ten(caller: str) -> bytes:
        return (
            f"{head}<SpeakSentence {_VOICE_XML}>Hello"
            f" {escape(caller)}.</SpeakSentence><PlayAudio>{_MUSIC}</PlayAudio>"
            f'<Pause length="2"/>{gather(f"{BASE}/digits")}<SendDtmf>12w34</SendDtmf>'
            f'<Record requestUrl="{BASE}/recorded" fileFormat="wav" maxDuration="60"'
            ' silenceTimeout="5"/><Transfer transferCallerId="+19195551213" callTimeout="20"'
            f' requestUrl="{BASE}/transferred" tag="sales"><PhoneNumber>+19195551212</PhoneNumber>'
            f"</Transfer>{tail}"
        ).encode()

    def many(caller: str) -> bytes:
        parts = [
            f"<SpeakSentence {_VOICE_XML}>{escape(_STORY.format(section, caller))}"
            f'</SpeakSentence><PlayAudio>{_MUSIC}</PlayAudio><Pause length="2"/>'
            f"{gather(f'{BASE}/digits/{section}')}<SendDtmf>12w34</SendDtmf>"
            for section in range(_SECTIONS)
        ]
        return f"{head}{''.join(parts)}{tail}".encode()

    return {3: three, 10: ten, 85: many}[verbs]
