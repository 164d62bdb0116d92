// SPDX-License-Identifier: Apache-2.0

internal import BPF
public import BatonShared

extension RemoteEndpoint: LosslessStringConvertible {
    /// Reads an address: `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1`.
    ///
    /// - Returns: `nil` if `text` is no address.
    public init?(_ text: String) {
        if let address = IPv4Address(text) {
            self.init(IPv6Address(mapping: address))
        } else if let address = IPv6Address(text) {
            self.init(address)
        } else {
            return nil
        }
    }

    /// An address from its bytes.
    ///
    /// - Parameter bytes: the sixteen bytes of an IPv6 address in network order; an IPv4 address as `::ffff:a.b.c.d`.
    /// - Returns: `nil` for another number of bytes.
    public init?(bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == 16 else { return nil }
        self = bytes.withUnsafeBytes { $0.loadUnaligned(as: RemoteEndpoint.self) }
    }

    /// Whether this is an IPv4 address.
    public var isIPv4: Bool { address.mappedIPv4 != nil }

    /// The address as text, an IPv4 address as `192.0.2.1`.
    public var description: String { address.mappedIPv4?.description ?? address.description }
}
