// SPDX-License-Identifier: Apache-2.0

internal import BPF
internal import BatonShared

/// The pins of a handover, which keep it attached when the process has ended.
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

    /// The pin directory of a handover.
    init(handoverAt path: String) throws(BPFError) {
        try self.init(path, layoutVersion: KernelConfiguration.currentLayoutVersion)
    }

    /// The pin of the sock_ops link. The handover is attached as long as it exists.
    var resumeLink: String { link("resume") }
    /// The pin of the program that this link runs.
    var resumeProgram: String { program("resume") }
}
