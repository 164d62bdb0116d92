# SPDX-License-Identifier: Apache-2.0
"""The clock of a virtual machine."""

from dataclasses import dataclass
from enum import Enum


class Idle(Enum):
    """How time passes while an emulated CPU is idle."""

    # As on the host.
    HOSTS = "the host's"
    # Not at all: the clock jumps to the next timer at once, even while the guest waits for a file of the host.
    SKIPPED = "skipped"
    # About four times as fast as on the host, and exact for timers: see idle.c.
    FILLED = "filled"


@dataclass(frozen=True)
class Clock:
    """What the clock of a guest with an emulated CPU counts: instructions, 2^shift ns each, and idle time."""

    idle: Idle
    shift: int = 0
    # Whether a real CPU and its clock may be used instead, if there is one.
    may_be_real: bool = True

    @property
    def icount(self) -> str:
        """QEMU's option."""
        return f"shift={self.shift},sleep={'on' if self.idle == Idle.HOSTS else 'off'}"
