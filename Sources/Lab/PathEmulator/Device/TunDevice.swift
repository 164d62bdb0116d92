// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A TUN device in a network namespace. It exists as long as this value.
package struct TunDevice: ~Copyable {
    /// Its name in the namespace.
    package let name: String
    /// For reading and writing whole IP packets, without blocking.
    package let descriptor: Int32
    private let statistics: Int32
    private var dropsAtLastCall: Int64 = 0

    /// Creates the device. It has no address yet and is down.
    ///
    /// - Throws: `LinuxError`: no /dev/net/tun, no such namespace, no CAP_NET_ADMIN, or the name is taken.
    package init(name: String, in namespace: NetworkNamespace) throws {
        guard !name.isEmpty, name.utf8.count < Int(IFNAMSIZ) else {
            throw LinuxError(
                call: "TUNSETIFF", subject: "device '\(name)'", errorNumber: EINVAL, advice: "use 1 to 15 characters")
        }
        let (descriptor, statistics) = try namespace.perform {
            let descriptor = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw LinuxError(
                    call: "open(2)", subject: "/dev/net/tun",
                    advice: "run it as root on a kernel with CONFIG_TUN (modprobe tun)")
            }
            guard clinux_attach_tun(descriptor, name) == 0 else {
                let error = LinuxError(call: "TUNSETIFF", subject: "device \(name) in namespace \(namespace.name)")
                close(descriptor)
                throw error
            }
            // a file of /proc/net keeps showing the namespace in which it was opened
            let statistics = open("/proc/thread-self/net/dev", O_RDONLY | O_CLOEXEC)
            return (descriptor, statistics)
        }
        self.name = name
        self.descriptor = descriptor
        self.statistics = statistics
    }

    deinit {
        close(descriptor)
        if statistics >= 0 {
            close(statistics)
        }
    }

    /// Packets that the kernel dropped before the emulator since the last call, because the device's queue (txqueuelen)
    /// was full.
    package mutating func takeTransmitDrops() -> Int64 {
        var text = [UInt8](repeating: 0, count: 16_384)
        let length = pread(statistics, &text, text.count, 0)
        guard length > 0 else { return 0 }
        let table = String(decoding: text[..<length], as: UTF8.self)
        let drops = DeviceStatistics.transmitDrops(of: name, in: table) ?? dropsAtLastCall
        defer { dropsAtLastCall = drops }
        return drops - dropsAtLastCall
    }
}

/// The table of /proc/net/dev.
package enum DeviceStatistics {
    /// Packets dropped on transmission by the device `name`; nil if the table lacks it.
    package static func transmitDrops(of name: String, in table: String) -> Int64? {
        for line in table.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].drop(while: { $0 == " " }) == name else { continue }
            // eight columns of reception, then bytes, packets, errors, drops of transmission
            let columns = parts[1].split(separator: " ")
            return columns.count > 11 ? Int64(columns[11]) : nil
        }
        return nil
    }
}
