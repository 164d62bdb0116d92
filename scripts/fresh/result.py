# SPDX-License-Identifier: Apache-2.0
"""How a command ended."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Result:
    command: list
    status: int
    seconds: float
    log: Path
    # names of the processes that were still running when it ended
    left: list

    @property
    def lines(self) -> list:
        """A line for the command, and the lines that say what failed."""
        status = "passed" if self.status == 0 else f"FAILED ({self.status})"
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        runs = re.findall(r"Test run with \d+ tests.*", text)
        summary = runs[-1] if runs else ""
        lines = [f"{' '.join(self.command):<20} {status:<12} {self.seconds:5.0f} s  {summary}".rstrip()]
        lines += [f"    {line[2:]}" for line in re.findall(r"^. (?:Test|Suite) .* recorded an issue.*", text, re.M)]
        lines += [f"    {line[2:]}" for line in re.findall(r"^. (?:Test|Suite) .* skipped.*", text, re.M)]
        if self.left:
            lines.append(f"    left running, and ended by this script: {', '.join(sorted(self.left))}")
        if self.status != 0:
            lines.append(f"    all it printed: {self.log}")
        return lines
