"""The times, limits and defaults of v1's carrier, each with its page or its rule in the ledger."""

from collections.abc import Mapping

# Callbacks, in seconds

CALLBACK_TIMEOUT = 10.0
"""For an event of a call, message or application (limits.json, callbacks)."""
VERB_TIMEOUT = 10.0
"""For an event of Transfer or Record (rule verb-callback-timeout)."""
GATHER_TIMEOUT = 30.0
"""For the event of a Gather (bxml/verbs/gather)."""

# Calls, in seconds

LINGER = 30.0
"""Silence after which a call is cut (bxml/verbs/gather, bxml/verbs/speakSentence)."""
LONGEST_CALL = 24 * 3600.0
"""The longest call (rule longest-call)."""
LONGEST_UNTAKEN = 300.0
"""Ringing of a call that the app neither takes nor rejects (rule untaken-call)."""
RING = 60
"""Ringing of a created call and of a Transfer by default (methods/calls/postCalls,
bxml/verbs/transfer)."""

# Verbs

PAUSE = 1
"""Seconds of a Pause by default (bxml/verbs/pause)."""
PAUSES: Mapping[str, float] = {",": 0.5, "w": 0.5, "W": 1.0}
"""Seconds of the pauses in digits (bxml/verbs/sendDtmf)."""
GATHER_DIGITS, GATHER_PAUSE, GATHER_TERMINATORS = 128, 5, "#"
"""The most digits of a Gather, the seconds between two, and the keys that end it, by default
(bxml/verbs/gather)."""
RECORD_LONGEST, RECORD_SILENCE = 60, 3
"""Seconds that a Record lasts, and of silence that end it, by default (bxml/verbs/record)."""

# Recordings and messages, in seconds

RECORDING_LONGEST = 3600
"""The longest recording by the REST API, by default (methods/calls/postCalls)."""
RECORDING_DELAY = 1.0
"""From the end of a recording to its event (rule recording-delay)."""
TRANSCRIPTION_DELAY = 3.0
"""From the event of a recording to that of its transcription (rule recording-delay)."""
TRANSCRIPTION_SHOWN = 1026
"""Characters of the text that are in the event (apiCallbacks/transcription)."""
SENDING_DELAY = 1.0
"""Between the states of a message, and before its receipt (rule message-states)."""

# Rooms

BRIDGED = 2
"""Calls in a bridge (errors, bridge-callIds-overflow)."""
MAX_CONFERENCE = 20
"""Members of a conference (methods/conferences/conferences)."""
