// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Benchmark
import Glibc

/// How much kernel memory the maps of the handover take (`memlock` in /proc/self/fdinfo, proc(5)), by their capacity in
/// endpoints, and whether it changes as they fill.
enum KernelMemory {
    private static let capacities: [UInt32] = [1, 10_000, 65_536, 100_000, 1_000_000]

    private static func empty(_ capacity: UInt32) -> BenchmarkMetric {
        .custom("room for \(capacity), none saved (KiB)", useScalingFactor: false)
    }

    private static func full(_ capacity: UInt32) -> BenchmarkMetric {
        .custom("room for \(capacity), all saved (KiB)", useScalingFactor: false)
    }

    static func register() {
        let metrics = capacities.flatMap { [empty($0), full($0)] }
        Benchmark(
            "kernel memory, by endpoints",
            configuration: .init(
                metrics: metrics, units: .counts(metrics), warmupIterations: 0, maxDuration: .seconds(60),
                maxIterations: 3),
            closure: { (benchmark: Benchmark, cgroup: Cgroup) throws in
                for capacity in capacities { try measure(capacity, on: cgroup, benchmark) }
            },
            setup: { () throws -> Cgroup in
                try Isolation.demand()
                return try Cgroup.temporary("memory")
            })
    }

    private static func measure(_ capacity: UInt32, on cgroup: Cgroup, _ benchmark: Benchmark) throws {
        let handover = try Handover.benchmarked(on: cgroup, capacity: capacity)
        defer { _ = try? Handover.detach() }
        benchmark.measurement(empty(capacity), try kibibytes())
        let record = SavedParameters.example()
        let numbers = (0..<Int(capacity)).lazy
        try handover.saved.update(contentsOf: numbers.map { (key: RemoteEndpoint(number: $0), value: record) })
        benchmark.measurement(full(capacity), try kibibytes())
    }

    /// The memory of all pinned maps.
    private static func kibibytes() throws -> Int {
        let directory = Handover.defaultPinDirectory + "/maps"
        var bytes = 0
        for name in try names(in: directory) {
            bytes += try memory(of: try AnyMap(pinnedAt: "\(directory)/\(name)"))
        }
        return bytes / 1024
    }

    private static func memory(of map: borrowing AnyMap) throws -> Int {
        let path = "/proc/self/fdinfo/\(map.fileDescriptor)"
        guard let file = fopen(path, "re") else { throw Failure(call: "opening \(path)") }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            let fields = text.split { $0.isWhitespace }
            if fields.first == "memlock:", fields.count == 2, let bytes = Int(fields[1]) { return bytes }
        }
        throw Failure("\(path) has no line 'memlock:'")
    }

    private static func names(in directory: String) throws -> [String] {
        guard let stream = opendir(directory) else { throw Failure(call: "reading \(directory)") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
