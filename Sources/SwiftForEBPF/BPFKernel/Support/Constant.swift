// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// A value that user space sets before it loads the program, and that can't change afterwards (a variable in
/// `.rodata`).
///
/// The verifier knows the value, and removes code that can't run with it.
///
/// ```swift
/// var sampling = Constant<UInt32>(100)      // 100 unless user space says otherwise
/// ```
public struct Constant<Value> {
    private var initial: Value

    /// Declares the constant.
    ///
    /// - Parameter value: the value if user space sets none; a literal.
    @inline(__always)
    public init(_ value: Value) { initial = value }

    /// The value that the program was loaded with.
    public var value: Value {
        @inline(__always)
        mutating get {
            withUnsafeMutablePointer(to: &self) { bpf_opaque($0).assumingMemoryBound(to: Value.self).pointee }
        }
    }
}
