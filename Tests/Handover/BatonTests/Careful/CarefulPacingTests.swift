// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared
import TestSupport
import Testing

extension KernelTests {
    /// RFC 9959 §3.3: packets of the jump are paced on the current RTT. Measured where they leave the server's device.
    @Suite(.tags(.exactPath)) struct CarefulPacing {
        @Test("§3.3: no eighth of a round trip carries more than a quarter of the jump", arguments: Jump.allCases)
        func bursts(jump: Jump) async throws {
            try await CarefulPath.requiresOpenWindow()
            var settings = CarefulPath.settings
            settings.jump = jump
            let flow = try await CarefulPath.measure(settings) { path in
                try path.save()
                return try path.flow(.init(bytes: 600_000))
            }
            let comment = Comment(rawValue: "\(flow)")
            let first = jump == .atOnce ? 0 : Int(try flow.change(to: .unvalidated).firstUnvalidatedByte)
            let acknowledged = try #require(flow.acknowledgements.first { $0.upTo > first })
            let segments = flow.segments.filter { $0.start >= first && $0.time < acknowledged.time }
            let eighth = UInt64(CarefulPath.roundTripMicroseconds) * 1000 / 8
            let bursts = segments.map { segment in
                segments.filter { $0.time >= segment.time && $0.time < segment.time + eighth }
                    .map { $0.end - $0.start }.reduce(0, +)
            }
            let largest = try #require(bursts.max())
            #expect(largest * 4 <= CarefulPath.jump * CarefulPath.mss, comment)
            // Over the whole round trip, not only at its beginning.
            let (start, end) = (try #require(segments.first).time, try #require(segments.last).time)
            #expect(end - start >= UInt64(CarefulPath.roundTripMicroseconds) * 800, comment)
        }
    }
}
