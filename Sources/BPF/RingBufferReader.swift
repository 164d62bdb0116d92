// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// Reads the records of a `BPF_MAP_TYPE_RINGBUF`. A ring buffer has one reader: what one takes, another doesn't see.
public struct RingBufferReader<Record: BitwiseCopyable>: ~Copyable {
    private let buffer: OpaquePointer
    private let context: Unmanaged<RingBufferRecords>
    /// Keeps the map open.
    private let descriptor: Descriptor

    /// - Throws: `invalid` if this is no ring buffer.
    public init(_ descriptor: consuming Descriptor) throws(BPFError) {
        Libbpf.quiet()
        let context = Unmanaged.passRetained(RingBufferRecords())
        let buffer = ring_buffer__new(
            descriptor.rawValue,
            { context, data, size in
                guard let context, let data else { return 0 }
                Unmanaged<RingBufferRecords>.fromOpaque(context).takeUnretainedValue().add(data, size)
                return 0
            }, context.toOpaque(), nil)
        guard let buffer else {
            context.release()
            throw BPFError("opening a ring buffer", errno: errno, log: Libbpf.takeLog())
        }
        self.buffer = buffer
        self.context = context
        self.descriptor = descriptor
    }

    deinit {
        ring_buffer__free(buffer)
        context.release()
    }

    /// Takes the records that are there, in their order; waits for the first one if there is none.
    ///
    /// - Parameter timeoutMilliseconds: how long to wait at most; 0: not at all; -1: for ever.
    /// - Returns: none after the time, or when a signal came.
    public mutating func read(timeoutMilliseconds: Int32) throws(BPFError) -> [Record] {
        let result = ring_buffer__poll(buffer, timeoutMilliseconds)
        if result < 0, result != -EINTR { throw BPFError("reading a ring buffer", errno: result) }
        return context.takeUnretainedValue().take(Record.self)
    }
}

/// What one poll brought: not generic, for a C callback can't be.
private final class RingBufferRecords {
    private var bytes: [UInt8] = []
    private var sizes: [Int] = []

    func add(_ data: UnsafeMutableRawPointer, _ size: Int) {
        bytes += UnsafeRawBufferPointer(start: data, count: size)
        sizes.append(size)
    }

    /// The records; one that is too short for the type is left out.
    func take<Record: BitwiseCopyable>(_ type: Record.Type) -> [Record] {
        defer {
            bytes.removeAll(keepingCapacity: true)
            sizes.removeAll(keepingCapacity: true)
        }
        return bytes.withUnsafeBytes { buffer in
            var offset = 0
            return sizes.compactMap { size in
                defer { offset += size }
                return size < MemoryLayout<Record>.size
                    ? nil : buffer.loadUnaligned(fromByteOffset: offset, as: Record.self)
            }
        }
    }
}
