# SPDX-License-Identifier: Apache-2.0
"""The work of a virtual machine, and the initramfs that contains it."""

import lzma
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from packages import Kernel

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent
# Needed to reach the root; all other modules are loaded from there.
ROOT_MODULES = ["virtio_pci", "virtiofs", "overlay"]


@dataclass(frozen=True)
class Work:
    """A command, and what the machine prepares for it."""

    command: list
    environment: dict = field(default_factory=dict)
    # Its working directory.
    directory: Path = PACKAGE
    # Directories of the host that it may write to, at the same path; everything else that it writes is lost.
    writable: tuple = ()
    # Kernel modules that are loaded before it begins.
    modules: tuple = ("tun",)
    # Files that are read before it begins, so that it does not wait for them while it measures.
    preloaded: tuple = ()
    # Sizes of the terminals by stream (`output`, `errors`), as (columns, rows); other streams are pipes.
    terminals: dict = field(default_factory=dict)

    def write(self, directory: Path):
        """Writes it to files, which the guest's first process, guest-init, reads."""
        variables = [f"export {name}={shlex.quote(value)}" for name, value in self.environment.items()]
        words = shlex.join(map(str, self.command))
        files = {
            "command": [*variables, f"cd {shlex.quote(str(self.directory))} || exit", f"exec {words}"],
            "writable": self.writable,
            "modules": self.modules,
            "preloaded": self.preloaded,
        }
        files |= {f"{stream}.terminal": size for stream, size in self.terminals.items()}
        for name, lines in files.items():
            (directory / name).write_text("".join(f"{line}\n" for line in lines))


def pack_initramfs(kernel: Kernel, work: Work, fills_idle: bool, directory: Path) -> Path:
    """Packs busybox, the modules needed to reach the root, and the work."""
    root = directory / "initramfs"
    for name in "bin dev guest host modules proc root sys written".split():
        (root / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin/busybox")
    for applet in "sh mount mkdir insmod cp switch_root".split():
        (root / "bin" / applet).symlink_to("busybox")
    if fills_idle:
        subprocess.run(["clang", "-O1", "-static", HERE / "idle.c", "-o", root / "bin/idle"], check=True)
    shutil.copy(HERE / "initramfs-init", root / "init")
    (root / "init").chmod(0o755)
    for number, module in enumerate(modules_in_order(kernel)):
        data = module.read_bytes()
        name = module.name.removesuffix(".xz")
        (root / f"modules/{number:02}-{name}").write_bytes(lzma.decompress(data) if name != module.name else data)
    shutil.copy(HERE / "guest-init", root / "guest/init")
    (root / "guest/kernel").write_text(str(kernel.directory / "lib/modules" / kernel.release))
    work.write(root / "guest")
    archive = directory / "initramfs.cpio"
    names = "\n".join(str(path.relative_to(root)) for path in [root, *sorted(root.rglob("*"))])
    with open(archive, "wb") as output:
        subprocess.run(
            ["busybox", "cpio", "-o", "-H", "newc"], input=names.encode(), stdout=output, stderr=subprocess.DEVNULL,
            cwd=root, check=True)
    return archive


def modules_in_order(kernel: Kernel) -> list:
    """The modules to load, each after those that it depends on."""
    files = {}
    for module in ROOT_MODULES:
        lines = subprocess.run(
            ["modprobe", "--dirname", kernel.directory, "--set-version", kernel.release, "--show-depends", module],
            check=True, capture_output=True, text=True).stdout
        files |= {Path(line.split()[1]): None for line in lines.splitlines() if line.startswith("insmod ")}
    return list(files)
