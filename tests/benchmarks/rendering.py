"""Building and rendering documents of 3, 10 and 85 verbs."""

from collections.abc import Callable, Iterator

from documents import Builder, by_hand, by_lxml, canonical, ours, ready_made, sdk, shape
from harness import Comparison, Contender, Row, calls

_CALLER = "Ann & Bob"
_GOALS = {3: 3.0, 10: 2.5, 85: 2.0}


def comparisons() -> Iterator[Comparison]:
    for verbs, goal in _GOALS.items():
        expected = by_hand(verbs)(_CALLER)
        exact = _is(canonical, expected)
        contenders = [
            _contender("callbackkit", ours, verbs, exact),
            _contender("callbackkit, ready-made", ready_made, verbs, exact),
            _contender("f-strings", by_hand, verbs, exact),
            _contender("lxml by hand", by_lxml, verbs, exact),
            _contender("bandwidth-sdk", sdk, verbs, _is(shape, expected)),
        ]
        yield Comparison(
            f"build and render {verbs} verbs ({len(expected):,} bytes)",
            contenders,
            [
                Row("callbackkit", "f-strings", "of its cost"),
                Row("callbackkit", "lxml by hand", "times cheaper"),
                Row("callbackkit", "bandwidth-sdk", "times cheaper", goal),
                Row("callbackkit, ready-made", "bandwidth-sdk", "times cheaper"),
            ],
        )


def _is(reading: Callable[[bytes], object], expected: bytes) -> Callable[[bytes], bool]:
    return lambda document: reading(document) == reading(expected)


def _contender(
    name: str, library: Callable[[int], Builder], verbs: int, check: Callable[[bytes], bool]
) -> Contender:
    def prepare() -> Callable[[], bytes]:
        build = library(verbs)
        return lambda: build(_CALLER)

    return calls(name, prepare, check)
