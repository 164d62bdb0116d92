// SPDX-License-Identifier: Apache-2.0

internal import Glibc
private import Synchronization

extension BTF {
    /// The file with the running kernel's types.
    static let kernelPath = "/sys/kernel/btf/vmlinux"

    private static let kernelCache = Mutex<BTF?>(nil)

    /// The running kernel's types. They are read once per process.
    ///
    /// - Throws: `unsupported` if the kernel was built without BTF or /sys isn't mounted, `permission`.
    public static func kernel() throws(BPFError) -> BTF {
        if let btf = kernelCache.withLock({ $0 }) { return btf }
        let action = "reading the kernel's type information (BTF)"
        guard let bytes = FileText.bytes(kernelPath) else {
            guard errno == ENOENT else { throw BPFError(action, call: "open", errno: errno) }
            throw BPFError(
                .unsupported, action, reason: "\(kernelPath) doesn't exist",
                remedy: "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as Debian's are; /sys must be mounted")
        }
        let btf = try BTF(bytes, action)
        kernelCache.withLock { $0 = btf }
        return btf
    }
}
