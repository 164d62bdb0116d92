// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf

/// The running kernel's type information (/sys/kernel/btf/vmlinux).
public struct KernelBTF: ~Copyable {
    private let btf: OpaquePointer

    /// - Throws: `unsupported` if the kernel was built without it.
    public init() throws(BPFError) {
        Libbpf.quiet()
        guard let btf = btf__load_vmlinux_btf() else {
            throw BPFError(
                .unsupported, "reading the kernel's type information",
                remedy: "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as Debian's are")
        }
        self.btf = btf
    }

    deinit { btf__free(btf) }

    /// Whether the kernel has a structure of this name.
    public func hasStructure(_ name: String) -> Bool {
        btf__find_by_name_kind(btf, name, UInt32(BTF_KIND_STRUCT)) > 0
    }
}
