// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOConcurrencyHelpers
import NIOCore

/// Closes a bound socket that was never put to use.
final class SocketOwner: Sendable {
    let address: SocketAddress
    private let socket: NIOLockedValueBox<DatagramSocket?>

    init(_ socket: DatagramSocket) {
        address = socket.address
        self.socket = NIOLockedValueBox(socket)
    }

    /// Hands the socket over, once.
    func take() -> DatagramSocket? {
        socket.withLockedValue { socket in
            defer { socket = nil }
            return socket
        }
    }

    deinit {
        if let socket = take() { close(socket.descriptor) }
    }
}
