// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonCommandLine
import BatonShared

struct Forget: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete the record of an address, or all records.",
        discussion: "Exit status 1 if the address has no record.")

    @Argument(help: "IPv4 or IPv6 address of the peer.", transform: Read.address)
    var address: RemoteEndpoint?

    @Flag(help: "Delete all records.")
    var all = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if (address == nil) == !all { throw ValidationError("give either an address or --all") }
    }

    func run() throws {
        let handover = try Handover(pinDirectory: common.pinDirectory)
        var count = 0
        if let address {
            guard try handover.forget(address) else { throw NotSaved(address: address.description) }
            count = 1
        } else {
            for endpoint in try handover.saved.keys() where try handover.forget(endpoint) { count += 1 }
        }
        if common.json {
            try printJSON(Result(schema: schemaVersion, forgotten: count))
        } else {
            print("forgot \(count)")
        }
    }

    private struct Result: Encodable {
        var schema: Int
        var forgotten: Int
    }
}

/// The address has no record.
struct NotSaved: CommandError {
    let address: String
    var description: String { "there is no record for \(address)" }
    var failureKind: FailureKind { FailureKind("not_saved", status: 1) }
}
