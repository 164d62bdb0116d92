// SPDX-License-Identifier: Apache-2.0

package import BPF

extension Handover {
    /// The first kernel of kernel.org that supports the policy `careful`. Before 6.0 a congestion control in BPF can't
    /// write `sk_pacing_rate` (`bpf_tcp_ca_btf_struct_access`), before 5.15 it can't set socket options
    /// (`bpf_tcp_ca_get_func_proto`), before 5.13 it can't call kernel functions.
    public static let minimumKernelOfCareful = "6.0"
}

/// Why loading the policy `careful` failed: the kernel lacks a feature, or it refused a program for another reason.
package enum CarefulSupport {
    /// The features of congestion controls that `careful` needs and `exact` doesn't.
    package static let features = [
        Feature.congestionControlFunctions, .congestionControlOptions, .congestionControlPacing,
    ]

    /// Changes the error of a load to `unsupported`, naming the feature, if a probe finds that this kernel lacks one.
    /// Any other error stays as it is: the program, its file and its line say more than a guess.
    ///
    /// - Parameters:
    ///   - error: the error of the load.
    ///   - isMissing: whether the kernel lacks a feature.
    package static func explain(
        _ error: BPFError, isMissing: (Feature) -> Bool = { $0.probe() == .no }
    ) -> BPFError {
        switch error.code {
        case .verifier, .unsupported, .notFound, .invalid: break
        case .permission, .mismatch, .system: return error
        }
        guard let missing = features.first(where: isMissing) else { return error }
        var explained = error
        explained.code = .unsupported
        explained.reason =
            "this kernel has no \(missing.summary) (Linux \(missing.minimumKernel))"
            + (error.reason.map { "; the kernel says: \($0)" } ?? "")
        explained.remedy = "use --policy exact, or Linux \(Handover.minimumKernelOfCareful) or newer"
        return explained
    }
}
