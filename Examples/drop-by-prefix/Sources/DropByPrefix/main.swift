// SPDX-License-Identifier: Apache-2.0

// Drops what comes in by an interface from some networks: DropByPrefix INTERFACE SECONDS PREFIX…

import BPF
import Glibc

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count >= 3, let name = arguments.first, let seconds = arguments.dropFirst().first.flatMap({ UInt32($0) })
else {
    print("usage: DropByPrefix INTERFACE SECONDS PREFIX…     for instance: DropByPrefix eth0 60 192.0.2.0/24")
    exit(64)
}

do throws(BPFError) {
    let object = try DropByPrefixObject.load()
    for text in arguments.dropFirst(2) { try object.maps.blocked.update(0, for: try Prefix<IPv4Address>(text)) }
    let link = try object.programs.drop.attach(to: try NetworkInterface(name: name))
    print("dropping on \(name) for \(seconds) s")
    sleep(seconds)
    for (prefix, packets) in try object.maps.blocked.entries() { print(prefix, packets) }
    try link.detach()
} catch {
    print("error: \(error)")
    exit(1)
}
