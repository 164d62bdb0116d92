# SPDX-License-Identifier: Apache-2.0
"""What the time is in a virtual machine."""

from dataclasses import dataclass
from enum import Enum


class Idle(Enum):
    """How time passes in which an emulated CPU has nothing to do."""

    # As on the host.
    HOSTS = "the host's"
    # Not at all: the clock is put to the next timer at once, also while the guest waits for a file of the host.
    SKIPPED = "skipped"
    # Some four times as fast as on the host, exact for timers: see idle.c.
    FILLED = "filled"


@dataclass(frozen=True)
class Clock:
    """What a guest's clock counts if its CPU is emulated: instructions, 2^shift ns each, and idle time."""

    idle: Idle
    shift: int = 0
    # Whether a real CPU and its clock do as well, where there is one.
    may_be_real: bool = True

    @property
    def icount(self) -> str:
        """QEMU's option."""
        return f"shift={self.shift},sleep={'on' if self.idle == Idle.HOSTS else 'off'}"
