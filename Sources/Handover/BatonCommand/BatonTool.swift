// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import BatonCommandLine

/// `baton`: hands the congestion state of QUIC connections to the TCP connections that replace them.
@main
struct BatonTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baton",
        abstract: "Hands a QUIC connection's congestion window and slow start threshold to the TCP connection that "
            + "replaces it.",
        discussion: CommandMain.exitStatuses,
        version: BatonVersion.current,
        subcommands: [
            Check.self, Attach.self, Detach.self, StatusCommand.self, Put.self, Get.self, List.self, Forget.self,
            PrefixCommand.self, Watch.self, Serve.self,
        ])

    static func main() async { await CommandMain.run(BatonTool.self, name: "baton") }
}
