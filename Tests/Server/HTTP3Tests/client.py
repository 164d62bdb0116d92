#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes HTTP requests with libcurl, as described by a JSON object in the first argument. Prints the results as JSON.

url            what to request
version        "1", "2" or "3"; "3" does not fall back
ca             PEM file with the trusted certificate
method         GET by default; HEAD waits for no body
headers        list of "Name: value"
upload_bytes   how many zero bytes to send as the request's body
connections    how many connections, each in its own thread (1)
streams        how many requests at once on each connection (1)
limit          bytes per second to receive at most
rebind_after   sends UDP through a relay that changes its port after this many datagrams, like a NAT that forgets
drop_after     sends UDP through a relay that drops everything after this many datagrams of the client …
drop_until     … until a file of this name exists
"""
import hashlib
import json
import os
import socket
import select
import sys
import threading

import pycurl

VERSIONS = {"1": pycurl.CURL_HTTP_VERSION_1_1, "2": pycurl.CURL_HTTP_VERSION_2TLS, "3": 31}
NAMES = {2: "1", 3: "2", 30: "3", 31: "3"}


class Request:
    def __init__(self, job):
        self.digest, self.bytes, self.headers, self.error, self.job = hashlib.sha256(), 0, [], None, job
        self.left = job.get("upload_bytes")
        handle = self.handle = pycurl.Curl()
        handle.setopt(pycurl.URL, job["url"])
        handle.setopt(pycurl.HTTP_VERSION, VERSIONS[job["version"]])
        handle.setopt(pycurl.CAINFO, job["ca"])
        handle.setopt(pycurl.NOSIGNAL, 1)
        handle.setopt(pycurl.PIPEWAIT, 1)
        handle.setopt(pycurl.PATH_AS_IS, 1)
        handle.setopt(pycurl.WRITEFUNCTION, self.receive)
        handle.setopt(pycurl.HEADERFUNCTION, self.header)
        headers = list(job.get("headers", []))
        if self.left is not None:
            handle.setopt(pycurl.UPLOAD, 1)
            handle.setopt(pycurl.INFILESIZE_LARGE, self.left)
            handle.setopt(pycurl.READFUNCTION, self.send)
            headers.append("Expect:")
        method = job.get("method", "GET")
        if method == "HEAD":
            handle.setopt(pycurl.NOBODY, 1)
        elif method != "GET":
            handle.setopt(pycurl.CUSTOMREQUEST, method)
        if headers:
            handle.setopt(pycurl.HTTPHEADER, headers)
        if "limit" in job:
            handle.setopt(pycurl.MAX_RECV_SPEED_LARGE, job["limit"])

    def receive(self, data):
        if self.bytes == 0:
            print("started", file=sys.stderr, flush=True)
        self.digest.update(data)
        self.bytes += len(data)

    def send(self, count):
        count = min(count, self.left)
        self.left -= count
        return bytes(count)

    def header(self, line):
        line = line.decode("latin-1").strip()
        if line.startswith("HTTP/"):
            self.headers = []
        elif ":" in line:
            name, value = line.split(":", 1)
            self.headers.append([name.lower(), value.strip()])

    def result(self):
        return {
            "status": self.handle.getinfo(pycurl.RESPONSE_CODE),
            "version": NAMES.get(self.handle.getinfo(pycurl.INFO_HTTP_VERSION), "?"),
            "headers": dict(self.headers),
            "bytes": self.bytes,
            "sha256": self.digest.hexdigest(),
            "seconds": self.handle.getinfo(pycurl.TOTAL_TIME),
            "error": self.error,
        }


def connection(job, results, lock):
    multi = pycurl.CurlMulti()
    multi.setopt(pycurl.M_PIPELINING, pycurl.PIPE_MULTIPLEX)
    requests = [Request(job) for _ in range(job.get("streams", 1))]
    for request in requests:
        multi.add_handle(request.handle)
    running = len(requests)
    while running:
        _, running = multi.perform()
        multi.select(0.1)
    more = True
    while more:
        more, _, failed = multi.info_read()
        for handle, code, message in failed:
            next(r for r in requests if r.handle is handle).error = f"{code} {message}"
    with lock:
        results.extend(request.result() for request in requests)
    for request in requests:
        multi.remove_handle(request.handle)
        request.handle.close()
    multi.close()  # which closes the connection


def relay(address, job):
    """Relays UDP to `address` and back, with the faults that the job requests.

    Returns the port, and a function that ends the relay once it has forwarded what was sent before.
    """
    never = float("inf")
    rebind_after, drop_after = job.get("rebind_after", never), job.get("drop_after", never)
    drop_until = job.get("drop_until", "/")
    inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    inside.bind(("127.0.0.1", 0))
    ending, end = socket.socketpair()

    def run():
        outside = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for each in outside:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        client, seen = None, 0
        while True:
            readable = select.select([inside, ending] + outside, [], [])[0]
            if readable == [ending]:
                return
            for ready in readable:
                if ready is ending:
                    continue
                data, sender = ready.recvfrom(65536)
                current = outside[seen > rebind_after]
                if ready is inside:
                    client = sender
                    seen += 1
                if seen > drop_after and not os.path.exists(drop_until):
                    continue
                if ready is inside:
                    outside[seen > rebind_after].sendto(data, address)
                elif ready is current and client:
                    inside.sendto(data, client)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def finish():
        end.send(b"x")
        thread.join()

    return inside.getsockname()[1], finish


def main():
    job = json.loads(sys.argv[1])
    finish = None
    if "rebind_after" in job or "drop_after" in job:
        host, _, rest = job["url"].removeprefix("https://").partition("/")
        name, port = host.split(":")
        port, finish = relay((name, int(port)), job)
        job["url"] = f"https://{name}:{port}/{rest}"
    results, lock = [], threading.Lock()
    threads = [
        threading.Thread(target=connection, args=(job, results, lock)) for _ in range(job.get("connections", 1))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if finish:
        finish()
    print(json.dumps(results))


main()
