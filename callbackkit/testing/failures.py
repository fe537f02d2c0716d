"""The exception of a failed test: one sentence, then the transcript of the call."""


class PhoneFailure(AssertionError):
    """The app did not do what the test expects, or can't be tested like this."""

    def __init__(self, sentence: str, transcript: str = "") -> None:
        super().__init__(f"{sentence}\n\n{transcript}" if transcript else sentence)
        self.sentence = sentence
        self.transcript = transcript
