// SPDX-License-Identifier: Apache-2.0

// Registers the congestion control 'swift_reno' for as long as it runs: SwiftReno [PERCENT [SECONDS]]

import BPF
import Glibc

let arguments = CommandLine.arguments.dropFirst().map { UInt32($0) }

do throws(BPFError) {
    var spec = try SwiftRenoObject.Spec()
    if let percent = arguments.first ?? nil { spec.constants.keptPercent = percent }
    let object = try spec.load()
    let link = try object.structOps.swift_reno.register()
    print("registered 'swift_reno', which keeps \(spec.constants.keptPercent) % of the window after a loss")
    print("available:", FileText.read("/proc/sys/net/ipv4/tcp_available_congestion_control") ?? "?")
    sleep(arguments.dropFirst().first.flatMap { $0 } ?? 10)
    try link.unregister()
} catch {
    print("error: \(error)")
    exit(1)
}
