// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonCommandLine
import BatonShared

struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the record of an address.", discussion: "Exit status 1 if the address has no record.")

    @Argument(help: "IPv4 or IPv6 address of the peer.", transform: Read.address)
    var address: RemoteEndpoint

    @OptionGroup var common: CommonOptions

    func run() throws {
        let handover = try Handover(pinDirectory: common.pinDirectory)
        guard let parameters = try handover.saved.value(for: address) else {
            throw NotSaved(address: address.description)
        }
        if common.json {
            try printJSON(RecordJSON(address, parameters))
        } else {
            printRecords([(address, parameters)])
        }
    }
}
