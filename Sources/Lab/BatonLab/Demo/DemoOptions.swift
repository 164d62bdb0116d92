// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import PathEmulator
import Scenarios

/// What the demo can be asked for.
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

    @Option(help: ArgumentHelp("How often to run each treatment; the table shows medians.", valueName: "number"))
    var `repeat` = 1

    @Option(help: ArgumentHelp("How often to try a run that the emulator spoils by being late.", valueName: "number"))
    var attempts = 3

    @Option(help: ArgumentHelp("QUIC's idle timeout: decides how soon the client gives up.", valueName: "time"))
    var idleTimeout = TimeSpan(nanoseconds: 5_000_000_000)

    @Option(help: ArgumentHelp("The `baton` to show (default: the one beside this program).", valueName: "file"))
    var baton: String?

    @Option(
        help: ArgumentHelp(
            "A Python that has pycurl with HTTP/3 (default: the one that scripts/bootstrap made).", valueName: "file"))
    var python: String?

    var batonPath: String { baton ?? "\(Executable.directory)/baton" }

    var pythonPath: String { python ?? Executable.find("python/bin/python") ?? "python3" }

    func validate() throws {
        guard body.bytes >= 1_000_000, body.bytes <= 1 << 30 else {
            throw ValidationError("a body of \(body.bytes) bytes is not within 1 MB…1 GiB")
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
