// SPDX-License-Identifier: Apache-2.0

// Prints a line for each retransmitted TCP segment: WatchRetransmits [COUNT]

import BPF
import Glibc

let limit = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? .max

do throws(BPFError) {
    let object = try WatchRetransmitsObject.load()
    let link = try object.programs.watch.attach()
    print("watching")
    var count = 0
    for try await event in object.maps.events.records {
        print("\(event.localPort) > \(event.remote):\(event.remotePort) cwnd \(event.congestionWindow)")
        fflush(nil)
        count += 1
        if count == limit { break }
    }
    link.release()
} catch {
    print("error: \(error)")
    exit(1)
}
