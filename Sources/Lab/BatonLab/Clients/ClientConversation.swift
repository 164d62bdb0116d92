// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

/// A client's process and its output.
struct ClientConversation {
    private let process: ChildProcess
    private let limit: TimeSpan
    private let signals: SignalDescriptor

    /// Runs the script in the client's network while `body` runs; then the process is ended.
    static func run<Result>(
        _ name: String, script: [UInt8], _ arguments: [String], _ setting: ClientSetting,
        _ body: (ClientConversation) throws -> Result
    ) throws -> Result {
        let file = "\(setting.directory)/\(name).py"
        try TextFile.write(bytes: script, to: file)
        let process = try ChildProcess(
            name, [setting.python, file] + arguments, in: setting.namespace,
            diagnostics: .log("\(setting.directory)/\(name).log"))
        // the script ends its browser and removes its profile
        defer { process.stop() }
        // the script reports a request that takes too long by itself; it may make two in a row
        let limit = TimeSpan(nanoseconds: 3 * setting.limit.nanoseconds + 30_000_000_000)
        return try body(ClientConversation(process: process, limit: limit, signals: setting.signals))
    }

    /// The client's next line, which must be of this kind.
    func next(_ event: String) throws -> FallbackEvent {
        guard let line = try process.nextLine(within: limit, signals: signals) else {
            throw LabError("\(process.name) ended before it reported '\(event)'\(process.logTail)")
        }
        let found = try JSONLine.decode(FallbackEvent.self, from: line, of: process.name)
        guard found.event == event else {
            let message = found.message ?? "reported '\(found.event)' instead of '\(event)'"
            throw LabError("\(process.name): \(message)\(process.logTail)")
        }
        return found
    }

    /// Lets the script continue.
    func goOn() {
        process.write("go on\n")
    }

    /// The load, and what follows unless HTTP/3 carried it.
    func load(following: Int) throws -> (loaded: FallbackEvent, followed: [FallbackEvent]) {
        let loaded = try next("loaded")
        guard loaded.httpVersions?.contains("3") == false else { return (loaded, []) }
        return (loaded, try (0..<following).map { _ in try next("followed") })
    }
}
