// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// Operations on many entries: with one call (`BPF_MAP_LOOKUP_BATCH` and others, Linux 5.6), or one entry at a time on
/// a kernel without such calls.
extension MapHandle {
    /// The most entries that one call reads, unless a hash bucket contains more.
    private static var batchSize: Int { 1024 }

    /// Calls `body` with the bytes of each key and value. Entries that are added or removed meanwhile may be missing or
    /// included. All other entries are visited exactly once.
    ///
    /// - Parameter valueSize: the number of bytes that the kernel writes for one key.
    func walk(
        valueSize: Int, _ body: (UnsafeRawPointer, UnsafeRawPointer) throws(BPFError) -> Void
    ) throws(BPFError) {
        if descriptor.rawValue >= 0, BatchOperations.areAllowed, try walkInBatches(valueSize: valueSize, body) {
            return
        }
        try walkOneByOne(valueSize: valueSize, body)
    }

    /// - Returns: `false` if the kernel has no such call; then `body` wasn't called.
    private func walkInBatches(
        valueSize: Int, _ body: (UnsafeRawPointer, UnsafeRawPointer) throws(BPFError) -> Void
    ) throws(BPFError) -> Bool {
        var capacity = min(max(maxEntries, 1), Self.batchSize)
        var room = Room(keySize: keySize, valueSize: valueSize, capacity: capacity)
        // A position is a bucket number in hash maps, and a key in other maps.
        var position = [UInt8](repeating: 0, count: max(keySize, 8))
        var isFirst = true
        var interruptions = 0
        while true {
            var count = UInt32(capacity)
            var next = position
            let result = position.withUnsafeMutableBytes { position in
                next.withUnsafeMutableBytes {
                    bpf_map_lookup_batch(
                        descriptor.rawValue, isFirst ? nil : position.baseAddress, $0.baseAddress, room.keys,
                        room.values, &count, nil)
                }
            }
            let number = result == 0 ? 0 : errno
            switch number {
            case 0, ENOENT: break
            case ENOSPC where capacity < 1 << 24:  // one bucket contains more
                capacity *= 2
                room = Room(keySize: keySize, valueSize: valueSize, capacity: capacity)
                continue
            case EINTR where interruptions < 100, EAGAIN where interruptions < 100:
                interruptions += 1
                if count == 0 || count > capacity { continue }
            case EINVAL where isFirst, EOPNOTSUPP where isFirst, BPFError.notSupported where isFirst: return false
            default: throw failure("BPF_MAP_LOOKUP_BATCH", "reading")
            }
            for index in 0..<min(Int(count), capacity) {
                try body(room.keys + index * keySize, room.values + index * valueSize)
            }
            if number == ENOENT { return true }
            position = next
            isFirst = false
        }
    }

    private func walkOneByOne(
        valueSize: Int, _ body: (UnsafeRawPointer, UnsafeRawPointer) throws(BPFError) -> Void
    ) throws(BPFError) {
        // If a key is removed during the walk, the kernel starts again at the first key.
        var seen: Set<[UInt8]> = []
        let room = Room(keySize: keySize, valueSize: valueSize, capacity: 2)
        let (key, next) = (room.keys, room.keys + keySize)
        var hasNext = try nextKey(after: nil, into: next)
        while hasNext, seen.count <= 2 * maxEntries {
            key.copyMemory(from: next, byteCount: keySize)
            let isNew = seen.insert(Array(UnsafeRawBufferPointer(start: key, count: keySize))).inserted
            hasNext = try nextKey(after: key, into: next)
            if isNew, try lookUp(key, into: room.values) { try body(key, room.values) }
        }
    }

    /// Adds or replaces many entries (`BPF_MAP_UPDATE_BATCH`).
    ///
    /// - Parameters:
    ///   - count: the number of keys and values, which follow one another without gaps.
    func update(keys: [UInt8], values: [UInt8], count: Int, valueSize: Int) throws(BPFError) {
        var done = 0
        while done < count, BatchOperations.areAllowed {
            var batch = UInt32(min(count - done, 1 << 16))
            let result = keys.withUnsafeBytes { keys in
                values.withUnsafeBytes { values in
                    bpf_map_update_batch(
                        descriptor.rawValue, keys.baseAddress! + done * keySize,
                        values.baseAddress! + done * valueSize, &batch, nil)
                }
            }
            if result == 0 {
                done += min(count - done, 1 << 16)
                continue
            }
            let error = failure("BPF_MAP_UPDATE_BATCH", "writing to")
            guard error.isMissingCommand else { throw error }
            break
        }
        // This may write some entries a second time, which does no harm.
        for index in done..<max(done, count) {
            let offsets = (index * keySize, index * valueSize)
            try Self.withPointers(keys, values, offsets) { (key, value) throws(BPFError) in
                _ = try update(key, value)
            }
        }
    }

    /// Removes many entries (`BPF_MAP_DELETE_BATCH`). Keys without an entry are ignored.
    ///
    /// - Returns: the number of entries removed.
    func delete(keys: [UInt8], count: Int) throws(BPFError) -> Int {
        var (done, deleted) = (0, 0)
        while done < count, BatchOperations.areAllowed {
            var batch = UInt32(count - done)
            let result = keys.withUnsafeBytes {
                bpf_map_delete_batch(descriptor.rawValue, $0.baseAddress! + done * keySize, &batch, nil)
            }
            if result == 0 { return deleted + count - done }
            let error = failure("BPF_MAP_DELETE_BATCH", "deleting from")
            if error.errno == ENOENT, batch < count - done {
                // The batch ends at a key without an entry.
                deleted += Int(batch)
                done += Int(batch) + 1
                continue
            }
            guard error.isMissingCommand else { throw error }
            break
        }
        for index in done..<max(done, count) {
            let isDeleted = try Self.withPointers(keys, keys, (index * keySize, 0)) { (key, _) throws(BPFError) in
                try delete(key)
            }
            if isDeleted { deleted += 1 }
        }
        return deleted
    }

    private static func withPointers<Result>(
        _ first: [UInt8], _ second: [UInt8], _ offsets: (Int, Int),
        _ body: (UnsafeRawPointer, UnsafeRawPointer) throws(BPFError) -> Result
    ) throws(BPFError) -> Result {
        try first.span.bytes.withUnsafeBytes { (first) throws(BPFError) in
            try second.span.bytes.withUnsafeBytes { (second) throws(BPFError) in
                try body(first.baseAddress! + offsets.0, second.baseAddress! + offsets.1)
            }
        }
    }

    /// Memory for keys and values.
    private struct Room: ~Copyable {
        let keys: UnsafeMutableRawPointer
        let values: UnsafeMutableRawPointer

        init(keySize: Int, valueSize: Int, capacity: Int) {
            keys = .allocate(byteCount: max(keySize, 8) * capacity, alignment: 16)
            values = .allocate(byteCount: max(valueSize, 8) * capacity, alignment: 16)
        }

        deinit {
            keys.deallocate()
            values.deallocate()
        }
    }
}

// MARK: Swift values

extension MapHandle {
    func forEach<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        _ body: (Key, Value) throws(BPFError) -> Void
    ) throws(BPFError) {
        try walk(valueSize: valueSize) { (key, value) throws(BPFError) in
            try body(key.loadUnaligned(as: Key.self), value.loadUnaligned(as: Value.self))
        }
    }

    func entries<Key: BitwiseCopyable, Value: BitwiseCopyable>() throws(BPFError) -> [(key: Key, value: Value)] {
        var entries: [(key: Key, value: Value)] = []
        try forEach { (key, value) throws(BPFError) in entries.append((key, value)) }
        return entries
    }

    func update<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        contentsOf entries: some Sequence<(key: Key, value: Value)>
    ) throws(BPFError) {
        var (keys, values): ([UInt8], [UInt8]) = ([], [])
        var count = 0
        for entry in entries {
            Self.append(entry.key, to: &keys, paddedTo: keySize)
            Self.append(entry.value, to: &values, paddedTo: valueSize)
            count += 1
        }
        try update(keys: keys, values: values, count: count, valueSize: valueSize)
    }

    func delete<Key: BitwiseCopyable>(contentsOf keys: some Sequence<Key>) throws(BPFError) -> Int {
        var bytes: [UInt8] = []
        var count = 0
        for key in keys {
            Self.append(key, to: &bytes, paddedTo: keySize)
            count += 1
        }
        return try delete(keys: bytes, count: count)
    }

    static func append<Value: BitwiseCopyable>(_ value: Value, to bytes: inout [UInt8], paddedTo size: Int) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: repeatElement(0, count: size - MemoryLayout<Value>.size))
    }
}

/// Whether maps are read and written in batches if the kernel can (Linux 5.6).
package enum BatchOperations {
    /// Tests of the path without batches set it to `false`.
    @TaskLocal package static var areAllowed = true
}
