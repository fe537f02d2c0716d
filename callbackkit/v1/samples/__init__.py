"""The samples of v1: callbacks as its documentation shows them, and new ones made of them."""

import re
from importlib.resources import files

from callbackkit.samples import Sample, Samples
from callbackkit.v1.wire import EVENTS

__all__ = ["SAMPLES", "Sample", "make", "samples"]

SAMPLES = Samples(
    dialect="v1",
    folder=files(__name__),
    events=EVENTS,
    ids=re.compile(r"\b(?:m|c|gtr|rec|t|conf|member)-[a-z2-7]{23}\b"),
    letters="abcdefghijklmnopqrstuvwxyz234567",
    times=frozenset({"time", "createdTime", "completedTime", "startTime", "endTime"}),
)

samples, make = SAMPLES.samples, SAMPLES.make
