"""`python tests/benchmarks/scale.py` shows how much the local carrier can take on this machine: seconds
and memory, which say little about any other."""

import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from phoning import CALLBACKS, call, line

from callbackkit.testing import Phone

EXAMPLES = Path(__file__).parents[2] / "examples"
TEST = """
import pytest

@pytest.mark.parametrize("number", range({number}))
async def test_menu(phone, number):
    call = await phone.call()
    await call.hears("press 1")
    await call.press("1")
    await call.hears("nine to five")
    await call.ends()
"""


def main() -> None:
    print(f"{_calls(500):,.0f} calls of {CALLBACKS} callbacks a second, one after another")
    for number in (1, 1_000):
        print(f"{_suite(number):.2f} s for a suite of {number:,} tests, each with a call")
    print(f"{_crawl():.2f} s for the crawl through the example menu, at a depth of 8")
    seconds, megabytes = asyncio.run(_together(10_000))
    print(
        f"{seconds:.1f} s and {megabytes:.0f} MB for 10,000 calls at a time, "
        f"{megabytes * 1024 / 10_000:.1f} KB each"
    )


def _calls(number: int) -> float:
    async def calls() -> float:
        app = line()
        start = time.perf_counter()
        for _ in range(number):
            async with Phone(app) as phone:
                await call(phone)
        return number / (time.perf_counter() - start)

    return asyncio.run(calls())


def _suite(number: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "test_menu.py").write_text(TEST.format(number=number))
        (root / "menu.py").write_text((EXAMPLES / "menu.py").read_text("utf-8"))
        (root / "pyproject.toml").write_text(
            '[tool.callbackkit]\napp = "menu:app"\n[tool.pytest.ini_options]\nanyio_mode = "auto"\n'
        )
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:asyncio",
            "-p",
            "no:cacheprovider",
        ]
        start = time.perf_counter()
        subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start


def _crawl() -> float:
    sys.path.insert(0, str(EXAMPLES))
    import menu

    async def crawl() -> float:
        async with Phone(menu.app) as phone:
            start = time.perf_counter()
            found = await phone.explore(depth=8)
            assert found.complete
            return time.perf_counter() - start

    return asyncio.run(crawl())


async def _together(number: int) -> tuple[float, float]:
    """So many calls at once, each at its first question, then to their ends."""
    async with Phone(line()) as phone:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        calls = [await phone.call(from_=f"+1919{n:07}") for n in range(number)]
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        for one in calls:
            await one.press("1")
        await calls[-1].ends()
        await phone.settle()
        assert phone.carrier.scheduler.timers == 0 or all(one.ended for one in calls)
        return time.perf_counter() - start, grown / 1024


if __name__ == "__main__":
    main()
