# SPDX-License-Identifier: Apache-2.0
"""Debian's kernels, resolved when they are needed, since versions in the archive rotate.

apt runs with its own configuration in its own folder, so that neither the machine's sources nor its package lists
change. Fetched kernels stay in `.build/kernels/VERSION`, with a link `.build/kernels/SERIES`.
"""

import functools
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

NEWEST = "newest"
# The cloud flavour is the smallest, and has what the tests load: veth, tun, qdiscs, nf_tables, congestion controls.
META_PACKAGE = "linux-image-cloud-amd64"
# A kernel may be split into packages, on which its image depends.
PARTS = re.compile(r"(linux-(?:image|base|binary|modules)-[0-9][^ ,]*)(?: \(= ([^ )]+)\))?")
UNSTABLE = "sid"
SUITES = [
    release + pocket
    for release in ("bookworm", "trixie", "forky")
    for pocket in ("", "-updates", "-security", "-backports")
] + [UNSTABLE]


class Unavailable(Exception):
    """A kernel is not available; the text says why."""


@dataclass(frozen=True)
class Kernel:
    """An unpacked kernel."""

    version: str
    directory: Path

    @property
    def release(self) -> str:
        """What `uname -r` says."""
        return next((self.directory / "lib/modules").iterdir()).name

    @property
    def image(self) -> Path:
        places = [f"boot/vmlinuz-{self.release}", f"lib/modules/{self.release}/vmlinuz"]
        return next(path for place in places if (path := self.directory / place).exists())


class KernelCache:
    """The fetched kernels, and those that can be fetched."""

    def __init__(self, directory: Path, say):
        self.directory = directory
        self.say = say
        directory.mkdir(parents=True, exist_ok=True)

    def kernel(self, series: str, update: bool = False) -> Kernel:
        """The newest kernel of a series, such as `6.1`, or of all; fetched unless it was fetched before."""
        link = self.directory / series
        if update or not link.exists():
            version = self._fetch_newest(series)
            temporary = self.directory / f"{series}.{os.getpid()}"
            temporary.symlink_to(version)
            temporary.replace(link)
        return Kernel(os.readlink(link), link.resolve())

    def _fetch_newest(self, series: str) -> str:
        if series == NEWEST and not self._archive.has_unstable:
            self.say("kernels: the archive has no readable sid; 'newest' is the newest of its other suites")
        *older, newest = self._archive.versions(series)
        try:
            self._fetch(newest)
            return newest
        except Unavailable as error:
            if series != NEWEST or not older:
                raise
            self.say(f"kernels: the newest, {newest}, is not available, so {older[-1]} is used: {error}")
            self._fetch(older[-1])
            return older[-1]

    @functools.cached_property
    def _archive(self) -> "Archive":
        self.say("kernels: reading the archive's package lists")
        return Archive(self.directory / "apt", self.say)

    def _fetch(self, version: str):
        directory = self.directory / version
        if directory.exists():
            return
        with tempfile.TemporaryDirectory(dir=self.directory, prefix="fetch.") as temporary:
            packages, unpacked = Path(temporary) / "packages", Path(temporary) / "unpacked"
            packages.mkdir()
            self.say(f"kernels: fetching {version}")
            self._archive.download(META_PACKAGE, version, packages)
            for package in packages.glob("*.deb"):
                run("dpkg-deb", "--extract", package, unpacked)
            if not (unpacked / "lib").exists():
                (unpacked / "lib").symlink_to("usr/lib")
            kernel = Kernel(version, unpacked)
            run("depmod", "--basedir", unpacked, kernel.release)
            unpacked.rename(directory)


class Archive:
    """The Debian archives that this machine uses, with the suites of all releases."""

    def __init__(self, directory: Path, say):
        self.directory = directory
        for name in ("lists/partial", "cache/archives/partial"):
            (directory / name).mkdir(parents=True, exist_ok=True)
        (directory / "sources.list").write_text("".join(line + "\n" for line in self._sources()))
        # A release that is not out yet, or is archived, lacks some suites; that matters only if a kernel is missing.
        update = self._apt("apt-get", "update", "--quiet", check=False)
        lists = [path.name for path in (directory / "lists").glob("*_Packages*")]
        if not lists:
            raise Unavailable(f"the archive's package lists can't be read:\n{update.stderr.strip()}")
        self.has_unstable = any(f"_{UNSTABLE}_" in name for name in lists)

    def _sources(self):
        fields = "$(CREATED_BY)|$(ORIGIN)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)|$(SOURCESENTRY)"
        targets = [line.split("|") for line in run("apt-get", "indextargets", "--format", fields).splitlines()]
        archives = {}
        for created_by, origin, codename, component, uri, entry in targets:
            if created_by == "Packages" and origin == "Debian" and component == "main":
                archives[codename.endswith("-security")] = (uri, keyring(Path(entry.rsplit(":", 1)[0]), uri))
        if not archives:
            raise Unavailable("no Debian archive in apt's configuration")
        for suite in SUITES:
            if archive := archives.get(suite.endswith("-security")):
                uri, key = archive
                options = f"[arch=amd64 signed-by={key}]" if key else "[arch=amd64]"
                yield f"deb {options} {uri} {suite} main"

    def _apt(self, *command, check=True, cwd=None) -> subprocess.CompletedProcess:
        options = {
            "Dir::Etc::SourceList": self.directory / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::Preferences": "/dev/null",
            "Dir::Etc::PreferencesParts": "/dev/null",
            "Dir::State::Lists": self.directory / "lists",
            "Dir::Cache": self.directory / "cache",
            "Acquire::Languages": "none",
            "APT::Architecture": "amd64",
            "APT::Sandbox::User": "root",
        }
        arguments = [word for option, value in options.items() for word in ("-o", f"{option}={value}")]
        return subprocess.run(
            [command[0], *arguments, *command[1:]], check=check, cwd=cwd, capture_output=True, text=True,
            env={**os.environ, "LC_ALL": "C"})

    def versions(self, series: str) -> list:
        """The kernels of a series, or all kernels, oldest first."""
        lines = self._apt("apt-cache", "madison", META_PACKAGE, check=False).stdout.splitlines()
        versions = sorted({line.split("|")[1].strip() for line in lines}, key=functools.cmp_to_key(compare))
        chosen = [version for version in versions if series == NEWEST or re.match(re.escape(series) + "[.~-]", version)]
        if not chosen:
            raise Unavailable(f"the archive has no Linux {series}; it has {', '.join(versions) or 'none'}")
        return chosen

    def download(self, package: str, version: str, directory: Path):
        """Downloads a package and the kernel packages that it depends on."""
        description = self._apt("apt-cache", "show", f"{package}={version}").stdout
        depends = re.search(r"^Depends: (.*)$", description, re.M)
        for part, own_version in PARTS.findall(depends[1] if depends else ""):
            self.download(part, own_version or version, directory)
        if package != META_PACKAGE:
            result = self._apt("apt-get", "download", f"{package}={version}", check=False, cwd=directory)
            if result.returncode:
                raise Unavailable(f"{package} {version}: {result.stderr.strip()}")


def keyring(source: Path, uri: str):
    """The keyring that a source file names for an archive, in either of apt's two formats."""
    for paragraph in re.split(r"\n\s*\n", source.read_text()):
        for line in paragraph.splitlines():
            one_line = line.startswith("deb ") and uri.rstrip("/") in line
            if one_line and (key := re.search(r"signed-by=(/[^],\s]+)", line)):
                return key[1]
        if uri.rstrip("/") in paragraph and (key := re.search(r"^Signed-By:\s*(/\S+)", paragraph, re.M)):
            return key[1]
    return None


def compare(left: str, right: str) -> int:
    if left == right:
        return 0
    return -1 if subprocess.run(["dpkg", "--compare-versions", left, "lt", right]).returncode == 0 else 1


def run(*command) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except subprocess.CalledProcessError as error:
        words = " ".join(map(str, command))
        raise Unavailable(f"'{words}' ended with {error.returncode}: {error.stderr.strip()}") from None
