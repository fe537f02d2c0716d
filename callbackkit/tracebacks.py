"""Tracebacks without the frames that tell the developer of an app nothing."""

import sysconfig
from pathlib import Path
from traceback import FrameSummary, StackSummary

_OURS = str(Path(__file__).parent)
_PYTHON = sysconfig.get_path("stdlib")
_INSTALLED = {"site-packages", "dist-packages"}


def own_frames(stack: StackSummary, *, libraries: bool) -> StackSummary:
    """Return the frames of a stack without those of this package, or all if no others are there.

    `libraries` keeps the frames of Python itself and of installed packages.
    """
    own = [
        frame
        for frame in stack
        if not frame.filename.startswith(_OURS) and (libraries or not _is_library(frame))
    ]
    return StackSummary.from_list(own or stack)


def _is_library(frame: FrameSummary) -> bool:
    file = Path(frame.filename)
    return bool(_INSTALLED.intersection(file.parts)) or file.is_relative_to(_PYTHON)
