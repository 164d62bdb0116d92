# SPDX-License-Identifier: Apache-2.0
"""What the fresh machine takes from this one, found by asking this machine's tools. No path is assumed."""

import configparser
import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlparse

from commands import Unavailable, output_of

CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


@dataclass
class Host:
    """Where this machine has what the fresh one needs."""

    swift: Path
    architecture: str
    archive: str
    security_archive: str
    cgroups: Path
    apt_settings: str
    git_settings: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)
    # mounted at the same path
    directories: list = field(default_factory=list)
    # copied: from the path in the fresh machine to the file here
    files: dict = field(default_factory=dict)

    @staticmethod
    def find() -> "Host":
        swift = swift_toolchain()
        archive, security_archive = archives()
        host = Host(swift, architecture(), archive, security_archive, cgroup_mount(), apt_settings())
        host.share(str(swift))
        bundle = Path(os.environ.get("SSL_CERT_FILE", CA_BUNDLE))
        if bundle.is_file():
            host.files[CA_BUNDLE] = bundle
        host.find_git_settings()
        host.find_pip_settings()
        proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        host.environment = proxies | pip | {
            "HOME": "/root", "LANG": "C.UTF-8", "TERM": os.environ.get("TERM", "dumb"),
            "PATH": f"{swift}/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        return host

    def share(self, location: str):
        """Makes a local path available at the same path. A URL of a server needs nothing."""
        url = urlparse(location)
        path = Path(url.path)
        if url.scheme not in ("", "file") or not path.is_absolute():
            return
        if path.is_dir():
            if path not in self.directories:
                self.directories.append(path)
        elif path.is_file():
            self.files.setdefault(str(path), path)

    def find_git_settings(self):
        """Where git takes repositories from, and how it reaches them. Not who the user is."""
        settings = output_of(
            "git", "config", "--null", "--get-regexp", r"^(url\..*\.insteadof|http\.proxy|http\.sslcainfo)$", cwd="/")
        for setting in filter(None, settings.split("\0")):
            key, _, value = setting.partition("\n")
            self.git_settings.append((key, value))
            self.share(key[len("url."):-len(".insteadof")] if key.startswith("url.") else value)

    def find_pip_settings(self):
        home = Path.home()
        values = [os.environ.get("PIP_" + name, "") for name in ("CERT", "FIND_LINKS", "INDEX_URL", "EXTRA_INDEX_URL")]
        for source, name in [
            (Path("/etc/pip.conf"), "/etc/pip.conf"),
            (home / ".pip/pip.conf", "/root/.pip/pip.conf"),
            (home / ".config/pip/pip.conf", "/root/.config/pip/pip.conf"),
        ]:
            if source.is_file():
                self.files[name] = source
                parser = configparser.RawConfigParser(strict=False)
                parser.read(source)
                for section in parser.sections():
                    keys = ("cert", "find-links", "index-url", "extra-index-url")
                    values += [parser.get(section, key, fallback="") for key in keys]
        for value in values:
            for location in value.split():
                self.share(location)


def swift_toolchain() -> Path:
    """The folder that the toolchain in PATH was unpacked to, also if `swift` there is a link or swiftly's proxy."""
    if not shutil.which("swift"):
        raise Unavailable("no 'swift' in PATH; install Swift 6.3 or newer from swift.org/install")
    try:
        resources = json.loads(output_of("swift", "-print-target-info"))["paths"]["runtimeResourcePath"]
    except (ValueError, KeyError):
        raise Unavailable("'swift -print-target-info' names no folder of the toolchain") from None
    prefix = Path(resources).resolve().parents[2]
    if prefix in (Path("/"), Path("/usr"), Path("/usr/local")):
        raise Unavailable(f"Swift is in {prefix} among other programs; install it in a folder of its own")
    return prefix


def architecture() -> str:
    name = output_of("dpkg", "--print-architecture").strip()
    if not name:
        raise Unavailable("no 'dpkg': this script needs Debian, or a system that derives from it")
    return name


def archives() -> tuple:
    """The archives that this machine takes Debian and its security updates from; Debian's own if it names none."""
    main, security = "http://deb.debian.org/debian", "http://deb.debian.org/debian-security"
    fields = "$(CREATED_BY)|$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)"
    for line in output_of("apt-get", "indextargets", "--format", fields).splitlines():
        if line.startswith("Packages|Debian|Debian|main|"):
            main = line.rsplit("|", 1)[1].rstrip("/")
        elif line.startswith("Packages|Debian|Debian-Security|main|"):
            security = line.rsplit("|", 1)[1].rstrip("/")
    return main, security


def apt_settings() -> str:
    """How apt reaches archives: proxies, time-outs, checks of dates. Not this machine's hooks and lists."""
    lines = output_of("apt-config", "dump").splitlines()
    left_out = ("Acquire::IndexTargets", "Acquire::CompressionTypes", "Acquire::cdrom")
    return "".join(f"{line}\n" for line in lines if line.startswith("Acquire::") and not line.startswith(left_out))


def cgroup_mount() -> Path:
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(place)
    raise Unavailable("no cgroup2 is mounted; run 'mount -t cgroup2 cgroup2 /sys/fs/cgroup'")
