// SPDX-License-Identifier: Apache-2.0

// Drops packets that an interface receives from some networks: DropByPrefix INTERFACE SECONDS PREFIX…

import BPF
import Glibc

let arguments = CommandLine.arguments.dropFirst()
let prefixes = arguments.dropFirst(2).compactMap { Prefix<IPv4Address>($0) }
guard arguments.count >= 3, prefixes.count == arguments.count - 2, let seconds = UInt32(arguments[2]) else {
    print("usage: DropByPrefix INTERFACE SECONDS PREFIX…     for instance: DropByPrefix eth0 60 192.0.2.0/24")
    exit(64)
}

do throws(BPFError) {
    let interface = try NetworkInterface(name: arguments[1])
    let object = try DropByPrefixObject.load()
    for prefix in prefixes { try object.maps.blocked.update(0, for: prefix) }
    let link = try object.programs.drop.attach(to: interface)
    print("dropping on \(arguments[1]) for \(seconds) s")
    sleep(seconds)
    for (prefix, packets) in try object.maps.blocked.entries() { print(prefix, packets) }
    link.release()
} catch {
    print("error: \(error)")
    exit(1)
}
