// SPDX-License-Identifier: Apache-2.0

@_exported public import BPFShared
internal import CLibbpf
internal import Glibc

extension IPv4Address: LosslessStringConvertible {
    /// Reads an address such as `192.0.2.1`.
    ///
    /// - Returns: `nil` if the text isn't an IPv4 address.
    public init?(_ text: String) {
        var address = in_addr()
        guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
        self.init(networkOrder: address.s_addr)
    }

    /// The address as text, for example `192.0.2.1`.
    public var description: String { addressText(AF_INET, self) }
}

extension IPv6Address: LosslessStringConvertible {
    /// Reads an address such as `2001:db8::1`.
    ///
    /// - Returns: `nil` if the text isn't an IPv6 address.
    public init?(_ text: String) {
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        self = withUnsafeBytes(of: &address) { $0.loadUnaligned(as: IPv6Address.self) }
    }

    /// The address as text, for example `2001:db8::1` (RFC 5952).
    public var description: String { addressText(AF_INET6, self) }
}

private func addressText<Address: BitwiseCopyable>(_ family: Int32, _ address: Address) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    withUnsafeBytes(of: address) { _ = inet_ntop(family, $0.baseAddress, &buffer, socklen_t(buffer.count)) }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

extension Prefix: CustomStringConvertible where Address: CustomStringConvertible {
    /// The prefix as text, for example `192.0.2.0/24`.
    public var description: String { "\(address)/\(bitCount)" }
}

extension Prefix where Address: LosslessStringConvertible {
    /// Reads a prefix such as `192.0.2.0/24`. An address without a length is a prefix of all its bits.
    ///
    /// - Returns: `nil` if the text is neither, or the length is greater than the address.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, let address = Address(String(first)), parts.count <= 2 else { return nil }
        self.init(of: address)
        guard parts.count == 2 else { return }
        guard let bitCount = UInt32(parts[1]), bitCount <= self.bitCount else { return nil }
        self.bitCount = bitCount
    }
}
