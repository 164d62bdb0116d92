# SPDX-License-Identifier: Apache-2.0
"""A cgroup for a command."""

import os
import signal
import time
from pathlib import Path

from commands import Unavailable
from host import Host


class Cgroup:
    """Everything that a command starts is in it, and ends with it."""

    def __init__(self, host: Host):
        self.path = host.cgroups / f"fresh-machine-{os.getpid()}"

    def __enter__(self) -> "Cgroup":
        try:
            self.path.mkdir()
        except OSError as error:
            raise Unavailable(f"can't make a cgroup: {error}") from None
        return self

    def __exit__(self, *_):
        # tests that are still running get time to remove what they made
        for process in self.processes():
            try:
                os.kill(process, signal.SIGTERM)
            except ProcessLookupError:
                pass
        self._wait_until_empty(10)
        (self.path / "cgroup.kill").write_text("1")
        self._wait_until_empty(60)
        for directory, *_ in os.walk(self.path, topdown=False):
            os.rmdir(directory)

    def join(self):
        (self.path / "cgroup.procs").write_text("0")

    def processes(self) -> list:
        processes = []
        for directory, *_ in os.walk(self.path):
            try:
                processes += map(int, Path(directory, "cgroup.procs").read_text().split())
            except OSError:
                # removed meanwhile
                pass
        return processes

    def names(self) -> list:
        """What runs in it; a process that ends meanwhile is left out."""
        names = []
        for process in self.processes():
            try:
                names.append(Path(f"/proc/{process}/comm").read_text().strip())
            except OSError:
                pass
        return names

    def _wait_until_empty(self, seconds: float):
        deadline = time.monotonic() + seconds
        while "populated 0" not in (self.path / "cgroup.events").read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
