// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// An eBPF object in the kernel: its maps exist, its programs are past the verifier. Nothing is attached yet.
///
/// The kernel frees what no handle, pin or attachment holds any more once this value is gone.
public struct Object: ~Copyable, Sendable {
    /// The name of its spec.
    public let name: String
    /// What it was loaded from.
    public let spec: ObjectSpec
    private let loaded: LoadedObject

    /// Loads an object into the kernel.
    ///
    /// - Throws: `verifier` with its log, `permission`, `unsupported` if the kernel lacks something, `notFound`.
    public init(_ spec: ObjectSpec) throws(BPFError) {
        loaded = try ObjectLoader(spec).load()
        name = spec.name
        self.spec = spec
    }

    /// A handle of a map.
    ///
    /// That of a map that was left out (`MapSpec.isCreated`) can be had, and throws `notFound` when it is used.
    ///
    /// - Throws: `notFound` if there is none of this name, `mismatch` if it is of another kind, or its keys or values
    ///   are of another size.
    public func map<Handle: Map & ~Copyable>(
        _ name: String, as type: Handle.Type = Handle.self
    ) throws(BPFError) -> Handle {
        let action = "looking up the map '\(name)' of '\(self.name)'"
        guard let pointer = bpf_object__find_map_by_name(loaded.pointer, name) else {
            throw BPFError(.notFound, action, reason: "there is none of this name")
        }
        if spec.maps.contains(where: { $0.name == name && !$0.isCreated }) {
            return try Handle(Descriptor(owning: -1), name: name)
        }
        let descriptor = try check(bpf_map__fd(pointer), "bpf_map__fd", action)
        return try Handle(try Descriptor(duplicating: descriptor), name: name)
    }

    /// A handle of a program.
    ///
    /// That of a program that was left out (`ProgramSpec.isLoaded`) can be had, and throws `notFound` when it is used.
    ///
    /// - Throws: `notFound` if there is none of this name, `mismatch` if it is of another kind.
    public func program<Handle: Program & ~Copyable>(
        _ name: String, as type: Handle.Type = Handle.self
    ) throws(BPFError) -> Handle {
        let action = "looking up the program '\(name)' of '\(self.name)'"
        guard let pointer = bpf_object__find_program_by_name(loaded.pointer, name),
            let spec = spec.programs.first(where: { $0.name == name })
        else { throw BPFError(.notFound, action, reason: "there is none of this name") }
        guard spec.isLoaded else { return try Handle(Descriptor(owning: -1), name: name, kind: spec.kind) }
        let descriptor = try check(bpf_program__fd(pointer), "bpf_program__fd", action)
        return try Handle(try Descriptor(duplicating: descriptor), name: name, kind: spec.kind)
    }

    /// A struct_ops variable, to be registered.
    ///
    /// One that was left out (`StructOpsSpec.isCreated`) can be had, and throws `notFound` when it is to be registered.
    ///
    /// - Throws: `notFound` if there is none of this name.
    public func structOps(_ name: String) throws(BPFError) -> StructOps {
        guard let map = bpf_object__find_map_by_name(loaded.pointer, name),
            let spec = spec.structOps.first(where: { $0.variable == name })
        else {
            throw BPFError(
                .notFound, "looking up the struct_ops '\(name)' of '\(self.name)'",
                reason: "there is none of this name")
        }
        return try StructOps(loaded, map, spec)
    }
}

/// libbpf's side of a loaded object: struct_ops variables hold it too.
package final class LoadedObject: @unchecked Sendable {
    // Sendable, for once the object is loaded libbpf only looks things up in it, and what `StructOps` changes it
    // changes under a lock.
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { bpf_object__close(pointer) }
}
