// SPDX-License-Identifier: Apache-2.0

/// Checks what a program needs from the kernel and the machine before it is loaded, so that an error can name what is
/// missing.
public struct Preflight: Sendable {
    /// One requirement.
    public enum Requirement: Sendable {
        /// `CAP_BPF`, `CAP_NET_ADMIN` and `CAP_PERFMON`, or root.
        case capabilities
        /// A mounted cgroup hierarchy of version 2.
        case cgroup2
        /// A directory on a bpffs. It need not exist yet.
        case bpffs(String)
        /// A kernel feature that the program can't work without.
        case feature(Feature)
        /// A kernel feature that helps, but that the program can work without.
        case helpful(Feature)
    }

    /// The result for one requirement.
    public struct Item: Sendable {
        /// The identifier, for example `bpffs`.
        public var name: String
        /// Whether it is available.
        public var answer: Answer
        /// What was found, as text.
        public var finding: String
        /// How to get it; empty if it is available.
        public var remedy: String
        /// The first kernel.org release that has it; `nil` if it isn't a kernel feature.
        public var minimumKernel: String?
        /// Whether the program can't work without it.
        public var isRequired: Bool
        /// Whether it is a right of the process that is missing.
        public var isPermission = false

        /// Makes a result from all its fields.
        public init(
            name: String, answer: Answer, finding: String, remedy: String = "", minimumKernel: String? = nil,
            isRequired: Bool = true
        ) {
            self.name = name
            self.answer = answer
            self.finding = finding
            self.remedy = remedy
            self.minimumKernel = minimumKernel
            self.isRequired = isRequired
        }

        /// Whether it is required and not available.
        public var isMissing: Bool { answer == .no && isRequired }
    }

    /// The results, in the order of the requirements.
    public var items: [Item]

    /// Checks all requirements. Put the most basic ones first: `demand` reports only the first that is missing.
    public init(_ requirements: [Requirement]) { items = requirements.map(Preflight.item) }

    /// The first required item that isn't available.
    public var firstMissing: Item? { items.first(where: \.isMissing) }

    /// Checks that nothing required is missing.
    ///
    /// - Parameter action: the operation that needs it, for the error.
    /// - Throws: an error for the first missing item, with its remedy: `permission` for capabilities, otherwise
    ///   `unsupported`.
    public func demand(_ action: String) throws(BPFError) {
        guard let missing = firstMissing else { return }
        throw BPFError(
            missing.isPermission ? .permission : .unsupported, action, reason: missing.finding,
            remedy: missing.remedy)
    }

    private static func item(_ requirement: Requirement) -> Item {
        switch requirement {
        case .capabilities: Capabilities.item()
        case .cgroup2: cgroup2()
        case .bpffs(let directory): bpffs(directory)
        case .feature(let feature): item(feature, isRequired: true)
        case .helpful(let feature): item(feature, isRequired: false)
        }
    }

    private static func cgroup2() -> Item {
        guard let path = Mounts.cgroup2 else {
            return Item(
                name: "cgroup2", answer: .no, finding: "no cgroup2 is mounted",
                remedy: "mount -t cgroup2 none /sys/fs/cgroup", minimumKernel: "4.10")
        }
        return Item(name: "cgroup2", answer: .yes, finding: path, minimumKernel: "4.10")
    }

    private static func bpffs(_ directory: String) -> Item {
        guard Mounts.isOnBPFFS(directory) else {
            let point = directory.hasPrefix(Mounts.bpffs + "/") ? Mounts.bpffs : directory
            return Item(
                name: "bpffs", answer: .no, finding: "\(directory) is not on a bpffs",
                remedy: "mount -t bpf -o mode=700 bpf \(point)", minimumKernel: "4.4")
        }
        if let denied = Mounts.firstDenied(below: directory) {
            var item = Item(
                name: "bpffs", answer: .no,
                finding: "this process may not write to \(denied.path) (mode \(denied.mode), owner \(denied.owner))",
                remedy:
                    "run as root, or give this user a bpffs: mount -t bpf -o mode=700 bpf DIRECTORY, chown USER DIRECTORY",
                minimumKernel: "4.4")
            item.isPermission = true
            return item
        }
        return Item(name: "bpffs", answer: .yes, finding: directory, minimumKernel: "4.4")
    }

    private static func item(_ feature: Feature, isRequired: Bool) -> Item {
        let answer = feature.probe()
        let finding =
            switch answer {
            case .yes: "the kernel has \(feature.summary)"
            case .no: "this kernel has no \(feature.summary)"
            case .unknown(let reason): reason
            }
        return Item(
            name: feature.name, answer: answer, finding: finding, remedy: answer == .no ? feature.remedy : "",
            minimumKernel: feature.minimumKernel, isRequired: isRequired)
    }
}
