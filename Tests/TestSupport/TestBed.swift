// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
package import PathEmulator
import Synchronization
import Testing

/// Two network namespaces joined by a veth or by an emulated path, a cgroup and a bpffs of a test's own. `with` takes
/// everything down again.
///
/// The server side has 10.77.0.1 and fd77::1, the client side 10.77.0.2 … 10.77.0.21 and fd77::2. Both lie at the device
/// v0.
package final class TestBed: Sendable {
    package let name: String
    package var serverNamespace: String { name + "s" }
    package var clientNamespace: String { name + "c" }
    /// The cgroup to attach to.
    package var cgroup: String { Machine.cgroupRoot + "/" + name }
    /// A cgroup beside it, for sockets that are not to be touched.
    package var otherCgroup: String { Machine.cgroupRoot + "/" + name + "-other" }
    private var directory: String { "/run/" + name }
    private var bpffs: String { directory + "/bpf" }
    package var pinDirectory: String { bpffs + "/baton" }

    private static let counter = Atomic<Int>(0)
    /// What joins the namespaces; a veth if nil.
    private let plan: PathPlan?
    private let emulator = Mutex<TestPath?>(nil)

    private init(_ plan: PathPlan?) {
        self.plan = plan
        name = "bt\(getpid())-\(TestBed.counter.add(1, ordering: .relaxed).newValue)"
    }

    /// - Parameter plan: of the path, `forward` from the server to the client; nil: a veth.
    package static func with<Result>(
        _ plan: PathPlan? = nil, _ body: (TestBed) async throws -> Result
    ) async throws -> Result {
        expectKernelTag()
        let bed = TestBed(plan)
        do {
            try bed.setUp()
            let result = try await body(bed)
            try bed.tearDown()
            return result
        } catch {
            try? bed.tearDown()
            throw error
        }
    }

    private func setUp() throws {
        try FileManager.default.createDirectory(atPath: bpffs, withIntermediateDirectories: true)
        guard mount("bpf", bpffs, "bpf", 0, nil) == 0 else { throw POSIXError(.init(rawValue: errno)!) }
        for path in [cgroup, otherCgroup] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        for namespace in [serverNamespace, clientNamespace] { try Machine.demand("ip", "netns", "add", namespace) }
        if let plan {
            let path = try TestPath(plan, from: serverNamespace, to: clientNamespace)
            emulator.withLock { $0 = path }
        } else {
            try Machine.demand(
                "ip", "link", "add", "v0", "netns", serverNamespace, "type", "veth", "peer", "name", "v0", "netns",
                clientNamespace)
        }
        var commands = ["addr add 10.77.0.1/24 dev v0", "addr add fd77::1/64 dev v0 nodad"]
        try configure(serverNamespace, commands)
        commands = (2...21).map { "addr add 10.77.0.\($0)/24 dev v0" } + ["addr add fd77::2/64 dev v0 nodad"]
        try configure(clientNamespace, commands)
    }

    private func configure(_ namespace: String, _ commands: [String]) throws {
        // An emulated path reads in bursts, and its packets are counted: the kernel is to send none by itself.
        let device = plan != nil ? "link set v0 addrgenmode none txqueuelen 10000 up" : "link set v0 up"
        let batch = (commands + ["link set lo up", device]).joined(separator: "\n") + "\n"
        let file = "\(directory)/\(namespace).batch"
        try batch.write(toFile: file, atomically: false, encoding: .utf8)
        try Machine.demand("ip", "-n", namespace, "-batch", file)
    }

    private func tearDown() throws {
        emulator.withLock { $0?.end() }
        for namespace in [serverNamespace, clientNamespace] { _ = try Machine.run(["ip", "netns", "del", namespace]) }
        umount2(bpffs, Int32(MNT_DETACH))
        for path in [cgroup, otherCgroup] {
            // A process that just ended may still be on its way out of the cgroup.
            guard Patience.until({ rmdir(path) == 0 || errno != EBUSY }) else { throw POSIXError(.EBUSY) }
        }
        try FileManager.default.removeItem(atPath: directory)
    }

    /// The emulated path; there is one if `with` was given a plan.
    package var path: TestPath { emulator.withLock { $0! } }

    /// Sets a value below /proc/sys/net on one side.
    package func set(_ key: String, to value: String, in namespace: String) throws {
        try OwnThread.run(inNamespace: namespace) {
            try value.write(toFile: "/proc/sys/net/" + key, atomically: false, encoding: .utf8)
        }
    }

    /// Runs `baton` with this bed's pins.
    package func baton(_ arguments: String...) throws -> Machine.Output {
        try Machine.run([Machine.product("baton")] + arguments + ["--pin-directory", pinDirectory])
    }
}
