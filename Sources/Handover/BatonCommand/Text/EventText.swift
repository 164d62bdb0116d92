// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared
import Foundation

/// The parts that the lines of `watch` share, in the words of `ss -ti`.
enum EventText {
    /// The first column after the time.
    static func column(_ text: String) -> String { text.padding(toLength: 12, withPad: " ", startingAt: 0) }

    static func peer(_ endpoint: RemoteEndpoint, _ port: UInt32) -> String {
        endpoint.isIPv4 ? "\(endpoint):\(port)" : "[\(endpoint)]:\(port)"
    }

    static func segments(_ count: UInt32) -> String { count == Decision.infiniteSSThresh ? "inf" : "\(count)" }

    static func rtt(_ microseconds: UInt32) -> String {
        microseconds == 0 || microseconds == .max ? "unknown" : Duration.microseconds(microseconds).text
    }

    static func rate(_ bytesPerSecond: UInt64) -> String { "pacing_rate \(ByteCount.text(bytesPerSecond))/s" }
}
