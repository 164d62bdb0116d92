// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import Glibc
import NIOCore

/// The two addresses of a network path, at a fixed place in memory, as ngtcp2 requires.
final class PathStorage {
    private let storage: UnsafeMutablePointer<ngtcp2_path_storage>

    init() {
        storage = .allocate(capacity: 1)
        storage.initialize(to: ngtcp2_path_storage())
        ngtcp2_path_storage_zero(storage)
    }

    deinit { storage.deallocate() }

    /// The path itself. Its addresses point into the storage.
    var path: UnsafeMutablePointer<ngtcp2_path> {
        // `path` is the structure's first member.
        UnsafeMutableRawPointer(storage).assumingMemoryBound(to: ngtcp2_path.self)
    }

    func set(local: SocketAddress, remote: SocketAddress) {
        local.withSockAddr { ngtcp2_addr_copy_byte(&path.pointee.local, $0, ngtcp2_socklen($1)) }
        remote.withSockAddr { ngtcp2_addr_copy_byte(&path.pointee.remote, $0, ngtcp2_socklen($1)) }
    }

    func copy(from other: PathStorage) { ngtcp2_path_copy(path, other.path) }

    func isEqual(to other: PathStorage) -> Bool { ngtcp2_path_eq(path, other.path) != 0 }
}

extension SocketAddress {
    /// The IPv4 or IPv6 address that ngtcp2 holds; nil for any other family.
    init?(_ address: ngtcp2_addr) {
        guard let pointer = address.addr else { return nil }
        switch Int32(pointer.pointee.sa_family) {
        case AF_INET where Int(address.addrlen) >= MemoryLayout<sockaddr_in>.size:
            self.init(UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in.self))
        case AF_INET6 where Int(address.addrlen) >= MemoryLayout<sockaddr_in6>.size:
            self.init(UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in6.self))
        default: return nil
        }
    }

    /// Whether this stands for all addresses of the machine.
    var isWildcard: Bool { ipAddress == "0.0.0.0" || ipAddress == "::" }
}
