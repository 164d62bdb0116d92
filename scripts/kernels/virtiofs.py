# SPDX-License-Identifier: Apache-2.0
"""Directories of the host in a virtual machine, through virtiofs."""

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

# Debian 12 ships the C daemon with QEMU, later releases the Rust one as a package of its own.
OLD_DAEMON, NEW_DAEMON = Path("/usr/lib/qemu/virtiofsd"), Path("/usr/libexec/virtiofsd")


@dataclass(frozen=True)
class Share:
    """A directory of the host, and the tag by which the guest mounts it. The mount decides whether it is writable."""

    tag: str
    directory: Path

    # Whether it never changes, and the guest may cache everything; where both sides write, it must not.
    is_constant: bool

    def socket(self, run_directory: Path) -> Path:
        return run_directory / f"{self.tag}.socket"

    def serve(self, run_directory: Path) -> list:
        """The daemon's command line."""
        socket, cache = self.socket(run_directory), "always" if self.is_constant else "auto"
        # overlayfs refuses a directory that is announced as a mount point: 'Object is remote'.
        if daemon() == NEW_DAEMON:
            return [NEW_DAEMON, "--socket-path", socket, "--shared-dir", self.directory, "--cache", cache, "--sandbox",
                    "chroot", "--xattr", "--modcaps=+sys_admin", "--no-announce-submounts", "--log-level", "error"]
        options = [f"source={self.directory}", f"cache={cache}"]
        options += "sandbox=chroot no_posix_lock xattr modcaps=+sys_admin log_level=err".split()
        return [OLD_DAEMON, f"--socket-path={socket}", *(word for option in options for word in ("-o", option))]

    def device(self, run_directory: Path) -> list:
        """QEMU's arguments."""
        return ["-chardev", f"socket,id={self.tag},path={self.socket(run_directory)}",
                "-device", f"vhost-user-fs-pci,queue-size=1024,chardev={self.tag},tag={self.tag}"]

    def wait_until_served(self, process: subprocess.Popen, run_directory: Path) -> bool:
        """Returns: whether the daemon listens; false if it has ended, or not begun after 10 s."""
        for _ in range(500):
            if self.socket(run_directory).exists():
                return True
            if process.poll() is not None:
                break
            time.sleep(0.02)
        return False


def daemon() -> Path:
    return NEW_DAEMON if NEW_DAEMON.exists() else OLD_DAEMON
