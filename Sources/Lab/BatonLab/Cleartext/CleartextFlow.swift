// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import PathEmulator
import Scenarios

/// A flow that competes with others for the path: receives bytes without end, and reports how many when asked.
struct CleartextFlow: ~Copyable {
    private var connection: CleartextConnection
    private var bytes: Int64 = 0

    /// - Parameters:
    ///   - local: the address to connect from; nil lets the kernel choose.
    ///   - limit: time limit for connecting.
    init(from local: SocketAddress?, to server: SocketAddress, limit: TimeSpan) throws {
        connection = try CleartextConnection(to: server, from: local, limit: limit)
    }

    /// Runs until standard input ends. Prints "flowing" at the first bytes, and "count" for each line of the input.
    ///
    /// - Throws: `LabError` if the connection breaks.
    consuming func run() throws {
        RealTime.enterBelowEmulator()
        try connection.connect()
        try connection.requestFlow()
        var descriptors = [
            pollfd(fd: 0, events: Int16(POLLIN), revents: 0),
            pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            guard clinux_poll(&descriptors, 2, -1) >= 0 || errno == EINTR else {
                throw LinuxError(call: "ppoll(2)", subject: "a flow")
            }
            if descriptors[1].revents != 0 {
                let isFirst = bytes == 0
                bytes += Int64(try connection.receiveFlow())
                if isFirst, bytes > 0 {
                    try JSONLine.print(CleartextEvent("flowing"))
                }
            }
            if descriptors[0].revents != 0 {
                guard try answer() else { return }
            }
        }
    }

    /// - Returns: false at the end of the input.
    private func answer() throws -> Bool {
        var input = [UInt8](repeating: 0, count: 256)
        let count = read(0, &input, input.count)
        guard count > 0 else { return count < 0 && errno == EINTR }
        for _ in input[..<count].filter({ $0 == UInt8(ascii: "\n") }) {
            try JSONLine.print(CleartextEvent("count", bytes: bytes, monotonicNanoseconds: MonotonicClock.now()))
        }
        return true
    }
}
