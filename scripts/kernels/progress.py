# SPDX-License-Identifier: Apache-2.0
"""Progress while tests run: one line on a terminal; elsewhere only what failed."""

import sys
import time

from results import Outcomes


def say(text: str):
    print(text, file=sys.stderr, flush=True)


class Progress:
    def __init__(self, title: str):
        self.title = title
        self.start = time.monotonic()
        self.is_terminal = sys.stderr.isatty()
        self.reported = set()

    def __enter__(self):
        if not self.is_terminal:
            say(f"kernels: testing on {self.title}")
        return self

    def __exit__(self, *_):
        self._line("")

    def show(self, outcomes: Outcomes):
        for name, outcome in outcomes.by_test.items():
            if outcome.problems and name not in self.reported:
                self.reported.add(name)
                self._line("")
                say(f"kernels: {self.title}: failed: {name}")
        ended = sum(outcome.has_ended for outcome in outcomes.by_test.values())
        seconds = time.monotonic() - self.start
        now = f", {outcomes.running[0]}" if outcomes.running else ""
        self._line(f"{self.title}: {ended} of {len(outcomes.by_test)} tests, {seconds:.0f} s{now}"[:119])

    def _line(self, text: str):
        if self.is_terminal:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
