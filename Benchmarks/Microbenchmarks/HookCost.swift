// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Benchmark
import Synchronization

/// The cost of a TCP connection that is accepted in a cgroup: without a program, with an empty program, and with the
/// handover's program, by its decision.
final class HookCost: Sendable {
    enum Case: String, CaseIterable {
        case noProgram = "no program"
        case emptyProgram = "empty program"
        case noRecord = "no record"
        case gated
        case resumed

        /// The outcome that the handover counts; `nil` if the handover isn't attached.
        var outcome: Outcome? {
            switch self {
            case .noProgram, .emptyProgram: nil
            case .noRecord: .noRecord
            case .gated: .gated
            case .resumed: .resumed
            }
        }

        var rate: BenchmarkMetric {
            .custom("connections per second, \(rawValue)", polarity: .prefersLarger, useScalingFactor: false)
        }
        var ratio: BenchmarkMetric { .custom("time, \(rawValue) / no program (‰)", useScalingFactor: false) }
        var programTime: BenchmarkMetric { .custom("in the program, \(rawValue) (ns)", useScalingFactor: false) }
        var calls: BenchmarkMetric { .custom("calls, \(rawValue)", useScalingFactor: false) }
    }

    /// Connections in one turn of a case when user space times them. They are few, so that most turns end before the
    /// scheduler takes the CPU away.
    private static let timedConnections = 20
    /// Connections in one turn of a case when the kernel counts the program's time.
    private static let countedConnections = 1000

    static func register() {
        let cases = Case.allCases
        let programs = cases.dropFirst()
        let timed = cases.map(\.rate) + programs.map(\.ratio)
        Benchmark(
            "established connection, from connect() to accept()",
            configuration: .init(
                metrics: timed, units: .counts(timed), warmupIterations: 10, maxDuration: .seconds(30),
                maxIterations: 2000),
            closure: { (benchmark: Benchmark, cost: HookCost) throws in try cost.time(benchmark) },
            setup: { try HookCost() }, teardown: { try Handover.detach() })
        let counted = programs.flatMap { [$0.programTime, $0.calls] }
        Benchmark(
            "established connection, the kernel's count",
            configuration: .init(
                metrics: counted, units: .counts(counted), warmupIterations: 1, maxDuration: .seconds(60),
                maxIterations: 21),
            closure: { (benchmark: Benchmark, cost: HookCost) throws in
                for turn in cost.nextRound() where turn != .noProgram { try cost.count(turn, benchmark) }
            },
            setup: { try HookCost() }, teardown: { try Handover.detach() })
    }

    private let withoutProgram: LoopbackListener
    private let withEmptyProgram: LoopbackListener
    private let withHandover: LoopbackListener
    private let empty: MicrobenchmarksObject
    private let emptyLink: CgroupLink
    private let handover: Handover
    private let rounds = Mutex(0)

    private init() throws {
        try Isolation.demand()
        withoutProgram = try LoopbackListener(in: .temporary("no-program"))
        let emptyCgroup = try Cgroup.temporary("empty-program")
        withEmptyProgram = try LoopbackListener(in: emptyCgroup)
        let cgroup = try Cgroup.temporary("handover")
        withHandover = try LoopbackListener(in: cgroup)
        empty = try MicrobenchmarksObject.load()
        emptyLink = try empty.programs.nothing.attach(to: emptyCgroup)
        handover = try Handover.benchmarked(on: cgroup)
    }

    /// Each case once, with a different case first in each round, so that other load on the machine affects all of
    /// them.
    private func nextRound() -> [Case] {
        let round = rounds.withLock { rounds in
            rounds += 1
            return rounds
        }
        return Case.allCases.indices.map { Case.allCases[($0 + round) % Case.allCases.count] }
    }

    private func time(_ benchmark: Benchmark) throws {
        var times: [Case: Int] = [:]
        for turn in nextRound() {
            try prepare(turn)
            times[turn] = try connect(turn, HookCost.timedConnections)
        }
        guard let base = times[.noProgram] else { return }
        for (turn, time) in times {
            benchmark.measurement(turn.rate, 1_000_000_000 / time)
            if turn != .noProgram { benchmark.measurement(turn.ratio, 1000 * time / base) }
        }
    }

    private func prepare(_ turn: Case) throws {
        guard let loopback = RemoteEndpoint("127.0.0.1") else { return }
        switch turn {
        case .noProgram, .emptyProgram: break
        case .noRecord: try handover.forget(loopback)
        // Without an RTT, because one would have to match this path's.
        case .resumed: try handover.save(.example(srttMicroseconds: 0), for: loopback)
        // It would count as silent only after three of these RTTs.
        case .gated: try handover.save(.example(hasFailed: false, srttMicroseconds: 600_000_000), for: loopback)
        }
    }

    /// - Returns: nanoseconds per connection.
    /// - Throws: if the outcome of a connection isn't that of the case.
    private func connect(_ turn: Case, _ connections: Int) throws -> Int {
        guard let outcome = turn.outcome else {
            return try turn == .noProgram
                ? withoutProgram.accept(connections) : withEmptyProgram.accept(connections)
        }
        let before = try count(of: outcome)
        let time = try withHandover.accept(connections)
        let decided = try count(of: outcome) - before
        guard decided == connections else {
            throw Failure("\(decided) of \(connections) connections were \(outcome); all were expected to be")
        }
        return time
    }

    private func count(of outcome: Outcome) throws -> Int {
        Int(try handover.outcomes().first { $0.outcome == outcome }?.count ?? 0)
    }

    private func count(_ turn: Case, _ benchmark: Benchmark) throws {
        try prepare(turn)
        let counting = try ProgramTimeCounting()
        let before = try program(turn)
        _ = try connect(turn, HookCost.countedConnections)
        let after = try program(turn)
        _ = consume counting
        let time = after.runTimeNanoseconds - before.runTimeNanoseconds
        benchmark.measurement(turn.programTime, Int(time) / HookCost.countedConnections)
        benchmark.measurement(turn.calls, Int(after.runCount - before.runCount) / HookCost.countedConnections)
    }

    private func program(_ turn: Case) throws -> ProgramInfo {
        if turn == .emptyProgram { return try empty.programs.nothing.info() }
        return try SockOpsProgram(pinnedAt: Handover.defaultPinDirectory + "/programs/resume").info()
    }
}
