// SPDX-License-Identifier: Apache-2.0

/// What TCP starts from after the fallback.
enum DemoTreatment: CaseIterable {
    /// What the QUIC connection knew.
    case withHandover
    /// The kernel's initial window, ten segments.
    case withoutHandover
    /// A window that fits the path, set by hand for everybody: about the best that a sender alone can do.
    case bound

    /// Segments of the route's initial window that count as no limit.
    static let boundSegments = 400

    /// For people.
    var title: String {
        switch self {
        case .withHandover: "with handover"
        case .withoutHandover: "without handover"
        case .bound: "bound (route initcwnd \(Self.boundSegments))"
        }
    }
}
