# SPDX-License-Identifier: Apache-2.0
"""A folder with a minimal Debian, as a machine that runs commands."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from cgroup import Cgroup
from commands import Unavailable, demand, say
from host import Host
from result import Result

PACKAGE = Path(__file__).resolve().parent.parent.parent
ENTER = PACKAGE / "scripts/fresh/enter"
# Bases, logs, and the folders that nobody named.
STORE = PACKAGE / ".build/fresh-machine"
CODENAMES = {"12": "bookworm", "13": "trixie"}
# For Swift (swift.org/install lists them), `git clone` and `make`. scripts/bootstrap installs everything else.
BASE_PACKAGES = (
    "ca-certificates git make python3 libc6-dev gcc g++ binutils libcurl4 libxml2 libncurses6 libedit2 libsqlite3-0"
    " tzdata"
).split()
# An older base is not used: its packages no longer match the archive's.
BASE_AGE_SECONDS = 7 * 24 * 3600
REPOSITORY = "root/baton"
# Names the release in a folder that is complete.
MARK = "etc/fresh-machine"


class Machine:
    """The folder need not exist before `make`."""

    def __init__(self, host: Host, release: str, root: Path):
        self.host, self.release, self.root = host, release, root

    def make(self):
        """Makes it, from the archive or from what an earlier run saved. A folder that was kept stays as it is."""
        base = self.base()
        if (self.root / MARK).is_file():
            say(f"using Debian {self.release} in {self.root} again")
            self.configure()
        elif base.is_file() and time.time() - base.stat().st_mtime < BASE_AGE_SECONDS:
            say(f"unpacking {base}")
            self.root.mkdir(parents=True, exist_ok=True)
            demand("tar", "--extract", "--numeric-owner", "--file", base, "--directory", self.root)
            self.configure()
        else:
            self.root.mkdir(parents=True, exist_ok=True)
            self.root.chmod(0o755)
            self.debootstrap()
            self.configure()
            self.install_base()
            self.save(base)
        # a failure to set up its namespaces is reported here, and not as a target that failed
        self.demand("true")
        (self.root / MARK).write_text(f"{self.release}\n")

    def base(self) -> Path:
        """The file that keeps the folder as it was before anything of this package was in it."""
        made_of = "\n".join([self.host.archive, *BASE_PACKAGES])
        digest = hashlib.sha256(made_of.encode()).hexdigest()[:8]
        return STORE / f"debian-{self.release}-{self.host.architecture}-{digest}.tar"

    def install_base(self):
        say("installing what Swift needs")
        self.demand("apt-get", "--quiet", "update")
        self.demand(
            "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes", "install",
            "--no-install-recommends", *BASE_PACKAGES)
        self.demand("apt-get", "clean")
        # an update of ca-certificates has written its own bundle
        self.configure()

    def save(self, base: Path):
        STORE.mkdir(parents=True, exist_ok=True)
        unfinished = base.with_suffix(f".{os.getpid()}")
        try:
            demand(
                "tar", "--create", "--numeric-owner", "--one-file-system", "--file", unfinished, "--directory",
                self.root, ".")
            for outdated in STORE.glob(f"debian-{self.release}-{self.host.architecture}-*.tar"):
                outdated.unlink()
            unfinished.replace(base)
        finally:
            unfinished.unlink(missing_ok=True)

    def debootstrap(self):
        if not shutil.which("debootstrap"):
            say("installing debootstrap")
            environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            demand("apt-get", "--quiet", "update", env=environment)
            demand("apt-get", "--quiet", "--yes", "install", "--no-install-recommends", "debootstrap", env=environment)
        say(f"making Debian {self.release} in {self.root}")
        proxy = re.search(r'^Acquire::http::Proxy "([^"]+)"', self.host.apt_settings, re.M)
        environment = ({"http_proxy": proxy[1]} if proxy else {}) | os.environ
        # in a cgroup and a mount namespace, so that nothing of it stays if it is interrupted
        with Cgroup(self.host) as cgroup:
            demand(
                "unshare", "--mount", "debootstrap", "--variant=minbase", "--include=ca-certificates",
                f"--arch={self.host.architecture}", CODENAMES[self.release], self.root, self.host.archive,
                env=environment, preexec_fn=cgroup.join)

    def configure(self):
        codename = CODENAMES[self.release]
        apt = self.root / "etc/apt"
        (apt / "sources.list").unlink(missing_ok=True)
        (apt / "sources.list.d/debian.sources").write_text(
            f"Types: deb\nURIs: {self.host.archive}\nSuites: {codename} {codename}-updates\nComponents: main\n"
            "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n"
            f"Types: deb\nURIs: {self.host.security_archive}\nSuites: {codename}-security\nComponents: main\n"
            "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n")
        (apt / "apt.conf.d/99host").write_text(self.host.apt_settings)

        files = self.host.files | {name: Path(name) for name in ("/etc/resolv.conf", "/etc/hosts", "/etc/hostname")}
        for name, source in files.items():
            if source.is_file():
                copy = self.root / name.lstrip("/")
                copy.parent.mkdir(parents=True, exist_ok=True)
                # if it is a link, writing through it would change a file of this machine
                copy.unlink(missing_ok=True)
                shutil.copyfile(source, copy)

        if self.host.git_settings and shutil.which("git"):
            settings = self.root / "root/.gitconfig"
            settings.unlink(missing_ok=True)
            for key, value in self.host.git_settings:
                demand("git", "config", "--file", settings, "--add", key, value)
        for directory in self.host.directories:
            (self.root / directory.relative_to("/")).mkdir(parents=True, exist_ok=True)

    def clone(self):
        """The last commit. In a folder that was kept, what was built stays, so that only what changed is built."""
        repository = self.root / REPOSITORY
        if not repository.exists():
            demand("git", "clone", "--quiet", "--no-local", PACKAGE, repository)
        demand("git", "-C", repository, "fetch", "--quiet", PACKAGE, "HEAD")
        demand("git", "-C", repository, "reset", "--quiet", "--hard", "FETCH_HEAD")

    def start(self, cgroup: Cgroup, command: list, directory: str, **streams) -> subprocess.Popen:
        return subprocess.Popen(
            ["unshare", "--mount", "--cgroup", ENTER, self.root, self.host.cgroups, *self.host.directories,
             "--", "env", "--chdir", directory, *command],
            preexec_fn=cgroup.join, env=self.host.environment, **streams)

    def demand(self, *command):
        """Runs a command in it; what it printed is shown only if it fails."""
        with Cgroup(self.host) as cgroup:
            process = self.start(
                cgroup, list(command), "/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            output, _ = process.communicate()
        if process.returncode != 0:
            sys.stderr.buffer.write(output)
            raise Unavailable(f"'{' '.join(command)}' failed in {self.root}")

    def run(self, command: list, log: Path) -> Result:
        """Runs a command in the clone, shows what it prints, and keeps it in a file."""
        begin = time.monotonic()
        with log.open("wb") as file:
            with Cgroup(self.host) as cgroup:
                process = self.start(
                    cgroup, command, f"/{REPOSITORY}", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT)
                copier = threading.Thread(target=copy, args=(process.stdout, file), daemon=True)
                copier.start()
                status = process.wait()
                seconds = time.monotonic() - begin
                left = cgroup.names()
            copier.join()
        return Result(command, status, seconds, log, left)

    def shell(self) -> int:
        with Cgroup(self.host) as cgroup:
            return self.start(cgroup, ["bash"], f"/{REPOSITORY}").wait()

    def remove(self):
        subprocess.run(["rm", "-rf", "--one-file-system", self.root], check=False)


def copy(stream, file):
    while chunk := os.read(stream.fileno(), 1 << 16):
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        file.write(chunk)
