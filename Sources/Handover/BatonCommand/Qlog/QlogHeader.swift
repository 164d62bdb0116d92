// SPDX-License-Identifier: Apache-2.0

/// The first record of a qlog: the kind of file, and what applies to all its events (`QlogFileSeq` and `TraceSeq` of
/// draft-ietf-quic-qlog-main-schema, in the form of qlog version 0.3, which viewers read).
///
/// All connections are in one trace; the `group_id` of an event identifies its connection.
struct QlogHeader: Encodable {
    var qlogVersion = "0.3"
    var qlogFormat = "JSON-SEQ"
    var title = QlogHeader.title
    var trace: Trace

    private static let title = "Careful Resume in TCP"

    init(start: WallClock) {
        trace = Trace(commonFields: CommonFields(referenceTime: Double(start.unixMilliseconds)))
    }

    struct Trace: Encodable {
        /// Viewers show it beside each connection.
        var title = QlogHeader.title
        var vantagePoint = VantagePoint()
        var commonFields: CommonFields
    }

    struct VantagePoint: Encodable {
        var name = "baton watch"
        var type = "server"
    }

    struct CommonFields: Encodable {
        var protocolType = ["TCP"]
        var timeFormat = "relative"
        /// Milliseconds since 1970.
        var referenceTime: Double
    }
}
