// SPDX-License-Identifier: Apache-2.0

package import BPF

extension Handover {
    /// The first kernel of kernel.org that takes the policy `careful`: before 6.0 a congestion control can't write
    /// `sk_pacing_rate` (`bpf_tcp_ca_btf_struct_access`), before 5.15 it can't set socket options
    /// (`bpf_tcp_ca_get_func_proto`), before 5.13 it can't call the kernel's functions.
    public static let minimumKernelOfCareful = "6.0"
}

/// Why a kernel doesn't take the policy `careful`, in words that name what is missing.
package enum CarefulSupport {
    /// What the policy writes of the kernel's `struct sock` and `struct tcp_sock`, and since when it may.
    private static let writtenFields = [
        ("sock", "sk_pacing_rate", "6.0"), ("sock", "sk_pacing_status", "6.0"), ("tcp_sock", "snd_cwnd", "5.6"),
        ("tcp_sock", "snd_ssthresh", "5.6"),
    ]

    /// The error of a load that this kernel refused: always `unsupported`, with what is missing and the mend. An error of
    /// another kind, such as a missing right, is left as it is.
    package static func explain(_ error: BPFError) -> BPFError {
        switch error.code {
        case .verifier, .unsupported, .notFound, .invalid: break
        case .permission, .mismatch, .system: return error
        }
        var explained = error
        explained.code = .unsupported
        explained.action = "loading the policy careful"
        explained.reason = missing(error).map { "this kernel's congestion controls can't \($0)" } ?? error.reason
        explained.remedy = "use --policy exact, or Linux \(Handover.minimumKernelOfCareful) or newer"
        return explained
    }

    /// What a congestion control can't do on this kernel, by the kernel's own words; `nil` if these say something else.
    private static func missing(_ error: BPFError) -> String? {
        let words = "\(error.reason ?? "")\n\(error.log ?? "")"
        if words.contains("unknown func bpf_setsockopt") { return "set socket options (Linux 5.15)" }
        if words.contains("BPF_CALL uses reserved fields") { return "call the kernel's functions (Linux 5.13)" }
        return unwritableField(words).map { "write \($0)" }
    }

    /// `sk_pacing_rate` from `no write support to tcp_sock at off 464` (`bpf_tcp_ca_btf_struct_access`).
    private static func unwritableField(_ words: String) -> String? {
        for line in words.split(separator: "\n") {
            guard let mark = line.firstRange(of: "no write support to tcp_sock at off ") else { continue }
            guard let offset = Int(line[mark.upperBound...].prefix { $0.isASCII && $0.isNumber }) else { continue }
            return fieldName(offset) ?? "the field at byte \(offset) of tcp_sock"
        }
        return nil
    }

    /// The field of those that the policy writes which lies at an offset of `tcp_sock`, by the running kernel's types.
    private static func fieldName(_ offset: Int) -> String? {
        guard let btf = try? BTF.kernel() else { return nil }
        // struct sock is the first thing in tcp_sock.
        return writtenFields.first { btf.offset(of: $0.1, in: $0.0) == offset }.map { "\($0.1) (Linux \($0.2))" }
    }
}
