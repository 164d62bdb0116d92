// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import PathEmulator
import Scenarios

/// The demo's options.
struct DemoOptions: ParsableArguments {
    @Flag(help: "Print one JSON object on standard output instead of the table.")
    var json = false

    @OptionGroup(title: "Path")
    var path: PathOptions

    @Option(help: ArgumentHelp("Size of the body, at least 1 MB.", valueName: "size"))
    var body = ByteCount(bytes: 5_000_000)

    @Option(help: ArgumentHelp("TCP's congestion control: cubic, reno, bbr.", valueName: "name"))
    var congestionControl = "cubic"

    @Option(help: ArgumentHelp("Baton's policy: careful, exact.", valueName: "name"))
    var policy = DemoPolicy.careful

    @Flag(name: .customLong("ipv6"), help: "Use IPv6 instead of IPv4.")
    var ipv6 = false

    @Option(help: ArgumentHelp("How many times to run each treatment; the table shows medians.", valueName: "number"))
    var `repeat` = 1

    @Option(
        help: ArgumentHelp("How many times to try a run that the emulator spoils by being late.", valueName: "number"))
    var attempts = 3

    @Option(
        help: ArgumentHelp(
            "QUIC's idle timeout: after this long without a packet the client gives up.", valueName: "time"))
    var idleTimeout = TimeSpan(nanoseconds: 5_000_000_000)

    @OptionGroup(title: "Programs")
    var programs: ProgramOptions

    func validate() throws {
        guard body.bytes >= 1_000_000, body.bytes <= 1 << 30 else {
            throw ValidationError("--body: \(body.bytes) bytes are not within 1 MB…1 GiB")
        }
        guard (1...100).contains(self.repeat) else {
            throw ValidationError("--repeat \(self.repeat) is not within 1…100")
        }
        guard (1...20).contains(attempts) else { throw ValidationError("--attempts \(attempts) is not within 1…20") }
        try Arguments.check(congestionControl: congestionControl)
        try Arguments.check(idleTimeout: idleTimeout)
    }
}

/// How the handover uses what was saved.
enum DemoPolicy: String, ExpressibleByArgument, CaseIterable {
    /// A jump to half of it, validated (RFC 9959).
    case careful
    /// All of it.
    case exact
}
