# SPDX-License-Identifier: Apache-2.0
"""Messages, and commands of this machine."""

import shutil
import subprocess
import sys


class Unavailable(Exception):
    """The machine can't be made; the text says why."""


def say(text: str):
    print(f"fresh-machine: {text}", file=sys.stderr, flush=True)


def output_of(*command, **options) -> str:
    """What a command of the host prints, or nothing if it fails."""
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **options).stdout
    except FileNotFoundError:
        return ""


def demand(*command, **options):
    """Runs a command of the host; what it printed is shown only if it fails."""
    if not shutil.which(command[0]):
        raise Unavailable(f"no '{command[0]}' in PATH")
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode != 0:
        sys.stderr.write(result.stdout)
        raise Unavailable(f"'{' '.join(map(str, command))}' failed")
