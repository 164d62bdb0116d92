// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// What a program needs of the kernel and the machine, looked at before it is loaded, so that what is missing has a name.
public struct Preflight: Sendable {
    /// The answer for one requirement.
    public enum Answer: Sendable, Equatable {
        /// It is there.
        case yes
        /// It isn't.
        case no
        /// It could not be found out, for the reason given.
        case unknown(String)
    }

    /// One requirement.
    public struct Item: Sendable {
        /// A word to tell it by, for instance `bpffs`.
        public var name: String
        /// Whether it is there.
        public var answer: Answer
        /// What was found.
        public var finding: String
        /// How to get it; empty if it is there.
        public var remedy: String
        /// The first kernel that has it; `nil` if it is no feature of the kernel.
        public var minimumKernel: String?
        /// Whether there is no way without it.
        public var isRequired: Bool { name != "struct_ops_link" }

        /// All fields.
        public init(name: String, answer: Answer, finding: String, remedy: String, minimumKernel: String?) {
            self.name = name
            self.answer = answer
            self.finding = finding
            self.remedy = remedy
            self.minimumKernel = minimumKernel
        }
    }

    /// All requirements, those first without which nothing else makes sense.
    public var items: [Item]

    /// - Parameter pinDirectory: where pins are to go.
    public init(pinDirectory: String) {
        items = [
            Preflight.capabilities(), Preflight.cgroup2(), Preflight.bpffs(pinDirectory), Preflight.btf(),
            Preflight.structOpsLink(),
        ]
    }

    /// The first thing that is missing and can't be done without.
    public var firstMissing: Item? { items.first { $0.answer == .no && $0.isRequired } }

    /// - Throws: what is missing, with its remedy.
    public func demand(_ action: String) throws(BPFError) {
        guard let missing = firstMissing else { return }
        throw BPFError(
            missing.name == "capabilities" ? .permission : .unsupported, action, reason: missing.finding,
            remedy: missing.remedy)
    }

    private static let needed: [(name: String, bit: UInt64)] = [
        ("CAP_NET_ADMIN", 12), ("CAP_PERFMON", 38), ("CAP_BPF", 39),
    ]

    /// Whether the process may load programs and attach them.
    public static func capabilities() -> Item {
        var item = Item(name: "capabilities", answer: .yes, finding: "", remedy: "", minimumKernel: "5.8")
        guard let status = Mounts.read("/proc/self/status"),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
            let set = UInt64(line.dropFirst(7).drop { $0 == "\t" || $0 == " " }, radix: 16)
        else {
            item.answer = .unknown("/proc/self/status can't be read")
            return item
        }
        // CAP_SYS_ADMIN (21) stands for CAP_BPF and CAP_PERFMON.
        let missing = needed.filter { set & (1 << $0.bit) == 0 && ($0.bit == 12 || set & (1 << 21) == 0) }.map(\.name)
        if missing.isEmpty {
            item.finding = needed.map(\.name).joined(separator: ", ")
        } else {
            item.answer = .no
            item.finding = "\(missing.joined(separator: ", ")) missing"
            item.remedy = "run as root, or give the process these capabilities"
        }
        return item
    }

    private static func cgroup2() -> Item {
        guard let path = Mounts.cgroup2 else {
            return Item(
                name: "cgroup2", answer: .no, finding: "no cgroup2 is mounted",
                remedy: "mount -t cgroup2 none /sys/fs/cgroup", minimumKernel: "4.10")
        }
        return Item(name: "cgroup2", answer: .yes, finding: path, remedy: "", minimumKernel: "4.10")
    }

    private static func bpffs(_ directory: String) -> Item {
        guard Mounts.isOnBPFFS(directory) else {
            let point = directory.hasPrefix(Mounts.bpffs + "/") ? Mounts.bpffs : directory
            return Item(
                name: "bpffs", answer: .no, finding: "\(directory) is not on a bpffs",
                remedy: "mount -t bpf bpf \(point)", minimumKernel: "4.4")
        }
        return Item(name: "bpffs", answer: .yes, finding: directory, remedy: "", minimumKernel: "4.4")
    }

    private static let btfPath = "/sys/kernel/btf/vmlinux"

    private static func btf() -> Item {
        if access(btfPath, R_OK) == 0 {
            return Item(name: "btf", answer: .yes, finding: btfPath, remedy: "", minimumKernel: "5.4")
        }
        let unreadable = errno == EACCES
        return Item(
            name: "btf", answer: unreadable ? .unknown("\(btfPath) can't be read") : .no,
            finding: unreadable ? "" : "the kernel gives no type information at \(btfPath)",
            remedy: "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as Debian's are; /sys must be mounted",
            minimumKernel: "5.4")
    }

    private static func structOpsLink() -> Item {
        var item = Item(name: "struct_ops_link", answer: .yes, finding: "", remedy: "", minimumKernel: "6.4")
        do throws(BPFError) {
            let btf = try KernelBTF()
            item.answer = btf.hasStructure("bpf_struct_ops_link") ? .yes : .no
            item.finding =
                item.answer == .yes ? "registrations are held by links" : "registrations are taken back by hand"
        } catch {
            item.answer = .unknown(error.description)
        }
        return item
    }
}

/// The kernel's clock for BPF programs.
public enum KernelClock {
    /// CLOCK_MONOTONIC in nanoseconds, what `bpf_ktime_get_ns` gives.
    public static var nowNanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Lets time pass.
    public static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1000) }
}
