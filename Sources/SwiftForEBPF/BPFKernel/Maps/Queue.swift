// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// A map without keys.
public protocol SequentialMap {
    /// What lies in it.
    associatedtype Value
}

extension SequentialMap {
    /// Adds a value (`bpf_map_push_elem`).
    ///
    /// - Parameters:
    ///   - value: what to add; it is copied.
    ///   - dropsOldest: whether the oldest value gives way in a full one (`BPF_EXIST`).
    /// - Returns: whether there was room.
    @inline(__always)
    @discardableResult
    public mutating func push(_ value: Value, dropsOldest: Bool = false) -> Bool {
        withUnsafePointer(to: value) { value in
            withUnsafePointer(to: &self) { bpf_map_push_elem($0, value, dropsOldest ? 2 : 0) == 0 }
        }
    }

    /// Takes the next value out (`bpf_map_pop_elem`), in place of what is there.
    ///
    /// - Returns: whether there was one.
    @inline(__always)
    public mutating func pop(into value: inout Value) -> Bool {
        withUnsafeMutablePointer(to: &value) { value in
            withUnsafePointer(to: &self) { bpf_map_pop_elem($0, value) == 0 }
        }
    }

    /// Copies the next value (`bpf_map_peek_elem`), in place of what is there.
    ///
    /// - Returns: whether there was one.
    @inline(__always)
    public mutating func peek(into value: inout Value) -> Bool {
        withUnsafeMutablePointer(to: &value) { value in
            withUnsafePointer(to: &self) { bpf_map_peek_elem($0, value) == 0 }
        }
    }
}

/// `BPF_MAP_TYPE_QUEUE`: first in, first out.
public struct Queue<Value>: SequentialMap {
    private var definition: MapDefinition

    /// - Parameter maxEntries: how many at most; a literal.
    @inline(__always)
    public init(maxEntries: UInt32) { definition = MapDefinition(BPF_MAP_TYPE_QUEUE, maxEntries: maxEntries, flags: 0) }
}

/// `BPF_MAP_TYPE_STACK`: last in, first out.
public struct Stack<Value>: SequentialMap {
    private var definition: MapDefinition

    /// - Parameter maxEntries: how many at most; a literal.
    @inline(__always)
    public init(maxEntries: UInt32) { definition = MapDefinition(BPF_MAP_TYPE_STACK, maxEntries: maxEntries, flags: 0) }
}
