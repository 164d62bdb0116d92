# SPDX-License-Identifier: Apache-2.0
"""The table of tests and kernels, for a terminal and as Markdown."""

import shutil
import textwrap
from dataclasses import dataclass

from results import FAILED, NOT_SUPPORTED, PASSED, Outcome, Outcomes

LEGEND = "'no X': not supported; the test needs X, for which the kernel is too old. A test that didn't run has failed."


@dataclass
class Column:
    """A kernel, and the outcomes of the tests on it."""

    title: str
    outcomes: Outcomes
    seconds: float
    # The machine's last output, if it ended before the tests did.
    last_words: str = ""


def cell(column: Column, test) -> str:
    outcome = column.outcomes.by_test[test.identifier]
    if outcome.status == NOT_SUPPORTED:
        return lacks(outcome)
    return "FAILED" if outcome.status == FAILED else outcome.status


def lacks(outcome: Outcome) -> str:
    return "no " + ", ".join(sorted({feature for feature, _ in outcome.unsupported}))


def totals(columns: list):
    """The rows below the tests."""
    for status in (PASSED, FAILED, NOT_SUPPORTED):
        yield status, [str(column.outcomes.count(status)) for column in columns]
    yield "time", [duration(column.seconds) for column in columns]


def terminal(tests: list, columns: list) -> str:
    cells = [[cell(column, test) for column in columns] for test in tests]
    sums = list(totals(columns))
    table = [[column.title for column in columns], *cells, *(row for _, row in sums)]
    widths = [max(len(row[index]) for row in table) for index in range(len(columns))]
    available = shutil.get_terminal_size((120, 0)).columns - sum(width + 2 for width in widths) - 2
    label_width = max(30, min(available, max([len(test.title) + 2 for test in tests], default=30)))

    def row(label: str, values: list) -> str:
        return (shorten(label, label_width).ljust(label_width) + "".join(
            "  " + value.ljust(width) for value, width in zip(values, widths))).rstrip()

    lines, suite = [row("", [column.title for column in columns])], None
    for test, values in zip(tests, cells):
        if test.suite != suite:
            suite = test.suite
            lines += ["", suite]
        lines.append(row("  " + test.title, values))
    lines.append("")
    lines += [row(label, values) for label, values in sums]
    lines += ["", LEGEND]
    return "\n".join([*lines, *problems(tests, columns)])


def markdown(tests: list, columns: list) -> str:
    def row(values) -> str:
        return "| " + " | ".join(value.replace("|", "\\|") for value in values) + " |"

    lines = [row(["test", *(column.title for column in columns)]), row(["---"] * (len(columns) + 1))]
    lines += [row([f"{test.suite}: {test.title}", *(cell(column, test) for column in columns)]) for test in tests]
    lines += [row([f"**{label}**", *values]) for label, values in totals(columns)]
    lines += ["", LEGEND]
    if details := problems(tests, columns):
        lines += ["", "```", *details[1:], "```"]
    return "\n".join(lines) + "\n"


def problems(tests: list, columns: list) -> list:
    """What failed, and what was supported only in part."""
    lines = []
    for column in columns:
        for problem in column.outcomes.problems:
            lines += ["", f"{column.title}: outside of a test", textwrap.indent(problem, "    ")]
        reasons = {}
        for test in tests:
            outcome = column.outcomes.by_test[test.identifier]
            if outcome.status == PASSED and outcome.unsupported:
                count = f"{len(outcome.unsupported)} of {outcome.cases} cases"
                lines += ["", f"{column.title}: {test.suite}: {test.title}", f"    {count}: {lacks(outcome)}"]
            if outcome.problems:
                reasons.setdefault("\n".join(outcome.problems), []).append(test)
        for reason, failed in reasons.items():
            lines += ["", *(f"{column.title}: {test.suite}: {test.title}" for test in failed)]
            lines.append(textwrap.indent(reason, "    "))
        if column.last_words:
            lines += ["", f"{column.title}: the machine's last output", textwrap.indent(column.last_words, "    ")]
    return lines


def shorten(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
