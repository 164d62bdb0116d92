// SPDX-License-Identifier: Apache-2.0

/// The name under which a struct_ops variable registers, a field of 16 bytes in the object's data
/// (`tcp_congestion_ops.name`).
public enum StructOpsName {
    /// `TCP_CA_NAME_MAX`.
    public static let size = 16

    /// Gives a struct_ops variable of an object another name, in the object's own bytes: the kernel's registry is one for
    /// all, and libbpf before 1.4 offers no way to change the variable's data.
    ///
    /// - Throws: `invalid` unless the name fits and the old one is there exactly once.
    public static func replace(_ old: String, by new: String, in elf: inout [UInt8]) throws(BPFError) {
        let pattern = padded(old)
        guard new.utf8.count < size, old.utf8.count < size else {
            throw BPFError(
                .invalid, "naming a struct_ops '\(new)'", reason: "the name may have \(size - 1) bytes")
        }
        // A string table holds the name too, but not sixteen bytes of it.
        var places: [Int] = []
        if elf.count >= size {
            for start in 0...(elf.count - size) where elf[start] == pattern[0] {
                if elf[start..<start + size].elementsEqual(pattern) { places.append(start) }
            }
        }
        guard places.count == 1, let place = places.first else {
            throw BPFError(
                .invalid, "naming a struct_ops '\(new)'", reason: "'\(old)' is \(places.count) times in the object")
        }
        elf.replaceSubrange(place..<place + size, with: padded(new))
    }

    private static func padded(_ name: String) -> [UInt8] {
        Array(name.utf8) + Array(repeating: 0, count: max(0, size - name.utf8.count))
    }
}
