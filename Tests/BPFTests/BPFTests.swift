// SPDX-License-Identifier: Apache-2.0

import BPF
import Testing

@Suite struct StructOpsNameTests {
    private let elf: [UInt8] =
        [1, 2, 3] + Array("baton".utf8) + Array(repeating: 0, count: 11) + Array("\0baton\0baton_init\0".utf8)

    @Test func replaced() throws {
        var elf = elf
        try StructOpsName.replace("baton", by: "baton_1", in: &elf)
        #expect(elf.count == self.elf.count)
        #expect(Array(elf[3..<19]) == Array("baton_1".utf8) + Array(repeating: 0, count: 9))
        #expect(elf[19...] == self.elf[19...])
    }

    @Test func refused() {
        var elf = elf
        #expect(throws: BPFError.self) { try StructOpsName.replace("cubic", by: "reno", in: &elf) }
        #expect(throws: BPFError.self) { try StructOpsName.replace("baton", by: "sixteen_bytes_xx", in: &elf) }
        elf += elf
        #expect(throws: BPFError.self) { try StructOpsName.replace("baton", by: "baton_1", in: &elf) }
        #expect(throws: BPFError.self) {
            var short: [UInt8] = [1]
            try StructOpsName.replace("baton", by: "baton_1", in: &short)
        }
    }
}

@Suite struct MountsTests {
    @Test func findsCgroup2() {
        let text = """
            22 1 0:20 / /sys rw - sysfs sysfs rw
            30 22 0:26 / /sys/fs/cgroup ro shared:9 - tmpfs tmpfs ro,mode=755
            31 30 0:27 / /sys/fs/cgroup/with\\040blank rw shared:10 - cgroup2 cgroup2 rw
            """
        #expect(Mounts.mountPoint(ofType: "cgroup2", mountinfo: text) == "/sys/fs/cgroup/with blank")
        #expect(Mounts.mountPoint(ofType: "bpf", mountinfo: text) == nil)
        #expect(Mounts.mountPoint(ofType: "cgroup2", mountinfo: "garbage - \n- cgroup2") == nil)
    }

    @Test func notOnBPFFS() { #expect(!Mounts.isOnBPFFS("/proc/self")) }
}

@Suite struct VerifierLogTests {
    @Test("a kernel since 6.9 names file and line")
    func recent() {
        let log = """
            0: R1=ctx() R10=fp0
            ; let socket = SockOps(context) @ Resume.swift:12
            0: (79) r1 = *(u64 *)(r1 +0)
            from 3 to 9: R1=scalar()
            dereference of modified ctx ptr R2 off=44 disallowed
            verification time 2347 usec
            stack depth 232+0
            processed 105 insns (limit 1000000)
            """
        #expect(
            VerifierLog.summary(of: log) == "Resume.swift:12: dereference of modified ctx ptr R2 off=44 disallowed")
    }

    @Test("an older one gives the source's text")
    func older() {
        let log = """
            ; let socket = SockOps(context)
            0: (79) r1 = *(u64 *)(r1 +0)
            invalid bpf_context access off=0 size=8
            processed 1 insns (limit 1000000)
            """
        #expect(
            VerifierLog.summary(of: log)
                == "at 'let socket = SockOps(context)': invalid bpf_context access off=0 size=8")
    }

    @Test func noRefusal() {
        #expect(VerifierLog.summary(of: "") == nil)
        #expect(VerifierLog.summary(of: "processed 10 insns (limit 1000000)\n") == nil)
    }
}
