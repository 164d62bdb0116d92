# SPDX-License-Identifier: Apache-2.0
"""A virtual machine with the host's root as its own, read-only, below a tmpfs: what it writes is gone with it."""

import contextlib
import json
import lzma
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from packages import Kernel

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent
# To reach the root; all else is loaded from there.
MODULES = ["virtio_pci", "virtiofs", "overlay"]
# Debian 12 ships the C daemon with QEMU, later releases the Rust one as a package of its own.
OLD_DAEMON, NEW_DAEMON = Path("/usr/lib/qemu/virtiofsd"), Path("/usr/libexec/virtiofsd")
MEMORY = "2048M"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


# Where the guest writes what it has to say: the events of the tests, and that it is up and how the command ended.
EVENTS = "/dev/ttyS2"


class DidNotBoot(Exception):
    """The guest's first process did not come up; the text says what the machine said."""


class Guest:
    """A booted machine, on which a command runs."""

    def __init__(self, directory: Path, process: subprocess.Popen):
        self.directory = directory
        self.process = process
        self.is_up = False
        # The command's, once it has ended.
        self.status = None
        self._offset = 0
        self._rest = b""

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def events(self) -> list:
        """The lines of the event stream that have come since it was asked last."""
        with open(self.directory / "events", "rb") as file:
            file.seek(self._offset)
            data = file.read()
        self._offset += len(data)
        whole, newline, rest = (self._rest + data).rpartition(b"\n")
        self._rest = rest
        events = []
        for event in json_lines(whole):
            if event["kind"] == "guest":
                self.is_up = True
                self.status = event.get("status")
            else:
                events.append(event)
        return events

    def text(self, port: str, lines: int) -> str:
        """The last lines of what came through a port: `console` or `output`."""
        text = (self.directory / port).read_text(errors="replace").replace("\r", "")
        return "\n".join(text.rstrip().splitlines()[-lines:])

    def wait_until_up(self, limit: float):
        deadline = time.monotonic() + limit
        while not self.is_up:
            self.events()
            if not self.is_running or time.monotonic() > deadline:
                words = [self.text(name, 30) for name in ("daemon", "machine", "console")]
                raise DidNotBoot("\n".join(filter(None, ["does not boot", *words])))
            time.sleep(0.1)


def json_lines(data: bytes) -> list:
    lines = []
    for line in data.split(b"\n"):
        # A line may have been cut by an end before its time, which is told as such.
        with contextlib.suppress(ValueError):
            if line.strip():
                lines.append(json.loads(line))
    return lines


accelerators = ["kvm", "icount"] if os.access("/dev/kvm", os.R_OK | os.W_OK) else ["icount"]


@contextlib.contextmanager
def boot(kernel: Kernel, command: list, environment: dict, skips_idle: bool, limit: float):
    """Boots a kernel, and runs a command in it. The machine ends with the block, if it didn't before."""
    with contextlib.ExitStack() as stack:
        while True:
            try:
                guest = stack.enter_context(launched(kernel, command, environment, accelerators[0], skips_idle))
                guest.wait_until_up(limit)
                break
            except DidNotBoot:
                # There may be a /dev/kvm that doesn't work, in a machine that is a guest itself.
                if len(accelerators) == 1:
                    raise
                accelerators.pop(0)
                stack.close()
        yield guest


@contextlib.contextmanager
def launched(kernel: Kernel, command: list, environment: dict, accelerator: str, skips_idle: bool):
    """Starts a machine and what serves its root."""
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baton-vm.")))
        if accelerator == "icount":
            environment = {**environment, "BATON_EMULATED_CPU": "1"}
        initramfs = pack_initramfs(kernel, command, environment, directory)
        for port in ("console", "output", "events"):
            (directory / port).touch()
        daemon = start(stack, share_root(directory / "socket"), directory / "daemon")
        wait_for_socket(daemon, directory)
        command = qemu(kernel, initramfs, directory, accelerator, skips_idle)
        yield Guest(directory, start(stack, command, directory / "machine"))


def start(stack: contextlib.ExitStack, command: list, log: Path) -> subprocess.Popen:
    """A process that ends with the stack, and also if this process is killed."""
    with open(log, "wb") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)], stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, start_new_session=True)
    stack.callback(lambda: (process.kill(), process.wait()))
    return process


def virtiofsd() -> Path:
    return NEW_DAEMON if NEW_DAEMON.exists() else OLD_DAEMON


def share_root(socket: Path) -> list:
    """The command that serves the root."""
    # overlayfs takes no directory that is announced as a mount point: 'Object is remote'.
    if virtiofsd() == NEW_DAEMON:
        return [NEW_DAEMON, "--socket-path", socket, "--shared-dir", "/", "--cache", "always", "--sandbox", "chroot",
                "--xattr", "--modcaps=+sys_admin", "--no-announce-submounts", "--log-level", "error"]
    options = "source=/ cache=always sandbox=chroot no_posix_lock xattr modcaps=+sys_admin log_level=err".split()
    return [OLD_DAEMON, f"--socket-path={socket}", *(word for option in options for word in ("-o", option))]


def wait_for_socket(daemon: subprocess.Popen, directory: Path):
    for _ in range(500):
        if (directory / "socket").exists():
            return
        if daemon.poll() is not None:
            break
        time.sleep(0.02)
    raise DidNotBoot("virtiofsd does not start:\n" + (directory / "daemon").read_text(errors="replace"))


def qemu(kernel: Kernel, initramfs: Path, directory: Path, accelerator: str, skips_idle: bool) -> list:
    arguments = f"""
        qemu-system-x86_64 -machine q35 -smp 1 -m {MEMORY} -nodefaults -no-user-config -display none -no-reboot
        -object memory-backend-memfd,id=memory,size={MEMORY},share=on -numa node,memdev=memory
        -device vhost-user-fs-pci,queue-size=1024,chardev=host,tag=host
        """.split()
    # icount: an instruction takes a nanosecond of the guest's time, however long it takes here. Idle time passes as it
    # does here; or it is skipped, which keeps all times exact, but those that a file of the host takes to come.
    arguments += {
        "kvm": ["-accel", "kvm", "-cpu", "host"],
        "icount": ["-accel", "tcg", "-cpu", "max", "-icount", f"shift=0,sleep={'off' if skips_idle else 'on'}"],
    }[accelerator]
    arguments += ["-chardev", f"socket,id=host,path={directory / 'socket'}"]
    for port in ("console", "output", "events"):
        arguments += ["-chardev", f"file,id={port},path={directory / port}", "-serial", f"chardev:{port}"]
    arguments += ["-kernel", kernel.image, "-initrd", initramfs]
    return arguments + ["-append", "console=ttyS0 loglevel=4 panic=-1 tsc=reliable mitigations=off"]


def pack_initramfs(kernel: Kernel, command: list, environment: dict, directory: Path) -> Path:
    """busybox, the modules to reach the root with, and what is to be run there."""
    root = directory / "initramfs"
    for name in "bin dev guest host modules proc root sys written".split():
        (root / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin/busybox")
    for applet in "sh mount mkdir insmod cp switch_root".split():
        (root / "bin" / applet).symlink_to("busybox")
    shutil.copy(HERE / "initramfs-init", root / "init")
    (root / "init").chmod(0o755)
    for number, module in enumerate(modules_in_order(kernel)):
        data = module.read_bytes()
        name = module.name.removesuffix(".xz")
        (root / f"modules/{number:02}-{name}").write_bytes(lzma.decompress(data) if name != module.name else data)
    shutil.copy(HERE / "guest-init", root / "guest/init")
    (root / "guest/modules").write_text(str(kernel.directory / "lib/modules" / kernel.release))
    variables = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    lines = [*variables, f"cd {shlex.quote(str(PACKAGE))}", shlex.join(map(str, command)), ""]
    (root / "guest/command").write_text("\n".join(lines))
    archive = directory / "initramfs.cpio"
    names = "\n".join(str(path.relative_to(root)) for path in [root, *sorted(root.rglob("*"))])
    with open(archive, "wb") as output:
        subprocess.run(
            ["busybox", "cpio", "-o", "-H", "newc"], input=names.encode(), stdout=output, stderr=subprocess.DEVNULL,
            cwd=root, check=True)
    return archive


def modules_in_order(kernel: Kernel) -> list:
    """What has to be loaded, each after those that it needs."""
    files = {}
    for module in MODULES:
        lines = subprocess.run(
            ["modprobe", "--dirname", kernel.directory, "--set-version", kernel.release, "--show-depends", module],
            check=True, capture_output=True, text=True).stdout
        files |= {Path(line.split()[1]): None for line in lines.splitlines() if line.startswith("insmod ")}
    return list(files)
