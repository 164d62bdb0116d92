// SPDX-License-Identifier: Apache-2.0

/// Programs, maps and links that are about to be freed. The kernel frees them some time after their last reference is
/// gone. For a struct_ops that takes about half a second, until no task can be executing it any more.
public struct PendingRelease: Sendable {
    private var programs: Set<UInt32> = []
    private var maps: Set<UInt32> = []
    private var links: Set<UInt32> = []

    /// Remembers everything that is pinned in a directory. Call it before you remove the pins.
    public init(of pins: PinDirectory) {
        for directory in [pins.maps, pins.programs, pins.links] {
            for name in Pin.names(in: directory) {
                do throws(BPFError) { try add(try Descriptor(pinnedAt: "\(directory)/\(name)")) } catch { continue }
            }
        }
    }

    private mutating func add(_ pinned: borrowing Descriptor) throws(BPFError) {
        switch HandleKind(ofDescriptor: pinned.rawValue) {
        case .map: maps.insert(try MapInfo(pinned).id)
        case .program: programs.insert(try ProgramInfo(pinned).id)
        case .link:
            let info = try LinkInfo(pinned.rawValue)
            links.insert(info.id)
            if info.programID != 0 { programs.insert(info.programID) }
            if let map = try info.type == .structOps ? LinkInfo.structOpsMap(pinned.rawValue) : nil { maps.insert(map) }
        case nil: return
        }
    }

    /// Waits until the kernel has freed all of them.
    ///
    /// - Parameter seconds: the longest time to wait. The kernel frees them later even if this time is exceeded.
    /// - Returns: whether all of them are freed.
    @discardableResult
    public func waitUntilGone(seconds: UInt32 = 10) -> Bool {
        let end = KernelClock.nowNanoseconds + UInt64(seconds) * 1_000_000_000
        while programs.contains(where: ProgramInfo.exists) || maps.contains(where: MapInfo.exists)
            || links.contains(where: LinkInfo.exists)
        {
            if KernelClock.nowNanoseconds > end { return false }
            KernelClock.sleep(milliseconds: 20)
        }
        return true
    }
}
