// SPDX-License-Identifier: Apache-2.0

import BatonLab
import Measurements
import Testing

@Suite struct ParsingTests {
    @Test("cgroup2 is found beside version 1, and escapes are undone")
    func mountTable() {
        let table = MountTable(
            parsing: #"""
                32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
                41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 master:2 - cgroup2 cgroup2 rw
                42 31 0:39 / /mnt/with\040blank rw - ext4 /dev/a rw
                garbage
                """#)
        #expect(table.firstMountPoint(of: "cgroup2") == "/sys/fs/cgroup/unified")
        #expect(table.firstMountPoint(of: "ext4") == "/mnt/with blank")
        #expect(table.firstMountPoint(of: "bpf") == nil)
        #expect(table.entries.count == 3)
    }

    @Test("the owner of a name is found, and no stranger's name is taken for one")
    func names() {
        let names = LabNames(process: 4711)
        for name in [
            names.serverNamespace, names.clientNamespace, names.gatewayNamespace, names.otherNamespace, names.cgroup,
        ] {
            #expect(LabNames.owner(of: name) == 4711)
        }
        for name in [
            "baton-", "baton-x", "baton-1x-server", "baton-1-another", "baton--1", "baton-01", "other-1", "baton-0",
        ] {
            #expect(LabNames.owner(of: name) == nil, "\(name)")
        }
    }

    @Test("counters are found by name, not by place")
    func snmp() {
        let text = """
            Ip: Forwarding DefaultTTL
            Ip: 2 64
            Tcp: RtoAlgorithm MaxConn RetransSegs InErrs
            Tcp: 1 -1 42 0
            """
        #expect(TCPCounters.value(of: "RetransSegs", in: text) == 42)
        #expect(TCPCounters.value(of: "MaxConn", in: text) == -1)
        #expect(TCPCounters.value(of: "DefaultTTL", in: text) == nil)
    }

    @Test func medians() {
        #expect(Statistics.median([3, 1, 2]) == 2)
        #expect(Statistics.median([4, 1, 2, 3]) == 2.5)
        #expect(Statistics.median([]) == nil)
    }

    @Test("bytes become segments rounded up")
    func segments() {
        #expect(Statistics.segments(bytes: 14_480, mss: 1448) == 10)
        #expect(Statistics.segments(bytes: 14_481, mss: 1448) == 11)
        #expect(Statistics.segments(bytes: 1, mss: 1448) == 1)
    }
}
