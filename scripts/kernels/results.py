# SPDX-License-Identifier: Apache-2.0
"""Outcomes of the tests on a kernel, read from Swift Testing's event stream.

The stream's experimental version is used: only it has tags, and the text of a cancellation.
"""

import re
from dataclasses import dataclass, field

STREAM_VERSION = "99.0"
PASSED, FAILED, NOT_SUPPORTED = "passed", "failed", "not supported"
# As Tests/TestSupport/KernelFeature.swift writes it: not supported: FEATURE (Linux X.Y)
UNSUPPORTED = re.compile(r"not supported: (?P<feature>.+) \(Linux (?P<minimum>[0-9.]+)\)")


@dataclass
class Test:
    """A test function: TARGET.Suite/Suite/function()."""

    identifier: str
    title: str
    tags: set

    @property
    def suite(self) -> str:
        return self.identifier.rpartition("/")[0] or self.identifier.partition(".")[0]


def listed_tests(records) -> list:
    """The test functions in a stream, each with the tags of the suites around it."""
    payloads = [record["payload"] for record in records if record["kind"] == "test"]
    suites = {payload["id"]: tags_of(payload) for payload in payloads if payload["kind"] == "suite"}
    tests = []
    for payload in payloads:
        if payload["kind"] == "function":
            identifier = without_location(payload["id"])
            around = (tags for suite, tags in suites.items() if identifier.startswith(suite + "/"))
            title = payload.get("displayName") or payload["name"]
            tests.append(Test(identifier, title, tags_of(payload).union(*around)))
    return sorted(tests, key=lambda test: (test.suite, test.identifier))


def tags_of(payload: dict) -> set:
    return set(payload.get("tags") or payload.get("_tags") or [])


def without_location(identifier: str) -> str:
    return re.sub(r"/[^/]*\.swift:\d+:\d+$", "", identifier)


@dataclass
class Outcome:
    """The outcome of a test on one kernel."""

    has_started: bool = False
    has_ended: bool = False
    cases: int = 0
    problems: list = field(default_factory=list)
    # feature → its minimum kernel, for each case
    unsupported: list = field(default_factory=list)

    @property
    def status(self) -> str:
        if self.problems or not self.has_ended:
            return FAILED
        return NOT_SUPPORTED if self.unsupported and len(self.unsupported) >= self.cases else PASSED


class Outcomes:
    """The tests of one run, by identifier."""

    def __init__(self, tests: list):
        self.by_test = {test.identifier: Outcome() for test in tests}
        self.problems = []

    def take(self, event: dict):
        """Takes a line of the stream."""
        if event["kind"] != "event":
            return
        payload = event["payload"]
        kind, identifier = payload["kind"], without_location(payload.get("testID", ""))
        outcome = self.by_test.get(identifier)
        if kind == "issueRecorded" and is_failure(payload["issue"]):
            (self.problems if outcome is None else outcome.problems).append(describe(payload))
        elif outcome is None:
            return
        elif kind == "testStarted":
            outcome.has_started = True
        elif kind == "testCaseStarted":
            outcome.cases += 1
        elif kind == "testEnded":
            outcome.has_ended = True
        elif kind == "testSkipped":
            outcome.has_ended = True
            outcome.problems.append("skipped: " + comments(payload))
        elif kind == "testCancelled":
            outcome.cases = max(outcome.cases, 1)
            self.cancel(outcome, payload)
        elif kind == "testCaseCancelled" and not is_whole(payload):
            self.cancel(outcome, payload)

    def cancel(self, outcome: Outcome, payload: dict):
        text = comments(payload)
        if match := UNSUPPORTED.fullmatch(text):
            outcome.unsupported.append((match["feature"], match["minimum"]))
        elif not outcome.problems:
            outcome.problems.append("cancelled: " + text)

    def end(self, tests: list, why: str):
        """Records that no more events of these tests arrive. Those that have not ended have failed."""
        for outcome in (self.by_test[test.identifier] for test in tests):
            if not outcome.has_ended and not outcome.problems:
                outcome.problems.append(f"did not end: {why}" if outcome.has_started else f"did not run: {why}")

    @property
    def running(self) -> list:
        return [name for name, outcome in self.by_test.items() if outcome.has_started and not outcome.has_ended]

    def count(self, status: str) -> int:
        return sum(outcome.status == status for outcome in self.by_test.values())


def is_whole(payload: dict) -> bool:
    """Whether a cancelled case is the only one of a test without arguments, which testCancelled has reported."""
    return "_testCase" not in payload


def is_failure(issue: dict) -> bool:
    return issue.get("isFailure", not issue.get("isKnown", False))


def comments(payload: dict) -> str:
    return "; ".join(payload.get("_comments") or payload.get("comments") or ["no reason given"])


def describe(payload: dict) -> str:
    location = payload["issue"].get("sourceLocation") or {}
    place = f"{location['fileID'].rpartition('/')[2]}:{location['line']}: " if "fileID" in location else ""
    return place + "\n".join(message["text"] for message in payload["messages"])
