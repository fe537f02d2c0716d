"""The app: what is shared, and the routers. Everything about calls is in calls.py, about texts in
messages.py.

Run it from the folder above:

    SUPPORT_LINE_PASSWORD=secret uvicorn support_line.main:app

With a password the platform has to know it: set https://bandwidth:secret@example.com/ as the
application's URLs. The URLs in replies carry it by themselves.
"""

import os

from callbackkit.v1 import App, Hangup, SpeakSentence

from . import calls, messages
from .tickets import Tickets

password = os.environ.get("SUPPORT_LINE_PASSWORD")

app = App(
    auth=("bandwidth", password) if password else None,
    fallback=[SpeakSentence("We have a problem. Please send a text.", voice="bridget"), Hangup()],
    health="/health",
)
app.provide(Tickets, Tickets)
app.include(calls.router)
app.include(messages.router)
