// SPDX-License-Identifier: Apache-2.0

import BPF
import Glibc

/// A TCP listener on 127.0.0.1 whose accepted connections belong to a cgroup. It uses cubic: BBR has no slow start
/// threshold, so the handover would do less work.
struct LoopbackListener: ~Copyable {
    private let descriptor: Int32
    private let address: sockaddr_in

    init(in cgroup: Cgroup) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let listener = try cgroup.run { () throws -> Int32 in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw Failure(call: "socket") }
            return descriptor
        }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let control = "cubic"
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                setsockopt(listener, Int32(IPPROTO_TCP), TCP_CONGESTION, control, socklen_t(control.utf8.count)) == 0
                    && bind(listener, $0, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard result else {
            let failure = Failure(call: "listening on 127.0.0.1 under cubic")
            close(listener)
            throw failure
        }
        descriptor = listener
        self.address = address
    }

    deinit { close(descriptor) }

    /// Opens connections one after the other, accepts each, and ends each with a reset, so that no port stays in use.
    ///
    /// - Returns: nanoseconds per connection.
    func accept(_ count: Int) throws -> Int {
        let clock = ContinuousClock()
        let duration = try clock.measure { for _ in 0..<count { try acceptOne() } }
        return Int(duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000)
            / count
    }

    private func acceptOne() throws {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard client >= 0 else { throw Failure(call: "socket") }
        let server = try accept(from: client)
        // The client first, because it sends the reset.
        close(client)
        close(server)
    }

    private func accept(from client: Int32) throws -> Int32 {
        do {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
            let result = withUnsafePointer(to: address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard result == 0 else { throw Failure(call: "connect to 127.0.0.1") }
            let server = Glibc.accept(descriptor, nil, nil)
            guard server >= 0 else { throw Failure(call: "accept") }
            return server
        } catch {
            close(client)
            throw error
        }
    }
}
