// SPDX-License-Identifier: Apache-2.0

/// A structure of functions for the kernel to call (struct_ops), for example a congestion control.
public struct StructOpsSpec: Sendable {
    /// The variable's name in the source.
    public let variable: String
    /// The name of the kernel's structure, for example `tcp_congestion_ops`.
    public let typeName: String
    /// The name that it registers under, if the structure has a member `name`; otherwise empty. It must be unique on
    /// the whole machine.
    public var name: String
    /// Whether a link keeps it registered (`BPF_F_LINK`, Linux 6.4). `nil`: yes if the kernel supports it.
    public var isLinked: Bool?
    /// `false` leaves the variable out. Then the programs that are its functions must be left out too.
    public var isCreated = true
    /// The range of the name in the object's bytes.
    let namePlace: Range<Int>?

    init(variable: String, typeName: String, name: String, namePlace: Range<Int>?) {
        self.variable = variable
        self.typeName = typeName
        self.name = name
        self.namePlace = namePlace
    }

    /// Writes the name into the object's bytes. libbpf before 1.4 has no function to change the data of such a
    /// variable.
    func apply(to elf: inout [UInt8]) throws(BPFError) {
        guard isCreated else { return }
        guard let place = namePlace else {
            if name.isEmpty { return }
            throw BPFError(
                .invalid, "setting the name of the struct_ops '\(variable)' to '\(name)'",
                reason: "a \(typeName) has no member 'name'")
        }
        guard !name.isEmpty, name.utf8.count < place.count, !name.utf8.contains(0) else {
            throw BPFError(
                .invalid, "setting the name of the struct_ops '\(variable)' to '\(name)'",
                reason: "the name must have 1 to \(place.count - 1) bytes")
        }
        let padding = repeatElement(0 as UInt8, count: place.count - name.utf8.count)
        elf.replaceSubrange(place, with: Array(name.utf8) + padding)
    }
}
