// SPDX-License-Identifier: Apache-2.0

// Registers the congestion control 'swift_reno' for as long as it runs: SwiftReno [PERCENT [SECONDS]]

import BPF
import Glibc

let arguments = CommandLine.arguments.dropFirst().compactMap { UInt32($0) }

do throws(BPFError) {
    var spec = try SwiftRenoObject.Spec()
    if let percent = arguments.first { spec.constants.keptPercent = percent }
    let object = try spec.load()
    let link = try object.structOps.swift_reno.register()
    print("registered 'swift_reno', which keeps \(spec.constants.keptPercent) % of the window after a loss")
    sleep(arguments.dropFirst().first ?? 10)
    link.release()
} catch {
    print("error: \(error)")
    exit(1)
}
