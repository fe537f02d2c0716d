"""What a test fails with: one sentence, then the story of the call."""


class PhoneFailure(AssertionError):
    """The app did something else than the test says, or can't be tested like this."""

    def __init__(self, sentence: str, story: str = "") -> None:
        super().__init__(f"{sentence}\n\n{story}" if story else sentence)
        self.sentence = sentence
        self.story = story
