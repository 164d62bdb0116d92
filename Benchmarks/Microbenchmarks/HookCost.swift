// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Benchmark
import Synchronization

/// What a TCP connection costs that is accepted in a cgroup: with no program there, with an empty one, and with the
/// hand-over's, by how it decides.
final class HookCost: Sendable {
    enum Case: String, CaseIterable {
        case noProgram = "no program"
        case emptyProgram = "empty program"
        case noRecord = "no record"
        case gated
        case resumed

        /// How the hand-over counts it; `nil` where it isn't attached.
        var outcome: Outcome? {
            switch self {
            case .noProgram, .emptyProgram: nil
            case .noRecord: .noRecord
            case .gated: .gated
            case .resumed: .resumed
            }
        }

        var connectionTime: BenchmarkMetric { .nanoseconds("connection, \(rawValue)") }
        var ratio: BenchmarkMetric {
            .custom("connection, \(rawValue) / no program (‰)", useScalingFactor: false)
        }
        var rate: BenchmarkMetric {
            .custom("connections per second, \(rawValue)", polarity: .prefersLarger, useScalingFactor: false)
        }
        var programTime: BenchmarkMetric { .nanoseconds("program, \(rawValue)") }
        var calls: BenchmarkMetric { .custom("calls per connection, \(rawValue)", useScalingFactor: false) }
    }

    /// Each half of a case's turn: one is timed from user space, in the other the kernel counts.
    private static let connections = 1000

    static func register() {
        let cases = Case.allCases
        let programs = cases.dropFirst()
        Benchmark(
            "established connection",
            configuration: .init(
                metrics: programs.map(\.programTime) + programs.map(\.calls) + cases.map(\.connectionTime)
                    + programs.map(\.ratio) + cases.map(\.rate),
                warmupIterations: 2, maxDuration: .seconds(120), maxIterations: 51),
            closure: { (benchmark: Benchmark, cost: HookCost) throws in try cost.measure(benchmark) },
            setup: { try HookCost() }, teardown: { try HandOver.detach() })
    }

    private let withoutProgram: LoopbackListener
    private let withEmptyProgram: LoopbackListener
    private let withHandOver: LoopbackListener
    private let empty: MicrobenchmarksObject
    private let emptyLink: CgroupLink
    private let handOver: HandOver
    private let rounds = Mutex(0)

    private init() throws {
        try Isolation.demand()
        withoutProgram = try LoopbackListener(in: .temporary("no-program"))
        let emptyCgroup = try Cgroup.temporary("empty-program")
        withEmptyProgram = try LoopbackListener(in: emptyCgroup)
        let cgroup = try Cgroup.temporary("hand-over")
        withHandOver = try LoopbackListener(in: cgroup)
        empty = try MicrobenchmarksObject.load()
        emptyLink = try empty.programs.nothing.attach(to: emptyCgroup)
        handOver = try HandOver.benchmarked(on: cgroup)
    }

    /// One round: each case once. They take turns, and at being first too, so that whatever else the machine does befalls
    /// all of them.
    private func measure(_ benchmark: Benchmark) throws {
        let round = rounds.withLock { rounds in
            rounds += 1
            return rounds
        }
        var times: [Case: Int] = [:]
        for index in Case.allCases.indices {
            let turn = Case.allCases[(index + round) % Case.allCases.count]
            try prepare(turn)
            let time = try connect(turn)
            times[turn] = time
            benchmark.measurement(turn.connectionTime, time)
            benchmark.measurement(turn.rate, 1_000_000_000 / time)
            try countProgram(turn, benchmark)
        }
        guard let base = times[.noProgram] else { return }
        for (turn, time) in times where turn != .noProgram { benchmark.measurement(turn.ratio, 1000 * time / base) }
    }

    private func prepare(_ turn: Case) throws {
        guard let loopback = RemoteEndpoint("127.0.0.1") else { return }
        switch turn {
        case .noProgram, .emptyProgram: break
        case .noRecord: try handOver.forget(loopback)
        // An RTT would have to fit this path's.
        case .resumed: try handOver.save(.example(srttMicroseconds: 0), for: loopback)
        // Its silence would have to last for three of these.
        case .gated: try handOver.save(.example(hasFallen: false, srttMicroseconds: 600_000_000), for: loopback)
        }
    }

    /// - Throws: if a connection ended otherwise than the case is named.
    private func connect(_ turn: Case) throws -> Int {
        guard let outcome = turn.outcome else {
            return try turn == .noProgram
                ? withoutProgram.accept(HookCost.connections) : withEmptyProgram.accept(HookCost.connections)
        }
        let before = try count(of: outcome)
        let time = try withHandOver.accept(HookCost.connections)
        let decided = try count(of: outcome) - before
        guard decided == HookCost.connections else {
            throw Failure("of \(HookCost.connections) connections \(decided) were \(outcome); expected was all of them")
        }
        return time
    }

    private func count(of outcome: Outcome) throws -> Int {
        Int(try handOver.outcomes().first { $0.outcome == outcome }?.count ?? 0)
    }

    private func countProgram(_ turn: Case, _ benchmark: Benchmark) throws {
        if turn == .noProgram { return }
        let counting = try ProgramTimeCounting()
        let before = try program(turn)
        _ = try connect(turn)
        let after = try program(turn)
        _ = consume counting
        let time = after.runTimeNanoseconds - before.runTimeNanoseconds
        benchmark.measurement(turn.programTime, Int(time) / HookCost.connections)
        benchmark.measurement(turn.calls, Int(after.runCount - before.runCount) / HookCost.connections)
    }

    private func program(_ turn: Case) throws -> ProgramInfo {
        if turn == .emptyProgram { return try empty.programs.nothing.info() }
        return try SockOpsProgram(pinnedAt: HandOver.defaultPinDirectory + "/programs/resume").info()
    }
}

extension BenchmarkMetric {
    static func nanoseconds(_ name: String) -> BenchmarkMetric { .custom("\(name) (ns)", useScalingFactor: false) }
}
