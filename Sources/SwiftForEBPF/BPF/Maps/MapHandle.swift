// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A map's descriptor and sizes, and the commands of bpf(2) on it. All map types are built on it.
struct MapHandle: ~Copyable, Sendable {
    let descriptor: Descriptor
    let name: String
    /// The size of a key, in bytes.
    let keySize: Int
    /// The size of a value, in bytes; for a per-CPU map, of one CPU's value.
    let valueSize: Int
    /// The capacity in entries; for a ring buffer, its size in bytes.
    let maxEntries: Int

    /// - Parameters:
    ///   - types: the accepted map types.
    ///   - key, value: the sizes of the Swift types. The kernel's sizes may include padding at the end.
    /// - Throws: `mismatch` if the map is of another type or has other sizes.
    init(
        _ descriptor: consuming Descriptor, name: String, types: [MapType], key: Layout, value: Layout
    ) throws(BPFError) {
        self.name = name
        guard descriptor.rawValue >= 0 else {
            (keySize, valueSize, maxEntries) = (key.size, value.size, 0)
            self.descriptor = descriptor
            return
        }
        let info = try MapInfo(descriptor)
        let action = "opening the map '\(name)'"
        guard types.contains(info.type) else {
            let wanted = types.map(\.description).joined(separator: " or ")
            throw BPFError(
                .mismatch, action, reason: "it is a \(info.type), but a \(wanted) is expected",
                remedy: "use the Swift type for it")
        }
        guard key.fits(info.keySize), value.fits(info.valueSize) else {
            throw BPFError(
                .mismatch, action,
                reason: "its keys and values have \(info.keySize) and \(info.valueSize) bytes, "
                    + "but the given Swift types have \(key.size) and \(value.size)",
                remedy: "use the types that it was created with")
        }
        (keySize, valueSize, maxEntries) = (Int(info.keySize), Int(info.valueSize), Int(info.maxEntries))
        self.descriptor = descriptor
    }

    /// The size of a Swift type in a map.
    struct Layout {
        var size: Int
        private var stride: Int

        init<Value>(_ type: Value.Type) {
            size = MemoryLayout<Value>.size
            stride = MemoryLayout<Value>.stride
        }

        /// No key, or no value.
        init() { (size, stride) = (0, 0) }

        /// Whether the kernel's size fits. C's size includes the padding at the end of a structure, Swift's doesn't.
        func fits(_ kernel: UInt32) -> Bool { kernel == size || kernel == stride }
    }

    /// Makes the error for a command that has just failed, from errno.
    func failure(_ command: String, _ verb: String) -> BPFError {
        let number = errno
        let action = "\(verb) the map '\(name)'"
        guard descriptor.rawValue >= 0 else {
            return BPFError(
                .notFound, action, reason: "it was left out when its object was loaded",
                remedy: "set isCreated in its spec")
        }
        return BPFError(action, call: command, errno: number)
    }

    // MARK: Commands

    /// `BPF_MAP_LOOKUP_ELEM`.
    ///
    /// - Returns: whether the map has the key.
    func lookUp(_ key: UnsafeRawPointer?, into value: UnsafeMutableRawPointer) throws(BPFError) -> Bool {
        if bpf_map_lookup_elem(descriptor.rawValue, key, value) == 0 { return true }
        if errno == ENOENT { return false }
        throw failure("BPF_MAP_LOOKUP_ELEM", "looking up in")
    }

    /// `BPF_MAP_LOOKUP_AND_DELETE_ELEM`, which hash maps support from Linux 5.14 on.
    func take(_ key: UnsafeRawPointer?, into value: UnsafeMutableRawPointer) throws(BPFError) -> Bool {
        if bpf_map_lookup_and_delete_elem(descriptor.rawValue, key, value) == 0 { return true }
        if errno == ENOENT { return false }
        throw failure("BPF_MAP_LOOKUP_AND_DELETE_ELEM", "taking from")
    }

    /// `BPF_MAP_UPDATE_ELEM`.
    ///
    /// - Returns: `false` if `flags` require an entry and there is none, or the other way round.
    @discardableResult
    func update(_ key: UnsafeRawPointer?, _ value: UnsafeRawPointer, flags: UInt64 = 0) throws(BPFError) -> Bool {
        if bpf_map_update_elem(descriptor.rawValue, key, value, flags) == 0 { return true }
        if flags == UInt64(BPF_NOEXIST), errno == EEXIST { return false }
        if flags == UInt64(BPF_EXIST), errno == ENOENT { return false }
        if errno == E2BIG {
            var error = failure("BPF_MAP_UPDATE_ELEM", "writing to")
            error.reason = "it is full, or the index is out of range"
            throw error
        }
        throw failure("BPF_MAP_UPDATE_ELEM", "writing to")
    }

    /// `BPF_MAP_DELETE_ELEM`.
    ///
    /// - Returns: whether the map had the key.
    func delete(_ key: UnsafeRawPointer) throws(BPFError) -> Bool {
        if bpf_map_delete_elem(descriptor.rawValue, key) == 0 { return true }
        if errno == ENOENT { return false }
        throw failure("BPF_MAP_DELETE_ELEM", "deleting from")
    }

    /// `BPF_MAP_GET_NEXT_KEY`.
    ///
    /// - Returns: whether there is a next key.
    func nextKey(after key: UnsafeRawPointer?, into next: UnsafeMutableRawPointer) throws(BPFError) -> Bool {
        if bpf_map_get_next_key(descriptor.rawValue, key, next) == 0 { return true }
        if errno == ENOENT { return false }
        throw failure("BPF_MAP_GET_NEXT_KEY", "walking through")
    }
}

// MARK: Swift values

extension MapHandle {
    /// Calls `body` with the bytes of a value, padded with zeros to `size` bytes.
    static func withBytes<Value: BitwiseCopyable, Result>(
        of value: Value, paddedTo size: Int, _ body: (UnsafeRawPointer) throws(BPFError) -> Result
    ) throws(BPFError) -> Result {
        try withUnsafeTemporaryAllocation(byteCount: max(size, MemoryLayout<Value>.size), alignment: 8) {
            (buffer) throws(BPFError) -> Result in
            buffer.initializeMemory(as: UInt8.self, repeating: 0)
            withUnsafeBytes(of: value) { buffer.copyMemory(from: $0) }
            return try body(UnsafeRawPointer(buffer.baseAddress!))
        }
    }

    /// Calls `body` with memory for a value, and returns the value if `body` returns `true`.
    static func read<Value: BitwiseCopyable>(
        _ type: Value.Type, size: Int, _ body: (UnsafeMutableRawPointer) throws(BPFError) -> Bool
    ) throws(BPFError) -> Value? {
        try withUnsafeTemporaryAllocation(byteCount: max(size, MemoryLayout<Value>.stride), alignment: 16) {
            (buffer) throws(BPFError) -> Value? in
            guard try body(buffer.baseAddress!) else { return nil }
            return buffer.loadUnaligned(as: Value.self)
        }
    }

    func value<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        for key: Key, as type: Value.Type
    ) throws(BPFError) -> Value? {
        try Self.withBytes(of: key, paddedTo: keySize) { (key) throws(BPFError) in
            try Self.read(type, size: valueSize) { (value) throws(BPFError) in try lookUp(key, into: value) }
        }
    }

    @discardableResult
    func update<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        _ value: Value, for key: Key, flags: UInt64 = 0
    ) throws(BPFError) -> Bool {
        try Self.withBytes(of: key, paddedTo: keySize) { (key) throws(BPFError) in
            try Self.withBytes(of: value, paddedTo: valueSize) { (value) throws(BPFError) in
                try update(key, value, flags: flags)
            }
        }
    }

    func delete<Key: BitwiseCopyable>(key: Key) throws(BPFError) -> Bool {
        try Self.withBytes(of: key, paddedTo: keySize) { (key) throws(BPFError) in try delete(key) }
    }

    /// `BPF_MAP_LOOKUP_AND_DELETE_ELEM`, or two steps if the kernel doesn't support it for this map.
    func take<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        _ key: Key, as type: Value.Type
    ) throws(BPFError) -> Value? {
        do throws(BPFError) {
            return try Self.withBytes(of: key, paddedTo: keySize) { (key) throws(BPFError) in
                try Self.read(type, size: valueSize) { (value) throws(BPFError) in try take(key, into: value) }
            }
        } catch  where error.isMissingCommand {
            guard let value = try value(for: key, as: type) else { return nil }
            return try delete(key: key) ? value : nil
        }
    }
}

extension BPFError {
    /// Whether the error means that the kernel doesn't have this command of bpf(2), or not for this map.
    var isMissingCommand: Bool { errno == EINVAL || errno == EOPNOTSUPP || errno == BPFError.notSupported }
}
