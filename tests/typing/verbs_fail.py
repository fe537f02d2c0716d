"""Verbs that both type checkers must refuse, at each line that ends in the word error."""

from callbackkit.v1 import (
    Gather,
    Hangup,
    Pause,
    PhoneNumber,
    PlayAudio,
    Record,
    Redirect,
    Response,
    SpeakSentence,
    Transfer,
)

SpeakSentence("Hello.", voise="susan")  # error
SpeakSentence("Hello.", voice="susann")  # error
SpeakSentence("Hello.", locale="en-US")  # error
SpeakSentence("Hello.", volume="4")  # error
SpeakSentence("Hello.", "susan")  # error
SpeakSentence(1)  # error
SpeakSentence()  # error
Gather("Press 1.")  # error
Gather(Hangup())  # error
Gather([SpeakSentence("Press 1."), Hangup()])  # error
Gather([SpeakSentence("Press 1."), PlayAudio("https://example.com/menu.wav")])  # error
Gather(requestUrl="/digits")  # error
Gather(max_digits="1")  # error
Transfer(PhoneNumber("+19195551212"), Hangup())  # error
Transfer([PhoneNumber("+19195551212"), Gather()])  # error
Transfer(diversion_treatment="ignore")  # error
Record(file_format="ogg")  # error
Redirect()  # error
Response(PhoneNumber("+19195551212"))  # error
Response([Hangup(), PhoneNumber("+19195551212")])  # error
Response("hello")  # error
Response(Response())  # error
Hangup("now")  # error

speak = SpeakSentence("Hello.")
speak.text = "Bye."  # error
speak.loudness  # error
Pause(length=2).render()  # error
Response().render(1)  # error
