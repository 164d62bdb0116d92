// SPDX-License-Identifier: Apache-2.0

/// An object for a big-endian kernel must not swap bytes as on a little-endian machine. Swift's `.bigEndian` does,
/// because it is compiled for a little-endian target.
struct ByteOrderRule: Rule {
    let isBigEndian: Bool

    func check(_ program: CheckedProgram) -> [Finding] {
        guard isBigEndian else { return [] }
        var findings: [Finding] = []
        for function in program.functions {
            for instruction in function.instructions {
                guard case .symbol(let callee)? = instruction.callee, callee.hasPrefix("llvm.bswap.") else { continue }
                let problem = "swaps bytes as for a little-endian kernel, but --endian is big; use networkOrder"
                findings += program.places(of: instruction, in: function).map { Finding(.arithmetic, $0, problem) }
            }
        }
        return findings
    }
}
