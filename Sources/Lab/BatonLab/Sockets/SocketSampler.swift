// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
package import Measurements
package import PathEmulator
package import Scenarios

/// Reads the state of a server's connections periodically, in a thread of its own.
///
/// The thread has real-time scheduling below the emulator's, so that other load causes no gaps.
///
/// Measured on two cores with a load of ten, in a debug build, every 5 ms: readings were at most 5.5 ms apart, except
/// when the whole machine stood still, the emulator included. It takes 2 % of a core with one connection, 3 % with 20
/// and 7 % with 100. Times over the emulated path and the emulator's lateness are the same with and without it.
package final class SocketSampler {
    /// How well the last run was sampled.
    package struct Quality: Equatable, Sendable {
        /// Readings, each of all connections.
        package var readings = 0
        /// Readings that the kernel refused.
        package var failures = 0
        /// Readings that came more than 10 ms after the one before.
        package var over10MillisecondsApart = 0
        /// The longest time between two readings (ns).
        package var longestGapNanoseconds: Int64 = 0
        /// CPU time of the thread (ns).
        package var cpuNanoseconds: Int64 = 0
        /// Duration of the run (ns).
        package var elapsedNanoseconds: Int64 = 0
    }

    private let namespace: NetworkNamespace
    private let serverPort: Int
    private let interval: TimeSpan
    private var begin: Int64 = 0
    private var running: (thread: Thread<SocketRecording>, stop: StopFlag)?
    /// The quality of the last run that ended.
    package private(set) var quality = Quality()

    /// - Parameters:
    ///   - namespace: the server's namespace.
    ///   - serverPort: the local port of the connections that are read.
    ///   - interval: the time between two readings; at least 1 ms.
    /// - Throws: `LinuxError` if the namespace is missing or may not be entered, or the kernel has no sock_diag.
    package init(
        in namespace: NetworkNamespace, serverPort: Int, interval: TimeSpan = TimeSpan(nanoseconds: 5_000_000)
    ) throws {
        guard interval.nanoseconds >= 1_000_000 else {
            throw LabError(.usage, "sampling every \(interval) would take a whole core; use 1ms or more")
        }
        _ = try TCPSockets.current(in: namespace, serverPort: serverPort)
        self.namespace = namespace
        self.serverPort = serverPort
        self.interval = interval
    }

    deinit {
        _ = end()
    }

    /// Starts sampling at once.
    ///
    /// - Parameter nanoseconds: the moment from which the states' `milliseconds` count, on CLOCK_MONOTONIC.
    /// - Throws: `LinuxError` if the namespace is gone; `LabError` if a run has not ended yet.
    package func begin(at nanoseconds: Int64) throws {
        guard running == nil else {
            throw LabError("the connections of port \(serverPort) are sampled already; end that run first")
        }
        let stop = StopFlag()
        let diagnosis = ThreadArgument(try SocketDiagnosis(in: namespace, localPort: serverPort))
        let interval = interval
        let thread = try Thread { SocketRecording.make(diagnosis.take(), every: interval, until: stop) }
        running = (thread, stop)
        begin = nanoseconds
    }

    /// Ends the run, within one interval.
    ///
    /// - Returns: the states in the order of time, without those that equal the connection's previous one; none if no
    ///   run was begun.
    package func end() -> [SocketState] {
        guard let (thread, stop) = running else { return [] }
        running = nil
        stop.set()
        let recording = thread.join()
        quality = recording.quality
        return recording.states.map { SocketState($0.state, milliseconds: Double($0.nanoseconds - begin) / 1e6) }
    }
}
