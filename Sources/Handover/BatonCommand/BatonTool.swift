// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import BatonCommandLine

/// The command `baton`: hands the congestion state of QUIC connections to the TCP connections that replace them.
@main
struct BatonTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baton",
        abstract: "Let TCP connections start from what QUIC has learnt about the path.",
        discussion: """
            When an HTTP/3 client falls back to TCP, TCP starts from ten segments although the server knew from QUIC \
            what the path carries. Baton keeps a record of each client address (congestion window, slow start \
            threshold, RTT) in a BPF map. An eBPF program starts the client's next TCP connection from it.

            Begin with 'baton check', then 'baton attach'. A QUIC server writes the records; 'baton put' writes one by \
            hand; 'baton watch' shows which TCP connections used one.

            \(CommandMain.exitStatuses)
            """,
        version: BatonVersion.current,
        subcommands: [
            Check.self, Attach.self, Detach.self, StatusCommand.self, Put.self, Get.self, List.self, Forget.self,
            PrefixCommand.self, Watch.self, Serve.self,
        ])

    static func main() async { await CommandMain.run(BatonTool.self, name: "baton") }
}
