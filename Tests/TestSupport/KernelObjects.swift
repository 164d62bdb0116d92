// SPDX-License-Identifier: Apache-2.0

import BPF
import Foundation

/// Programs, maps and links that a test made, by the kernel's numbers.
///
/// What is left of a test is found by these, and not by lists of all that the kernel has: others on the machine load and
/// free programs at the same time, and what was freed before the test may be in the kernel's lists a little longer.
package struct KernelObjects: Sendable, Equatable, CustomStringConvertible {
    private var programs: Set<UInt32> = []
    private var maps: Set<UInt32> = []
    private var links: Set<UInt32> = []

    package init() {}

    /// What is pinned in a directory or below it, and what that uses: a program's maps, a link's program.
    package init(pinnedBelow directory: String) {
        for path in FileManager.default.enumerator(atPath: directory)?.compactMap({ $0 as? String }) ?? [] {
            // Directories can't be opened so, and a pin may be gone by now.
            do throws(BPFError) { try add(try Descriptor(pinnedAt: "\(directory)/\(path)")) } catch { continue }
        }
    }

    /// What this process holds open.
    package static func heldHere() throws -> KernelObjects {
        var objects = KernelObjects()
        for number in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap({ Int32($0) }) {
            objects.add(descriptor: number)
        }
        return objects
    }

    private mutating func add(_ descriptor: borrowing Descriptor) throws(BPFError) {
        add(descriptor: descriptor.rawValue)
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor.rawValue)")
        if target == "anon_inode:bpf-prog" { maps.formUnion(try ProgramInfo(descriptor).mapIDs) }
    }

    /// Adds what the kernel says a descriptor is; nothing if it is none of BPF's, or closed.
    private mutating func add(descriptor: Int32) {
        guard let text = try? String(contentsOfFile: "/proc/self/fdinfo/\(descriptor)", encoding: .utf8) else { return }
        for line in text.split(separator: "\n") {
            let words = line.split { $0 == ":" || $0 == "\t" || $0 == " " }
            guard words.count == 2, let number = UInt32(words[1]), number != 0 else { continue }
            switch words[0] {
            case "prog_id": programs.insert(number)
            case "map_id": maps.insert(number)
            case "link_id": links.insert(number)
            default: continue
            }
        }
    }

    package var isEmpty: Bool { programs.isEmpty && maps.isEmpty && links.isEmpty }

    package mutating func formUnion(_ other: KernelObjects) {
        programs.formUnion(other.programs)
        maps.formUnion(other.maps)
        links.formUnion(other.links)
    }

    package func subtracting(_ other: KernelObjects) -> KernelObjects {
        var rest = self
        rest.programs.subtract(other.programs)
        rest.maps.subtract(other.maps)
        rest.links.subtract(other.links)
        return rest
    }

    /// Those that the kernel still has.
    package var existing: KernelObjects {
        var rest = KernelObjects()
        rest.programs = programs.filter(ProgramInfo.exists)
        rest.maps = maps.filter(MapInfo.exists)
        rest.links = links.filter(LinkInfo.exists)
        return rest
    }

    /// Those that are left once the kernel has had time to free them.
    package func left() -> KernelObjects {
        var left = existing
        _ = Patience.until {
            left = left.existing
            return left.isEmpty
        }
        return left
    }

    package var description: String {
        func list(_ kind: String, _ numbers: Set<UInt32>) -> [String] { numbers.sorted().map { "\(kind) \($0)" } }
        return (list("program", programs) + list("map", maps) + list("link", links)).joined(separator: ", ")
    }
}
