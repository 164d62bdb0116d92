// SPDX-License-Identifier: Apache-2.0

// Counts the TCP connections of a cgroup by remote address: CountConnections [CGROUP [SECONDS]]

import BPF
import Glibc

let arguments = CommandLine.arguments.dropFirst()
let seconds = arguments.dropFirst().first.flatMap { UInt32($0) } ?? 10

do throws(BPFError) {
    let cgroup = try Cgroup(path: arguments.first ?? Mounts.cgroup2 ?? "/sys/fs/cgroup")
    let object = try CountConnectionsObject.load()
    let link = try object.programs.count.attach(to: cgroup)
    print("counting in \(cgroup.path) for \(seconds) s")
    sleep(seconds)
    for (address, count) in try object.maps.connections.entries() { print(address, count) }
    link.release()
} catch {
    print("error: \(error)")
    exit(1)
}
