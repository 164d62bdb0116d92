# SPDX-License-Identifier: Apache-2.0
"""The demo's client: one libcurl handle that speaks HTTP/3 and falls back to TCP by itself.

It runs in the client's network namespace and requests the same body three times: first over HTTP/3; then again, asking
for UDP to be blocked meanwhile; and again, which libcurl then carries over TCP. It prints one JSON object per line:

    {"event": "response", …}       the first request is complete
    {"event": "block_udp", …}      the second is far enough that UDP is to be blocked now
    {"event": "gave_up", …}        libcurl has given up the second; the third starts after a line on standard input
    {"event": "tcp_response", …}   the third is complete: milliseconds from connect()
    {"event": "error", …}          an expected step did not happen; exit status 1

usage: client.py URL HOST:PORT:ADDRESS CA-FILE SHA256 BYTES BLOCK-AFTER-BYTES TIMEOUT-SECONDS
"""

import hashlib
import json
import socket
import sys
import time

import pycurl

MARKS = {"ms_100kb": 100_000, "ms_1mb": 1_000_000}


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def milliseconds(nanoseconds):
    return round(nanoseconds / 1e6, 3)


class Client:
    def __init__(self, url, resolve, authority, sha256, size, timeout):
        self.url, self.sha256, self.size = url, sha256, size
        self.connects = []
        self.curl = curl = pycurl.Curl()
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.RESOLVE, [resolve])
        curl.setopt(pycurl.CAINFO, authority)
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_3)
        curl.setopt(pycurl.TIMEOUT, timeout)
        curl.setopt(pycurl.OPENSOCKETFUNCTION, self.open_socket)

    def open_socket(self, purpose, address):
        # libcurl calls connect() right after this
        # the type may carry flags such as SOCK_CLOEXEC
        if address.socktype & 0xF == socket.SOCK_STREAM:
            self.connects.append(time.monotonic_ns())
        return socket.socket(address.family, address.socktype, address.protocol)

    def get(self, on_bytes=None):
        """Makes one request. Returns its size, when it reached each mark, when it ended, and libcurl's error if any."""
        chunks, got, reached, last = [], 0, {}, time.monotonic_ns()

        def write(data):
            nonlocal got, last
            last = time.monotonic_ns()
            got += len(data)
            for name, bytes_ in MARKS.items():
                if got >= bytes_ and name not in reached:
                    reached[name] = last
            chunks.append(data)
            if on_bytes:
                on_bytes(got)

        self.connects.clear()
        self.curl.setopt(pycurl.WRITEFUNCTION, write)
        started, error = time.monotonic_ns(), None
        try:
            self.curl.perform()
        except pycurl.error as failure:
            error = str(failure.args[1])
        return {
            "started": started,
            "ended": time.monotonic_ns(),
            "last_byte": last,
            "reached": reached,
            "error": error,
            "status": self.curl.getinfo(pycurl.RESPONSE_CODE),
            "http_version": version(self.curl.getinfo(pycurl.INFO_HTTP_VERSION)),
            "bytes": got,
            "sha256_matches": hashlib.sha256(b"".join(chunks)).hexdigest() == self.sha256,
        }


def version(number):
    return {
        pycurl.CURL_HTTP_VERSION_1_0: "1.0",
        pycurl.CURL_HTTP_VERSION_1_1: "1.1",
        pycurl.CURL_HTTP_VERSION_2_0: "2",
        pycurl.CURL_HTTP_VERSION_3: "3",
    }.get(number, str(number))


def check(result, what):
    """Ends the program unless the result is a complete, correct answer."""
    if result["error"]:
        fail(f"{what} failed after {result['bytes']} bytes: {result['error']}")
    if result["status"] != 200:
        fail(f"{what} was answered with status {result['status']}")
    if not result["sha256_matches"]:
        fail(f"{what} returned {result['bytes']} bytes that are not the body")


def fail(message):
    say("error", message=message)
    sys.exit(1)


def main():
    url, resolve, authority, sha256 = sys.argv[1:5]
    size, block_after, timeout = map(int, sys.argv[5:8])
    client = Client(url, resolve, authority, sha256, size, timeout)

    first = client.get()
    check(first, "the first request (HTTP/3)")
    if first["http_version"] != "3":
        fail(f"the first response came over HTTP/{first['http_version']}, not HTTP/3")
    say("response", http_version="3", bytes=first["bytes"], ms=milliseconds(first["ended"] - first["started"]))

    blocked = False

    def block(got):
        nonlocal blocked
        if got >= block_after and not blocked:
            blocked = True
            say("block_udp", bytes=got)

    second = client.get(block)
    if second["error"] is None:
        fail("the second request ended although UDP was blocked: UDP was blocked too late, or the body is too small")
    say(
        "gave_up",
        bytes=second["bytes"],
        error=second["error"],
        ms=milliseconds(second["ended"] - second["last_byte"]),
    )

    sys.stdin.readline()
    third = client.get()
    check(third, "the third request (TCP)")
    if third["http_version"] == "3" or not client.connects:
        fail(f"the third response came over HTTP/{third['http_version']}, not over a new TCP connection")
    connect = client.connects[0]
    say(
        "tcp_response",
        http_version=third["http_version"],
        bytes=third["bytes"],
        tcp_connections=len(client.connects),
        ms_request_to_connect=milliseconds(connect - third["started"]),
        ms_body=milliseconds(third["last_byte"] - connect),
        **{name: milliseconds(third["reached"][name] - connect) for name in MARKS},
    )


if __name__ == "__main__":
    main()
