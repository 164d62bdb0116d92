# SPDX-License-Identifier: Apache-2.0
"""Runs tests on a kernel, divided among virtual machines that run in parallel."""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import machine
from clock import Clock, Idle
from packages import Kernel
from progress import Progress
from report import Column
from results import FAILED, STREAM_VERSION, Outcomes, listed_tests
from work import Work

KERNEL_TAG = ".kernel"
# Needs the path emulator to be on time, which it is if the clock waits for the emulated CPU.
EXACT_PATH_TAG = ".exactPath"
BOOT_LIMIT_SECONDS = 180


def tests_of(runner: Path) -> list:
    """The tests that touch the kernel."""
    with tempfile.NamedTemporaryFile(prefix="baton-tests.") as stream:
        command = [runner, "--testing-library", "swift-testing", "--list-tests", *event_stream(stream.name)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return [test for test in listed_tests(machine.json_lines(stream.read())) if KERNEL_TAG in test.tags]


def event_stream(path: str) -> list:
    return ["--event-stream-output-path", path, "--experimental-event-stream-version", STREAM_VERSION]


def run(kernel: Kernel, runner: Path, tests: list, jobs: int, time_limit: float) -> Column:
    start = time.monotonic()
    outcomes = Outcomes(tests)
    with contextlib.ExitStack() as stack:
        progress = stack.enter_context(Progress(kernel.version))
        guests = []
        for part, idle in parts_of(tests, jobs):
            work = Work(test_command(runner, part), environment())
            guest = machine.boot(kernel, work, Clock(idle), BOOT_LIMIT_SECONDS)
            guests.append((stack.enter_context(guest), part))
        while any(guest.is_running for guest, _ in guests) and time.monotonic() - start < time_limit:
            take_events(guests, outcomes)
            progress.show(outcomes)
            time.sleep(0.2)
        is_late = [guest.is_running for guest, _ in guests]
        take_events(guests, outcomes)
        words = [end(guest, part, outcomes, late) for (guest, part), late in zip(guests, is_late)]
        progress.show(outcomes)
    title = kernel.version.partition("-")[0]
    return Column(title, outcomes, time.monotonic() - start, "\n\n".join(filter(None, words)))


def parts_of(tests: list, jobs: int) -> list:
    """The tests of each machine, and how idle time passes in it."""
    exact = [test for test in tests if EXACT_PATH_TAG in test.tags]
    others = [test for test in tests if EXACT_PATH_TAG not in test.tags]
    parts = [(exact, Idle.SKIPPED), *((others[number::jobs], Idle.HOSTS) for number in range(jobs))]
    return [(part, idle) for part, idle in parts if part]


def test_command(runner: Path, tests: list) -> list:
    pattern = "^(" + "|".join(re.escape(test.identifier) for test in tests) + ")/"
    command = [runner, "--testing-library", "swift-testing", "--no-parallel", "--filter", pattern]
    return command + event_stream(machine.EVENTS)


def environment() -> dict:
    swift = shutil.which("swift")
    return {
        # A test that lacks something fails instead of being skipped.
        "CI": "true",
        "PATH": os.pathsep.join([machine.PATH, *([str(Path(swift).parent)] if swift else [])]),
        # A full backtrace takes a minute here.
        "SWIFT_BACKTRACE": "color=no,threads=crashed,registers=none,images=none",
    }


def take_events(guests: list, outcomes: Outcomes):
    for guest, _ in guests:
        for event in guest.events():
            outcomes.take(event)


def end(guest: machine.Guest, tests: list, outcomes: Outcomes, is_late: bool) -> str:
    """Records how a machine ended.

    Returns: its last output, if it ended before the tests did.
    """
    if is_late:
        outcomes.end(tests, "the time limit was reached")
        return last_words(guest, 20)
    if guest.status is None:
        outcomes.end(tests, "the machine ended")
        return guest.text("console", 60)
    outcomes.end(tests, f"the test runner ended with status {guest.status}")
    has_failed = any(outcomes.by_test[test.identifier].status == FAILED for test in tests) or outcomes.problems
    if guest.status and not has_failed:
        outcomes.problems.append(f"the test runner ended with status {guest.status}, although no test failed")
    return last_words(guest, 60) if guest.status > 1 else ""


def last_words(guest: machine.Guest, lines: int) -> str:
    return "\n".join(filter(None, (guest.text(port, lines) for port in ("output", "errors"))))
