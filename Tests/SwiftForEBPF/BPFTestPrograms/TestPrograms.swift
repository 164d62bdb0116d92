// SPDX-License-Identifier: Apache-2.0

package import BPF
internal import BPFTestProgramsShared

/// Programs for tests, by what bpfc made of them.
package enum TestPrograms {
    /// The object's file.
    package static let elf = BPFTestProgramsObject.elf
    /// Its name.
    package static let name = "BPFTestPrograms"

    /// All of it.
    package static func spec() throws(BPFError) -> ObjectSpec { try BPFTestProgramsObject.Spec().object }
}

/// Uses each kind of property that bpfc generates: what doesn't fit BPF any more doesn't compile.
package enum Skeleton {
    /// Changes something of each kind in a spec.
    package static func changedSpec() throws(BPFError) -> (spec: ObjectSpec, step: UInt32) {
        var spec = try BPFTestProgramsObject.Spec()
        spec.maps.connections.maxEntries = 5
        spec.maps.connections.flags.insert(.noPreallocation)
        spec.maps.connections.numaNode = 0
        spec.programs.traceFunction.isLoaded = false
        spec.programs.traceCalls.isLoaded = false
        spec.programs.visit.isLoaded = false
        spec.programs.visitUDP.isLoaded = false
        spec.structOps.bpftest.isLinked = false
        spec.constants.step += 7
        return (spec.object, spec.constants.step)
    }

    /// Loads the object, attaches a program to a cgroup and reads its maps.
    package static func use(on cgroup: Cgroup, _ connect: () -> Void) throws(BPFError) -> [IPv4Address: UInt64] {
        var spec = try BPFTestProgramsObject.Spec()
        spec.programs.traceFunction.isLoaded = false
        spec.programs.traceCalls.isLoaded = false
        spec.programs.visit.isLoaded = false
        spec.programs.visitUDP.isLoaded = false
        let object = try spec.load()
        let link = try object.programs.count.attach(to: cgroup)
        connect()
        try link.update(object.programs.ignore)
        connect()
        link.release()
        let kept: Sample? = try object.maps.events.read(timeoutMilliseconds: 0).first
        var counts: [IPv4Address: UInt64] = [:]
        for (address, count) in try object.maps.connections.entries() { counts[address] = count }
        guard object.structOps.bpftest.name == "bpftest", kept != nil else { return [:] }
        return counts
    }
}
