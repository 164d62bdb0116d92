# SPDX-License-Identifier: Apache-2.0
"""Chromium, headless, as a client whose UDP stops and that falls back to TCP by itself.

A fresh profile learns from one page over TCP that the host has HTTP/3. Chromium is restarted with it, and loads the
page and a large body over HTTP/3, so that the QUIC connection has learned the path. Then UDP is cut, and the page is
loaded again: Chromium detects by itself that QUIC is dead. Each of the pages that follow is loaded over a new
connection, while Chromium marks HTTP/3 as broken; its page chrome://net-internals closes the open connections.

It prints one JSON object per line, and waits for a line on standard input after those marked "waits". Times whose names
end in _ns are on CLOCK_MONOTONIC, which Chromium uses for its own times; absent ones are null.

    {"event": "learned", …}     the page and the body have arrived over HTTP/3
    {"event": "cut", …}         UDP is to be cut now; waits
    {"event": "loaded", …}      the page is complete
    {"event": "followed", …}    the same over another new connection; its time begins with the navigation
    {"event": "error", …}       an expected step did not happen; exit status 1
"""

import argparse
import base64
import fcntl
import hashlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

VERSIONS = {"h3": "3", "h2": "2", "http/1.1": "1.1"}
FLAGS = (
    "--headless --no-sandbox --remote-debugging-pipe --no-first-run --no-default-browser-check --disable-gpu"
    " --disable-sync --disable-extensions --disable-background-networking --disable-component-update"
    " --disable-breakpad --mute-audio"
).split()
TIMINGS = """JSON.stringify({
    page: performance.getEntriesByType("navigation")[0].toJSON(),
    objects: performance.getEntriesByType("resource").map(entry => entry.toJSON())})"""
FLUSH = 'document.getElementById("sockets-view-flush-button")'
# How many times the page is loaded until it comes over HTTP/3 alone.
ATTEMPTS = 5


class Failure(Exception):
    pass


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def go_on():
    if not sys.stdin.readline():
        sys.exit(1)


class Browser:
    """A running Chromium, controlled through --remote-debugging-pipe: JSON messages, each ended by NUL."""

    def __init__(self, options, profile):
        self.limit = options.limit_ms / 1000
        # Chromium reads from 3 and writes to 4; the numbers below 10 must be free for that
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for pair in (os.pipe(), os.pipe()) for end in pair]
        commands, self.commands, self.messages, messages = ends

        def take_pipes():
            os.dup2(commands, 3)
            os.dup2(messages, 4)

        self.process = subprocess.Popen(
            [
                options.chromium,
                *FLAGS,
                f"--user-data-dir={profile}",
                # an unrelated origin: with the switch set, Alt-Svc alone decides, and QUIC accepts certificates of
                # unknown authorities
                f"--origin-to-force-quic-on={options.host}:1",
                f"--ignore-certificate-errors-spki-list={options.spki}",
                f"--host-resolver-rules=MAP {options.host} {options.address}",
                "about:blank",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            preexec_fn=take_pipes,
            pass_fds=(3, 4),
            start_new_session=True,
        )
        os.close(commands)
        os.close(messages)
        self.unread, self.events, self.last_id = b"", [], 0
        self.page = self.open("about:blank")
        self.call("Page.enable", self.page)
        self.call("Network.enable", self.page)
        self.call("Network.setCacheDisabled", self.page, cacheDisabled=True)
        self.call(
            "Page.addScriptToEvaluateOnNewDocument", self.page, source="performance.setResourceTimingBufferSize(2000)"
        )

    def receive(self, deadline, what):
        while b"\0" not in self.unread:
            if not select.select([self.messages], [], [], max(0, deadline - time.monotonic()))[0]:
                raise Failure(f"Chromium: no {what} within {self.limit:g} s")
            data = os.read(self.messages, 1 << 20)
            if not data:
                raise Failure(f"Chromium ended before {what}; see its log")
            self.unread += data
        message, self.unread = self.unread.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + self.limit
        while True:
            answer = self.receive(deadline, f"answer to {method}")
            if answer.get("id") == self.last_id:
                if "error" in answer:
                    raise Failure(f"Chromium refuses {method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, url):
        """Opens a new tab, and returns its session."""
        target = self.call("Target.createTarget", url=url)["targetId"]
        return self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def evaluate(self, session, expression):
        result = self.call(
            "Runtime.evaluate", session, expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in result:
            raise Failure(f"Chromium: {expression}: {result['exceptionDetails']['exception']['description']}")
        return result["result"].get("value")

    def load(self, url, objects):
        """Loads the page. Returns what Chromium measured, and the moments of its connection."""
        # a page in a background tab loads only three objects at a time
        self.call("Page.bringToFront", self.page)
        self.events.clear()
        error = self.call("Page.navigate", self.page, url=url).get("errorText")
        if error:
            raise Failure(f"Chromium: {url}: {error}")
        deadline = time.monotonic() + self.limit
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.receive(deadline, f"load event of {url}"))
        # the end of the load event is known only after it has ended
        timings = json.loads(self.evaluate(self.page, f"new Promise(f => setTimeout(() => f({TIMINGS}), 20))"))
        responses = [e["params"]["response"] for e in self.events if e.get("method") == "Network.responseReceived"]
        return Load(timings["page"], timings["objects"], [r for r in responses if r.get("timing")], objects)

    def close(self):
        """Ends it as a user would, so that it writes its profile."""
        try:
            self.call("Browser.close")
            self.process.wait(timeout=10)
        except (Failure, subprocess.TimeoutExpired):
            pass
        self.kill()

    def kill(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


class Load:
    """One load of the page, as Chromium timed it (PerformanceNavigationTiming, PerformanceResourceTiming)."""

    def __init__(self, page, objects, responses, expected):
        bad = [entry["name"] for entry in [page, *objects] if entry["responseStatus"] != 200]
        if bad or len(objects) != expected:
            raise Failure(f"the page has {len(objects)} of {expected} objects; failed: {bad}")
        self.versions = [VERSIONS.get(e["nextHopProtocol"], e["nextHopProtocol"]) for e in [page, *objects]]
        self.page_load_ms = page["loadEventEnd"]
        # the page's own response gives the zero of its timings on the monotonic clock
        first = responses[0]["timing"]
        self.started_ns = nanoseconds(first["requestTime"] * 1000 + first["sendStart"] - page["requestStart"])
        self.first_byte_ns = self.started_ns + nanoseconds(page["responseStart"])
        self.last_byte_ns = self.started_ns + nanoseconds(max(e["responseEnd"] for e in [page, *objects]))
        # the first response that waited for a new TCP connection
        made = [r for r in responses if not r["connectionReused"] and r["protocol"] != "h3"]
        waited = [r["timing"] for r in made if r["timing"]["connectStart"] >= 0]
        self.connect_ns = self.connected_ns = None
        if waited:
            self.connect_ns = nanoseconds(waited[0]["requestTime"] * 1000 + waited[0]["connectStart"])
            self.connected_ns = nanoseconds(waited[0]["requestTime"] * 1000 + waited[0]["connectEnd"])

    def report(self, event, ports):
        say(
            event,
            http_versions=self.versions,
            client_port=ports[0] if len(ports) == 1 else None,
            page_load_ms=self.page_load_ms,
            started_ns=self.started_ns,
            connect_ns=self.connect_ns,
            connected_ns=self.connected_ns,
            first_byte_ns=self.first_byte_ns,
            last_byte_ns=self.last_byte_ns,
        )


def nanoseconds(milliseconds):
    return round(milliseconds * 1e6)


def tcp_ports(remote_port):
    """The local ports of this namespace's TCP connections to a port: /proc/net/tcp, state 01 is ESTABLISHED."""
    ports = []
    for table in ("/proc/self/net/tcp", "/proc/self/net/tcp6"):
        with open(table) as lines:
            for _, local, remote, state, *_ in list(map(str.split, lines))[1:]:
                if state == "01" and int(remote.rsplit(":")[-1], 16) == remote_port:
                    ports.append(int(local.rsplit(":")[-1], 16))
    return ports


def public_key_hash(certificate):
    """SHA-256 of a certificate's SubjectPublicKeyInfo in Base64, as Chromium expects it."""
    key = subprocess.run(["openssl", "x509", "-in", certificate, "-pubkey", "-noout"], check=True, capture_output=True)
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "der"], check=True, input=key.stdout, capture_output=True
    )
    return base64.b64encode(hashlib.sha256(der.stdout).digest()).decode()


def arguments():
    parser = argparse.ArgumentParser(description="Chromium falls back to TCP")
    parser.add_argument("--chromium", default="chromium", metavar="FILE", help="the browser")
    parser.add_argument("--host", required=True, help="name in the certificate")
    parser.add_argument("--port", required=True, type=int, help="the server's port, for TCP and UDP")
    parser.add_argument("--address", required=True, help="the server's address; IPv6 in brackets")
    parser.add_argument("--authority", required=True, metavar="FILE", help="the server's certificate (PEM)")
    parser.add_argument("--learn", required=True, metavar="PATH", help="the body that QUIC learns the path from")
    parser.add_argument("--page", required=True, metavar="PATH", help="the page that is measured")
    parser.add_argument("--objects", required=True, type=int, metavar="N", help="how many objects it has")
    parser.add_argument("--following", type=int, default=0, metavar="N", help="new connections after it")
    parser.add_argument("--directory", metavar="DIR", help="for the profile, which is removed at the end")
    parser.add_argument("--limit-ms", type=int, default=60_000, metavar="N", help="time for one page")
    options = parser.parse_args()
    options.url = f"https://{options.host}:{options.port}{options.page}"
    options.spki = public_key_hash(options.authority)
    return options


def learn(browser, tools, options):
    """Loads the page and the large body over HTTP/3, and leaves no TCP connection open.

    If the QUIC handshake takes long, as on a busy machine, Chromium opens a TCP connection beside it. The connections
    are then closed, and the page is loaded again.
    """
    for _ in range(ATTEMPTS):
        load = browser.load(options.url, options.objects)
        browser.evaluate(browser.page, f'fetch("{options.learn}").then(r => r.arrayBuffer()).then(b => b.byteLength)')
        versions, ports = sorted(set(load.versions)), tcp_ports(options.port)
        if versions == ["3"] and not ports:
            load.report("learned", [])
            return
        close_connections(browser, tools, options)
    raise Failure(
        f"in {ATTEMPTS} attempts, the page came over HTTP/{' and '.join(versions)} with {len(ports)} TCP connections open,"
        " not over HTTP/3 alone"
    )


def close_connections(browser, tools, options):
    browser.evaluate(tools, f"{FLUSH}.click()")
    deadline = time.monotonic() + 5
    while tcp_ports(options.port):
        if time.monotonic() > deadline:
            raise Failure("Chromium did not close its connections within 5 s")
        time.sleep(0.01)


def follow(browser, tools, options):
    close_connections(browser, tools, options)
    browser.load(options.url, options.objects).report("followed", tcp_ports(options.port))


def measure(options, profile, browsers):
    browsers.append(Browser(options, profile))
    browsers[-1].load(options.url, options.objects)
    browsers[-1].close()
    browsers.append(Browser(options, profile))
    browser = browsers[-1]
    tools = browser.open("chrome://net-internals/#sockets")
    while not browser.evaluate(tools, f"!!{FLUSH}"):
        time.sleep(0.05)
    learn(browser, tools, options)
    say("cut")
    go_on()
    load = browser.load(options.url, options.objects)
    load.report("loaded", tcp_ports(options.port))
    if "3" not in load.versions:
        for _ in range(options.following):
            follow(browser, tools, options)
    browser.close()


def remove(directory):
    """Removes it with everything in it, also while Chromium's last process is ending and still writes there."""
    for _ in range(100):
        shutil.rmtree(directory, ignore_errors=True)
        if not os.path.exists(directory):
            return
        time.sleep(0.02)


def main():
    options = arguments()
    # a signal must run `finally` too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    profile, browsers = tempfile.mkdtemp(prefix="chromium-", dir=options.directory), []
    try:
        measure(options, profile, browsers)
    except Failure as failure:
        say("error", message=str(failure))
        sys.exit(1)
    finally:
        # the lab may send the signal while the script is ending already
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for browser in browsers:
            browser.kill()
        remove(profile)


if __name__ == "__main__":
    main()
