# SPDX-License-Identifier: Apache-2.0
"""libcurl with HTTP/3, as a client whose UDP stops and that falls back to TCP by itself.

It requests the body from which the QUIC connection learns the path twice, and asks for the cut when three fifths of the
second response have arrived. When libcurl has given up that request, it requests the load on the same handle: libcurl
tries HTTP/3 again, and TCP wins. Then it requests the load repeatedly, each time on a new TCP connection.

With --udp-goes-on, UDP is throttled but not dead. The second request is stopped at the cut, and the load is requested
at once on the same handle, over whatever carries it. Nothing follows a load that arrived over HTTP/3, since HTTP/3 is
then not broken.

It prints one JSON object per line, and waits for a line on standard input after those marked "waits". Times whose names
end in _ns are on CLOCK_MONOTONIC; absent ones are null.

    {"event": "learned", …}     the first request is complete, over HTTP/3
    {"event": "cut", …}         UDP is to be cut now; waits
    {"event": "gave_up", …}     libcurl has given up HTTP/3 (with --udp-goes-on: the second request is stopped); waits
    {"event": "loaded", …}      the load is complete
    {"event": "followed", …}    the same over another new connection
    {"event": "error", …}       an expected step did not happen; exit status 1
"""

import argparse
import json
import socket
import sys
import time

import pycurl

VERSIONS = {
    pycurl.CURL_HTTP_VERSION_1_0: "1.0",
    pycurl.CURL_HTTP_VERSION_1_1: "1.1",
    pycurl.CURL_HTTP_VERSION_2_0: "2",
    pycurl.CURL_HTTP_VERSION_3: "3",
}

# How many times the load is requested, as a user would: where ICMP rejects UDP, libcurl reuses the failed connection
# for the next request too, and gives it up only when that fails as well.
ATTEMPTS = 3


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def fail(message):
    say("error", message=message)
    sys.exit(1)


def go_on():
    if not sys.stdin.readline():
        sys.exit(1)


class Handle:
    """A libcurl handle, which keeps its connections, and the moments of its last request."""

    def __init__(self, options, http_version):
        self.curl = curl = pycurl.Curl()
        curl.setopt(pycurl.RESOLVE, [options.resolve])
        curl.setopt(pycurl.CAINFO, options.authority)
        curl.setopt(pycurl.HTTP_VERSION, http_version)
        curl.setopt(pycurl.TIMEOUT_MS, options.limit_ms)
        curl.setopt(pycurl.OPENSOCKETFUNCTION, self.open_socket)
        curl.setopt(pycurl.PREREQFUNCTION, self.connected)
        curl.setopt(pycurl.WRITEFUNCTION, self.write)

    def open_socket(self, purpose, address):
        # libcurl calls connect() right after this; the type may carry flags such as SOCK_CLOEXEC
        if address.socktype & 0xF == socket.SOCK_STREAM:
            self.connect_ns = time.monotonic_ns()
        return socket.socket(address.family, address.socktype, address.protocol)

    def connected(self, remote, local, remote_port, local_port):
        """The request is about to be sent: its connection is established, TLS included."""
        self.connected_ns, self.port = time.monotonic_ns(), local_port
        return pycurl.PREREQFUNC_OK

    def write(self, data):
        self.last_ns = time.monotonic_ns()
        self.first_ns = self.first_ns or self.last_ns
        self.bytes += len(data)
        if self.on_bytes and not self.on_bytes(self.bytes):
            return -1
        return None

    def get(self, url, on_bytes=None):
        """Makes one request. Returns libcurl's error if it failed, else None."""
        self.on_bytes, self.bytes = on_bytes, 0
        self.connect_ns = self.connected_ns = self.first_ns = self.last_ns = self.port = None
        self.curl.setopt(pycurl.URL, url)
        self.started_ns, error = time.monotonic_ns(), None
        try:
            self.curl.perform()
        except pycurl.error as failure:
            error = failure.args[1]
        self.ended_ns = time.monotonic_ns()
        self.http_version = VERSIONS.get(self.curl.getinfo(pycurl.INFO_HTTP_VERSION), "?")
        status = self.curl.getinfo(pycurl.RESPONSE_CODE)
        if error is None and status != 200:
            fail(f"{url} was answered with status {status}")
        return error

    def report(self, event, gave_up_ns):
        over_tcp = self.http_version != "3"
        if over_tcp and self.connect_ns is None:
            fail(f"the response came over HTTP/{self.http_version} on a connection that existed before")
        say(
            event,
            http_versions=[self.http_version],
            bytes=self.bytes,
            client_port=self.port,
            gave_up_ns=gave_up_ns,
            started_ns=self.started_ns,
            connect_ns=self.connect_ns if over_tcp else None,
            connected_ns=self.connected_ns,
            first_byte_ns=self.first_ns,
            last_byte_ns=self.last_ns,
        )


def arguments():
    parser = argparse.ArgumentParser(description="libcurl with HTTP/3 falls back to TCP")
    parser.add_argument("--resolve", required=True, metavar="HOST:PORT:ADDRESS", help="the host's address")
    parser.add_argument("--authority", required=True, metavar="FILE", help="the certificate to trust (PEM)")
    parser.add_argument("--learn", required=True, metavar="URL", help="the body that QUIC learns the path from")
    parser.add_argument("--learn-bytes", required=True, type=int, metavar="N", help="its size")
    parser.add_argument("--load", required=True, metavar="URL", help="the body that is measured")
    parser.add_argument("--load-bytes", required=True, type=int, metavar="N", help="its size")
    parser.add_argument("--following", type=int, default=0, metavar="N", help="connections after it")
    parser.add_argument("--limit-ms", type=int, default=60_000, metavar="N", help="time for one request")
    parser.add_argument("--udp-goes-on", action="store_true", help="UDP is throttled, not dead")
    return parser.parse_args()


def learn(handle, options):
    error = handle.get(options.learn)
    if error:
        fail(f"the first request failed after {handle.bytes} bytes: {error}")
    if handle.http_version != "3":
        fail(f"the first response came over HTTP/{handle.http_version}, not HTTP/3")
    say("learned", http_versions=["3"], bytes=handle.bytes)


def be_cut(handle, options):
    """Makes the second request, during which UDP is cut."""
    cut = False

    def on_bytes(count):
        nonlocal cut
        if count < options.learn_bytes * 3 // 5 or cut:
            return True
        cut = True
        say("cut", bytes=count)
        # nothing is read while it waits, so that the body can't end before the cut
        go_on()
        return not options.udp_goes_on

    error = handle.get(options.learn, on_bytes)
    if error is None:
        fail("the second request ended although UDP was cut")
    say("gave_up", bytes=handle.bytes, error=error, at_ns=handle.ended_ns)
    go_on()


def load(handle, options, event):
    started_ns, gave_up_ns = time.monotonic_ns(), None
    for attempt in range(ATTEMPTS):
        error = handle.get(options.load)
        if error is None:
            break
        gave_up_ns = handle.ended_ns
    if error:
        fail(f"the load failed {ATTEMPTS} times, the last time after {handle.bytes} bytes: {error}")
    if handle.bytes != options.load_bytes:
        fail(f"the load has {handle.bytes} bytes, not {options.load_bytes}")
    handle.started_ns = started_ns
    handle.report(event, gave_up_ns)


def main():
    options = arguments()
    handle = Handle(options, pycurl.CURL_HTTP_VERSION_3)
    learn(handle, options)
    be_cut(handle, options)
    load(handle, options, "loaded")
    if handle.http_version == "3" and not options.udp_goes_on:
        fail("the load came over HTTP/3 although UDP was cut")
    if handle.http_version != "3":
        for _ in range(options.following):
            # without HTTP/3: a client that marks it as broken tries nothing else
            load(Handle(options, pycurl.CURL_HTTP_VERSION_2TLS), options, "followed")


if __name__ == "__main__":
    main()
