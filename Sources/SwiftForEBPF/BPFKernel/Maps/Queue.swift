// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// A map without keys.
public protocol SequentialMap {
    /// The type of the values.
    associatedtype Value
}

extension SequentialMap {
    /// Adds a value (`bpf_map_push_elem`).
    ///
    /// - Parameters:
    ///   - value: the value, which is copied.
    ///   - dropsOldest: whether a full map drops its oldest value to make room (`BPF_EXIST`).
    /// - Returns: `false` if the map is full.
    @inline(__always)
    @discardableResult
    public mutating func push(_ value: Value, dropsOldest: Bool = false) -> Bool {
        withUnsafePointer(to: value) { value in
            withUnsafePointer(to: &self) { bpf_map_push_elem($0, value, dropsOldest ? 2 : 0) == 0 }
        }
    }

    /// Removes the next value (`bpf_map_pop_elem`).
    ///
    /// - Parameter value: is overwritten with it.
    /// - Returns: `false` if the map is empty.
    @inline(__always)
    public mutating func pop(into value: inout Value) -> Bool {
        withUnsafeMutablePointer(to: &value) { value in
            withUnsafePointer(to: &self) { bpf_map_pop_elem($0, value) == 0 }
        }
    }

    /// Reads the next value without removing it (`bpf_map_peek_elem`).
    ///
    /// - Parameter value: is overwritten with it.
    /// - Returns: `false` if the map is empty.
    @inline(__always)
    public mutating func peek(into value: inout Value) -> Bool {
        withUnsafeMutablePointer(to: &value) { value in
            withUnsafePointer(to: &self) { bpf_map_peek_elem($0, value) == 0 }
        }
    }
}

/// `BPF_MAP_TYPE_QUEUE`: a first-in, first-out queue.
public struct Queue<Value>: SequentialMap {
    private var definition: MapDefinition

    /// Declares the map.
    ///
    /// - Parameter maxEntries: the most values; a literal.
    @inline(__always)
    public init(maxEntries: UInt32) { definition = MapDefinition(BPF_MAP_TYPE_QUEUE, maxEntries: maxEntries, flags: 0) }
}

/// `BPF_MAP_TYPE_STACK`: a last-in, first-out stack.
public struct Stack<Value>: SequentialMap {
    private var definition: MapDefinition

    /// Declares the map.
    ///
    /// - Parameter maxEntries: the most values; a literal.
    @inline(__always)
    public init(maxEntries: UInt32) { definition = MapDefinition(BPF_MAP_TYPE_STACK, maxEntries: maxEntries, flags: 0) }
}
