"""What the pages of v1 leave open or say twice, and how the carrier reads it.

The first option of a rule is its default: the one under which a fragile app fails in a test rather
than in production. `callbackkit rules` shows this page; each rule has a test of its name.
"""

from callbackkit.carrier.ledger import Ledger, Rule

LINGER = 30.0
"""Seconds of silence after which a call is cut (bxml/verbs/gather, bxml/verbs/speakSentence)."""
VERB_TIMEOUT = 10.0
"""Seconds that a callback of Transfer or Record may take, the maximum of other callbacks (rule
verb-callback-timeout)."""
CALLBACK_TIMEOUT = 10.0
"""Seconds that a callback of a call, message or application may take (limits.json, callbacks)."""
GATHER_TIMEOUT = 30.0
"""Seconds that the callback of a Gather may take (bxml/verbs/gather)."""
INSTANT_DOCUMENTS = 20
"""Documents without a moment or an input in between that make a loop (rule document-limit)."""
MOST_DOCUMENTS = 1000
"""Documents that one call may fetch (rule document-limit)."""
LONGEST_CALL = 24 * 3600.0
"""Seconds that a call may last (rule longest-call)."""
LONGEST_RING = 300.0
"""Seconds that a call rings which the app neither takes nor rejects (rule untaken-call)."""
RECORDING_DELAY = 1.0
"""Seconds from the end of a recording to its event (rule recording-delay)."""
TRANSCRIPTION_DELAY = 3.0
"""Seconds from the event of a recording to that of its transcription (rule recording-delay)."""
SENDING_DELAY = 1.0
"""Seconds between the states of a message, and before its receipt (rule message-states)."""
UNKNOWN_AUDIO = 5.0
"""Seconds of a file whose length is unknown (rule unplayable-file)."""
MAX_CONFERENCE = 20
"""Members of a conference (methods/conferences/conferences)."""

LEDGER = Ledger(
    Rule(
        "verb-callback-timeout",
        "How long may the callback of a Transfer or a Record take?",
        "No default is given for their requestUrlTimeout.",
        ("bxml/verbs/transfer", "bxml/verbs/record"),
        "10 seconds, the maximum of the callbacks that have one.",
    ),
    Rule(
        "failed-callback",
        "When has a callback failed?",
        'A fallback URL is used when a callback "fails"; what that is, nothing says.',
        ("methods/calls/postCalls", "methods/applications/postApplications"),
        "When there is no connection, no reply in time, or a status outside 200 to 299; redirects"
        " are not followed.",
    ),
    Rule(
        "on-failure",
        "What happens to a call whose answer or redirect callback has failed for good?",
        "Nothing is said.",
        ("bxml/callBacks/answer", "bxml/callBacks/redirect"),
        "It is hung up at once.",
        {"hangup": "hung up at once", "silence": "30 seconds of silence, then hung up"},
    ),
    Rule(
        "failed-incoming-call",
        "What happens when incomingcall is not answered with 200?",
        'The app "should reply 200"; what follows if it does not is not said.',
        ("bxml/callBacks/incomingCall",),
        "The fallback URL is tried, then the call goes on to answer.",
    ),
    Rule(
        "retry",
        "Is a notification that can't be delivered sent again?",
        "Nothing is said of retries.",
        ("methods/calls/postCalls",),
        "No, beside the one attempt at the fallback URL.",
        {"0": "never", "1": "once, when there was no connection"},
    ),
    Rule(
        "invalid-document",
        "What does a document do that is not well-formed, has an unknown verb or is too big?",
        "The size is limited to 16 KB; the effect of passing it, or of invalid BXML, is not said.",
        ("bxml/bxml",),
        "The call is hung up at once.",
    ),
    Rule(
        "after-last-verb",
        "What follows a document whose last verb is a Pause, a Record or a Transfer that nobody"
        " answered?",
        "After PlayAudio, SpeakSentence or SendDtmf as the last verb the call is cut 30 seconds"
        " later; of the others nothing is said.",
        ("bxml/verbs/pause", "bxml/verbs/record", "bxml/verbs/transfer"),
        "The same 30 seconds.",
    ),
    Rule(
        "unplayable-file",
        "What happens when a file can't be played, and how long is one that nobody can look at?",
        "Nothing is said.",
        ("bxml/verbs/playAudio",),
        "It is skipped. A file of unknown length takes 5 seconds.",
    ),
    Rule(
        "typeahead",
        "What becomes of keys that are pressed when nothing gathers them?",
        "Nothing is said.",
        ("bxml/verbs/gather",),
        "They are lost.",
        {"drop": "they are lost", "buffer": "the next Gather gets them"},
    ),
    Rule(
        "initial-silence",
        "Does silence at the start of a Record count?",
        "silenceTimeout is the silence that ends it; whether somebody must have spoken first is not"
        " said.",
        ("bxml/verbs/record",),
        "It counts.",
        {"counts": "it ends the recording", "waits": "only silence after speech does"},
    ),
    Rule(
        "transfer-refused",
        "What happens when everybody whom a Transfer rings is busy or declines?",
        "Only callTimeout is described.",
        ("bxml/verbs/transfer",),
        "The next verb runs at once.",
    ),
    Rule(
        "whisper-hang-up",
        "What happens when the callee of a Transfer hangs up while being told who calls?",
        "Nothing is said.",
        ("bxml/verbs/transfer",),
        "The same as when the two were connected.",
    ),
    Rule(
        "transfer-reply",
        "Is the reply to transferComplete read?",
        'Both tables say "Can reply with more BXML: No" and the prose that leg A is hung up; the'
        " requestUrl attribute says that it requests new BXML.",
        ("bxml/verbs/transfer", "bxml/callBacks/transfer"),
        "With a requestUrl and valid BXML it runs; else leg A is hung up.",
        {"run": "BXML in it runs", "ignore": "leg A is hung up"},
    ),
    Rule(
        "document-limit",
        "How many documents may a call go through?",
        "Nothing is said.",
        ("bxml/verbs/redirect",),
        "20 without a moment or a key in between, 1000 in all; then it is hung up.",
    ),
    Rule(
        "no-input",
        "What does a Gather do when no key is pressed at all?",
        '"The verb fails and the next verb is executed", while the reason inter-digit-timeout of'
        " its event covers the time before the first digit.",
        ("bxml/verbs/gather", "bxml/callBacks/gather"),
        "The event is sent with empty digits; if the Gather is the last verb, the reply runs.",
        {
            "event": "the event is sent with empty digits",
            "next": "no event, the next verb runs",
        },
    ),
    Rule(
        "only-terminator",
        "What does a Gather do when only a terminating digit is pressed?",
        "Nothing is said.",
        ("bxml/verbs/gather",),
        "As with no key at all, with the reason terminating-digit.",
    ),
    Rule(
        "terminating-digit",
        "When does a gather event have a terminatingDigit?",
        "One sample has it, together with the reason terminating-digit.",
        ("bxml/callBacks/gather",),
        "Only with that reason.",
    ),
    Rule(
        "last-repetition",
        "How long does a Gather listen after the last repetition of a file?",
        'delayBeforeRepeat is waited "including the last one"; with a delay of 0 nothing is said.',
        ("bxml/verbs/playAudio", "bxml/verbs/gather"),
        "delayBeforeRepeat, or interDigitTimeout when that is 0.",
    ),
    Rule(
        "hang-up-order",
        "In which order are events sent when the caller hangs up during a Gather or a Record?",
        "Nothing is said.",
        ("bxml/callBacks/gather", "bxml/callBacks/recording"),
        "gather, hangup, and recording when it is saved.",
    ),
    Rule(
        "late-reply",
        "What becomes of the reply to a Gather that is not the last verb?",
        'The next verb starts without waiting for it, which "can lead to confusing behavior".',
        ("bxml/verbs/gather",),
        "It is ignored.",
        {"ignore": "it is ignored", "replace": "it takes the place of the document"},
    ),
    Rule(
        "gather-without-url",
        "What does a Gather without a requestUrl do?",
        'The attribute is required, and "if there is no requestUrl" the event is sent nowhere.',
        ("bxml/verbs/gather",),
        "No event is sent and the next verb runs.",
    ),
    Rule(
        "transfer-complete-url",
        "Where does transferComplete go?",
        'To "the callbackUrl of the Leg-A call" by the text, to the requestUrl by the sample and by'
        " the attribute.",
        ("bxml/callBacks/transfer", "bxml/verbs/transfer"),
        "To the requestUrl, else to the callbackUrl.",
    ),
    Rule(
        "transfer-ring-timeout",
        "Is a timeout event sent for the legs that a Transfer rings?",
        "Nothing is said.",
        ("bxml/verbs/transfer", "bxml/callBacks/callTimeout"),
        "No.",
    ),
    Rule(
        "transfer-complete-leg",
        "Which leg does the callId of transferComplete name?",
        'That of the "associated" call; from and to are those of leg B.',
        ("bxml/callBacks/transfer",),
        "Leg A.",
    ),
    Rule(
        "tandem",
        "What may the REST API do to a call that is under BXML?",
        'The two "cannot be used in tandem"; what happens if they are is not said.',
        ("bxml/bxmlDifferences",),
        "It may hang it up; everything else is refused with call-invalid-state.",
        {"reject": "refused", "allow": "carried out"},
    ),
    Rule(
        "transcription-status",
        "Which word does the status of a transcription event have?",
        "complete in the table, completed in the sample of the same page.",
        ("bxml/callBacks/transcription",),
        "completed.",
    ),
    Rule(
        "default-voice",
        "How does a SpeakSentence without voice or gender speak?",
        'Both are "required", gender has a default, and samples leave them out.',
        ("bxml/verbs/speakSentence",),
        "As the default, a female voice, with a warning.",
    ),
    Rule(
        "dtmf-under-bxml",
        "Are dtmf events sent for a call under BXML?",
        "They are not among the callbacks of BXML.",
        ("bxml/bxmlCallbacks", "apiCallbacks/dtmf"),
        "No.",
    ),
    Rule(
        "no-auto-answer",
        "Does BXML work without autoAnswer?",
        "BXML needs autoAnswer; what happens without it is not said.",
        ("bxml/bxmlOverview", "methods/applications/postApplications"),
        "Only incomingcall is sent; the call waits for the REST API and stays under its control.",
    ),
    Rule(
        "same-instant",
        "In which order do things happen that happen at once?",
        "Nothing is said.",
        ("apiCallbacks/callbacks",),
        "Hanging up, then keys, then the carrier's own timers in the order in which they began.",
    ),
    Rule(
        "unanswered",
        "Which events end a call that nobody answers?",
        "A timeout event has a page of its own, and NO_ANSWER is a cause of hangup.",
        ("apiCallbacks/timeout", "apiCallbacks/hangup"),
        "timeout, then hangup with NO_ANSWER.",
        {"both": "timeout, then hangup", "timeout": "timeout alone"},
    ),
    Rule(
        "tag-in-events",
        "Is the tag of a call in its hangup, timeout, dtmf and recording events?",
        "The pages that create calls promise it, the tables of those events don't have it.",
        ("methods/calls/postCalls", "apiCallbacks/hangup"),
        "Only in the events whose tables have it.",
        {"tables": "only where the tables have it", "promised": "in all of them"},
    ),
    Rule(
        "speech-length",
        "How long does speech take?",
        "Nothing is said.",
        ("bxml/verbs/speakSentence",),
        "A second for 15 characters, half a second at least.",
    ),
    Rule(
        "untaken-call",
        "What happens to an incoming call that no app takes?",
        "The fallbackNumber of its number rings when no callback can be delivered; how long a call"
        " rings which nobody takes, and what becomes of one without an application, is not said.",
        ("methods/phoneNumbers/postPhoneNumbers", "methods/errors/getErrors"),
        "Without an application or a URL the fallbackNumber rings, else the call is rejected; one"
        " that waits for the REST API rings for 300 seconds.",
    ),
    Rule(
        "longest-call",
        "How long may a call last?",
        "Nothing is said.",
        ("methods/calls/calls",),
        "24 hours.",
    ),
    Rule(
        "transfer-leg-events",
        "Which events do the legs have that a Transfer rings?",
        "The verb's page lists hangup, without saying of which leg.",
        ("bxml/verbs/transfer",),
        "None of their own: only transferComplete, and the hangup of leg A.",
    ),
    Rule(
        "callback-error-entry",
        "How does a failed callback look in the list of errors?",
        "Failures are listed there; the codes shown are of missing applications and URLs.",
        ("methods/errors/errors", "methods/errors/getErrors"),
        "Category unavailable, and a code of our own: callback-not-delivered.",
    ),
    Rule(
        "rest-transfer-end",
        "What becomes of the first leg of a REST transfer when the second one ends?",
        "Nothing is said; of the Transfer verb, that leg A is hung up.",
        ("methods/calls/postTransferCall", "bxml/verbs/transfer"),
        "It is hung up too.",
    ),
    Rule(
        "message-states",
        "When does a message change its state, and which callbacks does it cause?",
        "The states are listed; callbacks are described for messages with receiptRequested.",
        ("methods/messages/postMessages", "apiCallbacks/sms"),
        "queued, after a second sending, after another one sent; a receipt another second later,"
        " and no callback without receiptRequested.",
    ),
    Rule(
        "own-number",
        "What happens when an app calls or writes to a number of its own account?",
        "Nothing is said.",
        ("methods/calls/postCalls", "methods/messages/postMessages"),
        "A phone outside rings or gets the message, as with any other number.",
    ),
    Rule(
        "audio-replaced",
        "What does a new play or sentence of the REST API do to one that is still going on?",
        "Nothing is said.",
        ("methods/calls/postCallsCallIdAudio",),
        "It ends the old one.",
    ),
    Rule(
        "recording-delay",
        "When do the events of a recording and of its transcription come?",
        '"When the recording is complete"; how long that takes is not said.',
        ("bxml/callBacks/recording", "bxml/callBacks/transcription"),
        "One second after the recording ends, and three seconds after that.",
    ),
    Rule(
        "rest-recording-url",
        "Where do the events of recordings go that the REST API started?",
        "Nothing is said.",
        ("apiCallbacks/recording", "apiCallbacks/transcription"),
        "To the URL of the call's events.",
    ),
    Rule(
        "transfer-children",
        "In which order do the children of a Transfer run?",
        "The legs are connected when all verbs inside were executed; their order is not said.",
        ("bxml/verbs/transfer",),
        "What is played runs in the order of the document; a Record begins when the legs are"
        " connected.",
    ),
)
