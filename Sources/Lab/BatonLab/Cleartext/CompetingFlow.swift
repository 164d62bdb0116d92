// SPDX-License-Identifier: Apache-2.0

package import PathEmulator
import Scenarios

/// A TCP connection that takes as much of the path as it can get: `baton-lab plain-client --flow`.
package final class CompetingFlow {
    private let process: ChildProcess
    private let signals: SignalDescriptor

    /// Starts it, and waits for its first bytes.
    ///
    /// - Parameters:
    ///   - server: address of a plain-server.
    ///   - address: the address to connect from.
    ///   - namespace: its network namespace.
    ///   - log: the file that its standard error is appended to.
    /// - Throws: `LabError` with the client's message if it receives nothing, `Interruption` at a signal.
    package init(
        server: String, port: Int = CleartextServer.port, from address: String, in namespace: NetworkNamespace,
        log: String, signals: SignalDescriptor, _ teardown: Teardown
    ) throws {
        let server = try SocketAddress(host: server, port: port)
        process = try ChildProcess(
            "the competing flow", [Executable.path, "plain-client", "\(server)", "--flow", "--from", address],
            in: namespace, diagnostics: .log(log))
        self.signals = signals
        let process = process
        teardown.add("the competing flow") { process.stop() }
        _ = try next("flowing", within: TimeSpan(nanoseconds: 70_000_000_000))
    }

    /// How many bytes it has received so far.
    package func bytes() throws -> Int64 {
        process.write("\n")
        guard let bytes = try next("count", within: TimeSpan(nanoseconds: 10_000_000_000)).bytes else {
            throw LabError("the competing flow did not report its bytes")
        }
        return bytes
    }

    private func next(_ event: String, within limit: TimeSpan) throws -> CleartextEvent {
        guard let line = try process.nextLine(within: limit, signals: signals) else {
            throw LabError("the competing flow ended with status \(process.stop())\(process.logTail)")
        }
        let found = try JSONLine.decode(CleartextEvent.self, from: line, of: process.name)
        guard found.event == event else {
            throw LabError("the competing flow: \(found.message ?? "reported '\(found.event)' instead of '\(event)'")")
        }
        return found
    }
}

/// The time window in which a competing flow's bytes are counted: the same for all treatments, and longer than the
/// slowest of them should take. If each treatment had its own window, a slower one would seem to take less from the
/// flow.
struct CompetingWindow {
    let seconds: Double

    init(_ scenario: Scenario, _ load: Load) {
        let bytes: Int64 =
            switch load {
            case .body(let size), .upload(let size): size.bytes
            case .page(let objects, let size): Int64(objects) * size.bytes
            }
        // in the long run the measured connection has half the rate
        let transfer = Double(bytes) * 8 / (Double(scenario.down.bitsPerSecond) / 2)
        seconds = 3 + 30 * Double(scenario.roundTrip.nanoseconds) / 1e9 + 2 * transfer
    }
}
