# SPDX-License-Identifier: Apache-2.0
"""A virtual machine whose root is the host's, read-only, below a tmpfs: what it writes is lost when it ends."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import virtiofs
from clock import Clock, Idle
from packages import Kernel
from virtiofs import Share
from work import Work, pack_initramfs

COMMANDS = ["qemu-system-x86_64", "busybox", "modprobe", "depmod", "setpriv", "clang"]
MEMORY = "2048M"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# The guest's serial ports, ttyS0 to ttyS3. On `events` the guest reports that it is up and how the command ended, the
# command writes events of its own, and the guest receives names of signals for it.
PORTS = ["console", "output", "events", "errors"]
EVENTS = "/dev/ttyS2"


class DidNotBoot(Exception):
    """The guest's first process did not start; the text has the machine's output."""


class Guest:
    """A booted machine that runs a command."""

    def __init__(self, directory: Path, process: subprocess.Popen):
        self.directory = directory
        self.process = process
        self.is_up = False
        # The command's exit status, once it has ended.
        self.status = None
        # The command's duration on the guest's clock (s).
        self.elapsed = None
        self._read = dict.fromkeys(PORTS, 0)
        self._rest = b""

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def news(self, port: str) -> bytes:
        """What has arrived on a port since the last call."""
        with open(self.directory / port, "rb") as file:
            file.seek(self._read[port])
            data = file.read()
        self._read[port] += len(data)
        return data

    def events(self) -> list:
        """The lines of the command's event stream that have arrived since the last call."""
        whole, newline, rest = (self._rest + self.news("events")).rpartition(b"\n")
        self._rest = rest
        events = []
        for event in json_lines(whole):
            if event["kind"] == "guest":
                self.is_up = True
                self.status = event.get("status")
                self.elapsed = event.get("elapsed_s")
            else:
                events.append(event)
        return events

    def text(self, port: str, lines: int) -> str:
        """The last lines of a port's output, or of a log such as QEMU's, `machine.log`."""
        text = (self.directory / port).read_text(errors="replace").replace("\r", "")
        return "\n".join(text.rstrip().splitlines()[-lines:])

    def send(self, signal: str):
        """Sends the command and the processes that it started a signal, such as `INT`."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.directory / "signals"))
            connection.sendall(f"{signal}\n".encode())

    def wait_until_up(self, limit: float):
        deadline = time.monotonic() + limit
        while not self.is_up:
            self.events()
            if not self.is_running or time.monotonic() > deadline:
                logs = [path.name for path in self.directory.glob("*.log")]
                words = [self.text(name, 30) for name in [*logs, "console"]]
                raise DidNotBoot("\n".join(filter(None, ["does not boot", *words])))
            time.sleep(0.1)


def json_lines(data: bytes) -> list:
    lines = []
    for line in data.split(b"\n"):
        # A line may be cut off by a premature end, which is reported elsewhere.
        with contextlib.suppress(ValueError):
            if line.strip():
                lines.append(json.loads(line))
    return lines


has_kvm = os.access("/dev/kvm", os.R_OK | os.W_OK)


@contextlib.contextmanager
def boot(kernel: Kernel, work: Work, clock: Clock, limit: float):
    """Boots a kernel and runs a command in it. The machine ends with the block, if it has not ended before."""
    global has_kvm
    with contextlib.ExitStack() as stack:
        while True:
            is_real = has_kvm and clock.may_be_real
            try:
                guest = stack.enter_context(launched(kernel, work, None if is_real else clock))
                guest.wait_until_up(limit)
                break
            except DidNotBoot:
                # In a machine that is itself a guest, /dev/kvm may exist and not work.
                if not is_real:
                    raise
                has_kvm = False
                stack.close()
        yield guest


@contextlib.contextmanager
def launched(kernel: Kernel, work: Work, clock: Clock | None):
    """Starts a machine and the daemons that serve its root. Without `clock`, its CPU is a real one."""
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baton-vm.")))
        if clock:
            work = replace(work, environment={**work.environment, "BATON_EMULATED_CPU": "1"})
        initramfs = pack_initramfs(kernel, work, clock is not None and clock.idle == Idle.FILLED, directory)
        for port in PORTS:
            (directory / port).touch()
        shares = [Share("host", Path("/"), is_constant=True)]
        shares += [Share(f"writable{number}", path, is_constant=False) for number, path in enumerate(work.writable)]
        for share in shares:
            log = directory / f"{share.tag}.log"
            daemon = start(stack, share.serve(directory), log)
            if not share.wait_until_served(daemon, directory):
                raise DidNotBoot(f"virtiofsd does not share {share.directory}:\n{log.read_text(errors='replace')}")
        command = qemu(kernel, initramfs, directory, shares, clock)
        yield Guest(directory, start(stack, command, directory / "machine.log"))


def start(stack: contextlib.ExitStack, command: list, log: Path) -> subprocess.Popen:
    """Starts a process that ends with the stack, and also if this process is killed."""
    with open(log, "wb") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)], stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, start_new_session=True)
    stack.callback(lambda: (process.kill(), process.wait()))
    return process


def qemu(kernel: Kernel, initramfs: Path, directory: Path, shares: list, clock: Clock | None) -> list:
    arguments = f"""
        qemu-system-x86_64 -machine q35 -smp 1 -m {MEMORY} -nodefaults -no-user-config -display none -no-reboot
        -object memory-backend-memfd,id=memory,size={MEMORY},share=on -numa node,memdev=memory
        """.split()
    if clock:
        arguments += ["-accel", "tcg", "-cpu", "max", "-icount", clock.icount]
    else:
        arguments += ["-accel", "kvm", "-cpu", "host"]
    for share in shares:
        arguments += share.device(directory)
    for port in PORTS:
        file = f"file,id={port},path={directory / port}"
        if port == "events":
            # The log file is written whether or not something is connected.
            file = f"socket,id={port},path={directory / 'signals'},server=on,wait=off,logfile={directory / port}"
        arguments += ["-chardev", file, "-serial", f"chardev:{port}"]
    arguments += ["-kernel", kernel.image, "-initrd", initramfs]
    return arguments + ["-append", "console=ttyS0 loglevel=4 panic=-1 tsc=reliable mitigations=off"]


def missing_command() -> str | None:
    """A required command that this machine lacks."""
    return next((name for name in [*COMMANDS, str(virtiofs.daemon())] if not shutil.which(name)), None)
