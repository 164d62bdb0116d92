// SPDX-License-Identifier: Apache-2.0

/// A variable of functions for the kernel to call (struct_ops), for instance a congestion control.
public struct StructOpsSpec: Sendable {
    /// The variable's name in the source.
    public let variable: String
    /// The kernel's structure that it is, for instance `tcp_congestion_ops`.
    public let typeName: String
    /// The name under which it registers, where the structure has a member `name`; the kernel's registry is one for the
    /// whole machine. Empty without that member.
    public var name: String
    /// Whether its registration is held by a link (`BPF_F_LINK`, Linux 6.4). `nil`: if the kernel knows such links.
    public var isLinked: Bool?
    /// `false` leaves the variable out. The programs that are its functions have to be left out too.
    public var isCreated = true
    /// Where the name lies in the object.
    let namePlace: Range<Int>?

    init(variable: String, typeName: String, name: String, namePlace: Range<Int>?) {
        self.variable = variable
        self.typeName = typeName
        self.name = name
        self.namePlace = namePlace
    }

    /// Writes the name into the object's bytes. libbpf before 1.4 gives no way to change the data of such a variable.
    func apply(to elf: inout [UInt8]) throws(BPFError) {
        guard isCreated else { return }
        guard let place = namePlace else {
            if name.isEmpty { return }
            throw BPFError(
                .invalid, "naming the struct_ops '\(variable)' '\(name)'",
                reason: "a \(typeName) has no name")
        }
        guard !name.isEmpty, name.utf8.count < place.count, !name.utf8.contains(0) else {
            throw BPFError(
                .invalid, "naming the struct_ops '\(variable)' '\(name)'",
                reason: "the name must have 1 … \(place.count - 1) bytes")
        }
        let padding = repeatElement(0 as UInt8, count: place.count - name.utf8.count)
        elf.replaceSubrange(place, with: Array(name.utf8) + padding)
    }
}
