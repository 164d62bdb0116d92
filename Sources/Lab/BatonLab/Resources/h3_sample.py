# SPDX-License-Identifier: Apache-2.0
"""Fetches a body over HTTP/3 only, so that the server learns what the path carries.

Prints one JSON object: {"event": "response", "bytes": …, "ms": …}, or {"event": "error", "message": …} with exit
status 1.

usage: h3_sample.py URL HOST:PORT:ADDRESS CA-FILE TIMEOUT-SECONDS
"""

import json
import sys
import time

import pycurl


def main():
    url, resolve, authority, timeout = sys.argv[1:5]
    got = 0

    def count(data):
        nonlocal got
        got += len(data)

    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.RESOLVE, [resolve])
    curl.setopt(pycurl.CAINFO, authority)
    curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_3ONLY)
    curl.setopt(pycurl.FAILONERROR, True)
    curl.setopt(pycurl.TIMEOUT, int(timeout))
    curl.setopt(pycurl.WRITEFUNCTION, count)
    started = time.monotonic_ns()
    try:
        curl.perform()
    except pycurl.error as failure:
        print(json.dumps({"event": "error", "message": str(failure.args[1])}), flush=True)
        sys.exit(1)
    milliseconds = round((time.monotonic_ns() - started) / 1e6, 3)
    print(json.dumps({"event": "response", "bytes": got, "ms": milliseconds}), flush=True)


if __name__ == "__main__":
    main()
