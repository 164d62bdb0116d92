// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A loaded eBPF object: its maps exist, and the verifier has accepted its programs. Nothing is attached yet.
///
/// When this value is gone, the kernel frees the maps and programs that no handle, pin or attachment refers to.
public struct Object: ~Copyable, Sendable {
    /// The name of the object, from its spec.
    public let name: String
    /// The spec that it was loaded from.
    public let spec: ObjectSpec
    private let loaded: LoadedObject

    /// Loads an object into the kernel.
    ///
    /// - Throws: `verifier`, with the log; `permission`; `unsupported` if the kernel lacks a feature; `notFound`.
    public init(_ spec: ObjectSpec) throws(BPFError) {
        loaded = try ObjectLoader(spec).load()
        name = spec.name
        self.spec = spec
    }

    /// Makes a handle of a map.
    ///
    /// The handle of a map that was left out (`MapSpec.isCreated`) throws `notFound` when it is used.
    ///
    /// - Throws: `notFound` if there is no map of this name, `mismatch` if it is of another type, or its keys or values
    ///   are of another size.
    public func map<Handle: Map & ~Copyable>(
        _ name: String, as type: Handle.Type = Handle.self
    ) throws(BPFError) -> Handle {
        let action = "looking up the map '\(name)' of '\(self.name)'"
        guard let pointer = bpf_object__find_map_by_name(loaded.pointer, name) else {
            throw BPFError(.notFound, action, reason: "there is no map of this name")
        }
        if spec.maps.contains(where: { $0.name == name && !$0.isCreated }) {
            return try Handle(Descriptor(owning: -1), name: name)
        }
        let descriptor = try check(bpf_map__fd(pointer), "bpf_map__fd", action)
        return try Handle(try Descriptor(duplicating: descriptor), name: name)
    }

    /// Makes a handle of a program.
    ///
    /// The handle of a program that was left out (`ProgramSpec.isLoaded`) throws `notFound` when it is used.
    ///
    /// - Throws: `notFound` if there is no program of this name, `mismatch` if it is of another type.
    public func program<Handle: Program & ~Copyable>(
        _ name: String, as type: Handle.Type = Handle.self
    ) throws(BPFError) -> Handle {
        let action = "looking up the program '\(name)' of '\(self.name)'"
        guard let pointer = bpf_object__find_program_by_name(loaded.pointer, name),
            let spec = spec.programs.first(where: { $0.name == name })
        else { throw BPFError(.notFound, action, reason: "there is no program of this name") }
        guard spec.isLoaded else { return try Handle(Descriptor(owning: -1), name: name, kind: spec.kind) }
        let descriptor = try check(bpf_program__fd(pointer), "bpf_program__fd", action)
        return try Handle(try Descriptor(duplicating: descriptor), name: name, kind: spec.kind)
    }

    /// Finds a struct_ops, to be registered.
    ///
    /// One that was left out (`StructOpsSpec.isCreated`) throws `notFound` when it is registered.
    ///
    /// - Throws: `notFound` if there is none of this name.
    public func structOps(_ name: String) throws(BPFError) -> StructOps {
        guard let map = bpf_object__find_map_by_name(loaded.pointer, name),
            let spec = spec.structOps.first(where: { $0.variable == name })
        else {
            throw BPFError(
                .notFound, "looking up the struct_ops '\(name)' of '\(self.name)'",
                reason: "there is no struct_ops of this name")
        }
        return try StructOps(loaded, map, spec)
    }
}

/// libbpf's handle of a loaded object. `StructOps` keeps it alive too.
package final class LoadedObject: @unchecked Sendable {
    // Sendable, because after loading libbpf only reads from it, and `StructOps` changes it only under a lock.
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { bpf_object__close(pointer) }
}
