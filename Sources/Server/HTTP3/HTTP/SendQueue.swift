// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import NIOCore

/// The part of a response's body that the transport refers to. nghttp3 and ngtcp2 use it by address until the client
/// has acknowledged it, so until then the buffers stay alive and don't move.
struct SendQueue {
    private struct Chunk {
        let vector: nghttp3_vec
        let storage: Unmanaged<AnyObject>
    }

    private var chunks: [Chunk] = []
    /// How many chunks were acknowledged, and how many bytes of the next one.
    private var acknowledgedChunks = 0
    private var acknowledgedBytes = 0
    /// How many chunks nghttp3 has got.
    private var givenChunks = 0

    var hasMore: Bool { givenChunks < chunks.count }

    mutating func append(_ buffer: ByteBuffer) {
        let chunk = buffer.withUnsafeReadableBytesWithStorageManagement { bytes, storage in
            let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return Chunk(
                vector: nghttp3_vec(base: UnsafeMutablePointer(mutating: start), len: bytes.count),
                storage: storage.retain())
        }
        chunks.append(chunk)
    }

    /// Fills `vectors` with what nghttp3 has not got yet. Returns how many it filled, with how many bytes.
    mutating func give(_ vectors: UnsafeMutableBufferPointer<nghttp3_vec>) -> (count: Int, bytes: Int) {
        var count = 0
        var bytes = 0
        while count < vectors.count, givenChunks < chunks.count {
            vectors[count] = chunks[givenChunks].vector
            bytes += chunks[givenChunks].vector.len
            givenChunks += 1
            count += 1
        }
        return (count, bytes)
    }

    /// Frees what was acknowledged.
    mutating func acknowledge(_ count: Int) {
        acknowledgedBytes += count
        while acknowledgedChunks < givenChunks, acknowledgedBytes >= chunks[acknowledgedChunks].vector.len {
            acknowledgedBytes -= chunks[acknowledgedChunks].vector.len
            chunks[acknowledgedChunks].storage.release()
            acknowledgedChunks += 1
        }
        // Moving the rest to the front costs in proportion to its size, so it waits until half is acknowledged.
        if acknowledgedChunks > 16, acknowledgedChunks * 2 > chunks.count {
            chunks.removeFirst(acknowledgedChunks)
            givenChunks -= acknowledgedChunks
            acknowledgedChunks = 0
        }
    }

    /// Frees everything. Only after the transport has released the stream.
    mutating func removeAll() {
        for chunk in chunks[acknowledgedChunks...] { chunk.storage.release() }
        self = SendQueue()
    }
}
