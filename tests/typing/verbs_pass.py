"""Verbs that both type checkers must accept."""

from typing import assert_type

from callbackkit.v1 import (
    Gather,
    Hangup,
    Pause,
    PhoneNumber,
    PlayAudio,
    Record,
    Redirect,
    Response,
    SendDtmf,
    SpeakSentence,
    Transfer,
    Verb,
)

SpeakSentence("Hello.", voice="susan", gender="female", locale="en_US", volume=-4)
Gather(SpeakSentence("Press 1."), request_url="/digits", max_digits=1)
Gather([SpeakSentence("Press 1."), SpeakSentence("Or 2.")])
Gather(PlayAudio("https://example.com/menu.wav"))
Gather([PlayAudio("https://example.com/menu.wav")])
Gather()
Transfer([PhoneNumber("+19195551212"), SpeakSentence("A call."), Record(transcribe=False)])
Transfer(PhoneNumber("+19195551212"), transfer_caller_id="+19195551213", call_timeout=20)
Transfer(transfer_to="+19195551212", diversion_treatment="none")
Redirect(request_url="/next")
SendDtmf("1,2")
Response([SpeakSentence("Hello."), Pause(length=2), Hangup()])
Response(Hangup())

speak = SpeakSentence("Hello.")
assert_type(speak, SpeakSentence)
assert_type(speak.text, str)
assert_type(Gather().tag, str | None)
assert_type(Response().render("https://example.com"), bytes)
menu: Verb = Gather(speak)
greeting = [SpeakSentence("Hello."), SpeakSentence("Press 1.")]
Gather(greeting)
Response(greeting)
