// SPDX-License-Identifier: Apache-2.0

extension Prefix where Address: LosslessStringConvertible {
    /// Reads a prefix such as `192.0.2.0/24`, or an address as a prefix of all its bits.
    ///
    /// - Returns: `nil` if this is none.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, let address = Address(String(first)), parts.count <= 2 else { return nil }
        self.init(of: address)
        guard parts.count == 2 else { return }
        guard let bitCount = UInt32(parts[1]), bitCount <= self.bitCount else { return nil }
        self.bitCount = bitCount
    }
}
