// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc
private import Synchronization

/// The running kernel's type information (/sys/kernel/btf/vmlinux), some 150,000 types, read by libbpf.
public final class KernelBTF: Sendable {
    /// Where the kernel gives it.
    static let path = "/sys/kernel/btf/vmlinux"

    // Sendable: nothing changes it once it is read.
    private nonisolated(unsafe) let btf: OpaquePointer

    private init() throws(BPFError) {
        let action = "reading the kernel's type information (BTF)"
        guard access(KernelBTF.path, R_OK) == 0 else {
            guard errno == ENOENT else { throw BPFError(action, call: "open", errno: errno) }
            throw BPFError(
                .unsupported, action, reason: "there is no \(KernelBTF.path)",
                remedy: "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as Debian's are; /sys must be mounted")
        }
        guard let btf = btf__load_vmlinux_btf() else { throw BPFError(action, call: "btf__load_vmlinux_btf", errno: errno) }
        self.btf = btf
    }

    deinit { btf__free(btf) }

    private static let cache = Mutex<KernelBTF?>(nil)

    /// Read once a process.
    ///
    /// - Throws: `unsupported` if the kernel was built without it, `permission`.
    public static func shared() throws(BPFError) -> KernelBTF {
        if let known = cache.withLock({ $0 }) { return known }
        let btf = try KernelBTF()
        cache.withLock { $0 = btf }
        return btf
    }

    /// Whether the kernel has a structure of this name.
    public func hasStructure(_ name: String) -> Bool { number(of: name, .structure) != nil }

    /// Whether the kernel has a function of this name that programs can be attached to.
    public func hasFunction(_ name: String) -> Bool { number(of: name, .function) != nil }

    /// The number of a type or function; `nil` if the kernel has none of this name and kind.
    func number(of name: String, _ kind: BTF.Kind) -> UInt32? {
        let number = btf__find_by_name_kind(btf, name, UInt32(kind.rawValue))
        return number > 0 ? UInt32(number) : nil
    }

    /// Bytes of a type; `nil` if it has no size.
    func size(of number: UInt32) -> Int? {
        let size = btf__resolve_size(btf, number)
        return size >= 0 ? Int(size) : nil
    }
}
