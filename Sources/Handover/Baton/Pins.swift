// SPDX-License-Identifier: Apache-2.0

internal import BPF
internal import BatonShared

/// Where everything lies that outlives the process.
///
/// ```
/// PIN DIRECTORY/layout → VERSION
///               maps/saved, configuration, counters, events, …
///               programs/resume, …
///               links/resume, baton
/// ```
extension PinDirectory {
    /// What to do about pins of another version.
    static let remedy = "run 'baton detach', then 'baton attach'"

    /// The handover's.
    init(handoverAt path: String) throws(BPFError) {
        try self.init(path, layoutVersion: KernelConfiguration.currentLayoutVersion)
    }

    /// The link that says whether the handover is attached.
    var resumeLink: String { link("resume") }
    /// The program that it holds.
    var resumeProgram: String { program("resume") }
}
