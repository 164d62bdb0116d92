// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import BatonCommandLine

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show all records, newest first.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let records = try Handover(pinDirectory: common.pinDirectory).list()
        if common.json {
            try printJSON(records.map { RecordJSON($0.endpoint, $0.parameters) })
        } else if records.isEmpty {
            printError("there are no records")
        } else {
            printRecords(records)
        }
    }
}
