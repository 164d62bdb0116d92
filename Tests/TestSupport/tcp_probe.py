# SPDX-License-Identifier: Apache-2.0
"""Opens TCP connections in given network namespaces and cgroups, and says what the kernel gave them.

Reads one JSON object per line, answers each with one. A socket belongs to the namespace and the cgroup that this process
is in when it makes the socket; an accepted one to those of its listener.
"""
import ctypes
import json
import os
import socket
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
TCP_INFO, TCP_CONGESTION = 11, 13
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
    result.settimeout(10)
    return result


def info(connection):
    raw = connection.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 256)
    control = connection.getsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, 16).split(b"\0")[0].decode()
    mss, in_flight = struct.unpack_from("<I4xI", raw, 16)
    ssthresh, cwnd = struct.unpack_from("<II", raw, 76)
    max_pacing, = struct.unpack_from("<Q", raw, 112)
    return {"mss": mss, "ssthresh": ssthresh, "cwnd": cwnd, "control": control,
            "maxPacingRate": max_pacing if max_pacing != 2**64 - 1 else None, "inFlight": in_flight}


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
    server.settimeout(10)
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
