# SPDX-License-Identifier: Apache-2.0
"""Opens TCP connections in given network namespaces and cgroups, and says what the kernel gave them.

Reads one JSON object per line, answers each with one. A socket belongs to the namespace and the cgroup that this process
is in when it makes the socket; an accepted one to those of its listener.
"""
import contextlib
import ctypes
import json
import os
import select
import socket
import struct
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
TCP_INFO, TCP_CONGESTION, TCP_CC_INFO = 11, 13, 26
SO_RCVBUFFORCE, SO_TIMESTAMPNS = 33, 35
ETH_P_ALL, PACKET_OUTGOING = 3, 4
# Ends what would wait for ever; no answer depends on how fast the machine is.
PATIENCE = 120
sockets = {}


def enter(request):
    with open(request["cgroup"] + "/cgroup.procs", "w") as procs:
        procs.write("0")
    namespace = os.open("/run/netns/" + request["namespace"], os.O_RDONLY)
    if libc.setns(namespace, 0x40000000) != 0:  # CLONE_NEWNET
        raise OSError(ctypes.get_errno(), "setns")
    os.close(namespace)


def new_socket(request):
    family = socket.AF_INET6 if ":" in request["address"] else socket.AF_INET
    result = socket.socket(family)
    result.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, request.get("control", "cubic").encode())
    result.settimeout(PATIENCE)
    return result


def info(connection):
    raw = connection.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 256)
    control = connection.getsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, 16).split(b"\0")[0].decode()
    mss, in_flight = struct.unpack_from("<I4xI", raw, 16)
    ssthresh, cwnd = struct.unpack_from("<II", raw, 76)
    max_pacing, = struct.unpack_from("<Q", raw, 112)
    peer_window, = struct.unpack_from("<I", raw, 228)
    return {"peerWindow": peer_window, "mss": mss, "ssthresh": ssthresh, "cwnd": cwnd, "control": control,
            "maxPacingRate": max_pacing if max_pacing != 2**64 - 1 else None, "inFlight": in_flight}


def sample(connection):
    """What TCP_INFO says that moves: struct tcp_info, linux/tcp.h."""
    raw = connection.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 256)
    unacked, _, lost = struct.unpack_from("<III", raw, 24)
    rtt, = struct.unpack_from("<I", raw, 68)
    ssthresh, cwnd = struct.unpack_from("<II", raw, 76)
    retransmits, pacing = struct.unpack_from("<IQ", raw, 100)
    acknowledged, = struct.unpack_from("<Q", raw, 120)
    min_rtt, = struct.unpack_from("<I", raw, 148)
    delivered, delivered_ce = struct.unpack_from("<II", raw, 192)
    control = connection.getsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, 16).split(b"\0")[0].decode()
    return {"state": raw[1], "flight": unacked, "lost": lost, "rtt": rtt, "ssthresh": ssthresh, "cwnd": cwnd,
            "retransmits": retransmits, "pacingRate": pacing, "acknowledged": acknowledged, "minRTT": min_rtt,
            "delivered": delivered, "deliveredCE": delivered_ce, "control": control}


def listen(request):
    enter(request)
    listener = new_socket(request)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((request["address"], 0))
    listener.listen(64)
    sockets[request["name"]] = listener
    return {"port": listener.getsockname()[1]}


def connect(request):
    """Connects to a listener and accepts: both ends are kept as NAME.client and NAME.server."""
    enter(request)
    listener = sockets[request["listener"]]
    client = new_socket(request)
    client.bind((request["address"], 0))
    client.connect(listener.getsockname()[:2])
    server, _ = listener.accept()
    server.settimeout(PATIENCE)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sockets[request["name"] + ".client"], sockets[request["name"] + ".server"] = client, server
    return {"client": info(client), "server": info(server)}


def transfer(request):
    """Sends bytes from one end, reads them at the other, and says what the sender looks like then."""
    sender, receiver = sockets[request["from"]], sockets[request["to"]]
    left, chunk, received, largest = request["bytes"], bytes(65536), 0, 0
    sender.setblocking(False)
    receiver.setblocking(False)
    while received < request["bytes"]:
        if left:
            try:
                left -= sender.send(chunk[:min(left, len(chunk))])
            except BlockingIOError:
                pass
        try:
            received += len(receiver.recv(1 << 20))
        except BlockingIOError:
            pass
        largest = max(largest, info(sender)["cwnd"])
    return {"sender": info(sender), "largestCwnd": largest}


def begin(request):
    """Sends what the socket takes at once."""
    sender = sockets[request["from"]]
    sender.setblocking(False)
    sender.send(bytes(request["bytes"]))
    return info(sender)


def look(request):
    return info(sockets[request["end"]])


def change(request):
    sockets[request["end"]].setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, request["control"].encode())
    return look(request)


def reconnect(request):
    """Disconnects a client's socket, as connect(2) with AF_UNSPEC does, and connects it to a listener."""
    enter(request)
    client = sockets[request["end"]]
    if libc.connect(client.fileno(), struct.pack("<H14x", socket.AF_UNSPEC), 16) != 0:
        raise OSError(ctypes.get_errno(), "connect")
    closed = info(client)
    client.connect(sockets[request["listener"]].getsockname()[:2])
    return {"closed": closed, "connected": info(client)}


def capture(request):
    """Sees the packets of a device from now on, with the times at which they pass it."""
    enter(request)
    watcher = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
    watcher.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 25)
    watcher.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    watcher.setblocking(False)
    watcher.bind((request["device"], ETH_P_ALL))
    sockets["capture"] = watcher
    return {}


def clock_offset():
    """CLOCK_REALTIME less CLOCK_MONOTONIC, by the two readings that were closest."""
    readings = []
    for _ in range(20):
        before = time.monotonic_ns()
        real = time.time_ns()
        after = time.monotonic_ns()
        readings.append((after - before, real - (before + after) // 2))
    return min(readings)[1]


def captured(request):
    """The TCP packets of a connection that were seen, in CLOCK_MONOTONIC; what it sent and what came back."""
    watcher, port, packets = sockets["capture"], sockets[request["of"]].getsockname()[1], []
    peer = sockets[request["of"]].getpeername()[1]
    offset = clock_offset()
    while True:
        try:
            raw, extra, _, address = watcher.recvmsg(256, 256)
        except BlockingIOError:
            return {"packets": packets}
        seconds, nanoseconds = next(struct.unpack("qq", data) for level, kind, data in extra if kind == SO_TIMESTAMPNS)
        if raw[0] >> 4 == 4:
            header, length, ecn = (raw[0] & 15) * 4, int.from_bytes(raw[2:4], "big"), raw[1] & 3
            protocol = raw[9]
        else:
            header, length, ecn = 40, 40 + int.from_bytes(raw[4:6], "big"), raw[1] >> 4 & 3
            protocol = raw[6]
        if protocol != socket.IPPROTO_TCP:
            continue
        source, target, sequence, acknowledged, offset_flags = struct.unpack_from("!HHIIH", raw, header)
        if (source, target) not in ((port, peer), (peer, port)):
            continue
        packets.append({
            "time": seconds * 10**9 + nanoseconds - offset, "isSent": address[2] == PACKET_OUTGOING,
            "sequence": sequence, "acknowledged": acknowledged, "ecn": ecn, "flags": offset_flags & 0x1ff,
            "bytes": length - header - (offset_flags >> 12) * 4})


@contextlib.contextmanager
def above_other_load():
    """Above all ordinary processes, below the path emulator, while what is measured depends on this process' turn."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(20))
    except PermissionError:
        pass
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def stream(request):
    """Sends bytes from one end at given moments, reads them at the other, and watches the sender until all arrived.

    A sample is kept whenever something of it has changed. "stall" is the longest time from one look to the next (ns): what
    was measured means nothing if this process was kept from its core.
    """
    with above_other_load():
        return watched_stream(request)


def watched_stream(request):
    sender, receiver = sockets[request["from"]], sockets[request["to"]]
    steps = [dict(step) for step in request["steps"]]
    total, received, pending, chunk = sum(step["bytes"] for step in steps), 0, 0, bytes(65536)
    samples, last, stall = [], None, 0
    sender.setblocking(False)
    receiver.setblocking(False)
    poll = select.poll()
    start = now = time.monotonic()
    while now < start + PATIENCE:
        before, now = now, time.monotonic()
        stall = max(stall, now - before)
        while steps and now - start >= steps[0]["after"]:
            pending += steps.pop(0)["bytes"]
        try:
            while pending:
                pending -= sender.send(chunk[:min(pending, len(chunk))])
        except BlockingIOError:
            pass
        try:
            received += len(receiver.recv(1 << 20))
        except BlockingIOError:
            pass
        state = sample(sender)
        if state != last:
            samples.append(dict(state, time=time.monotonic_ns()))
            last = state
        if received >= total and not steps and state["flight"] == 0:
            break
        poll.register(receiver, select.POLLIN)
        poll.register(sender, select.POLLOUT if pending else 0)
        poll.poll(0.5)
    own = sender.getsockopt(socket.IPPROTO_TCP, TCP_CC_INFO, 64)
    return {"received": received, "samples": samples, "start": int(start * 1e9), "stall": int(stall * 1e9),
            "controlInfo": list(own)}


def close(request):
    for end in (".client", ".server"):
        sockets.pop(request["name"] + end).close()
    return {}


def churn(request):
    """Opens and closes many connections, one after the other, and counts the windows that the server ends began with."""
    enter(request)
    listener, windows = sockets[request["listener"]], {}
    for _ in range(request["count"]):
        client = new_socket(request)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.bind((request["address"], 0))
        client.connect(listener.getsockname()[:2])
        server, _ = listener.accept()
        cwnd = str(info(server)["cwnd"])
        windows[cwnd] = windows.get(cwnd, 0) + 1
        if request["bytes"]:
            server.sendall(bytes(request["bytes"]))
            client.recv(request["bytes"], socket.MSG_WAITALL)
        client.close()
        server.close()
    return {"windows": windows}


for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = globals()[request["do"]](request)
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
