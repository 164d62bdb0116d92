// SPDX-License-Identifier: Apache-2.0

/// In an object for a big-endian kernel, bytes must not be swapped as a little-endian machine would: Swift's `.bigEndian` is
/// compiled for one.
struct ByteOrderRule: Rule {
    let isBigEndian: Bool

    func check(_ program: CheckedProgram) -> [Finding] {
        guard isBigEndian else { return [] }
        var findings: [Finding] = []
        for function in program.functions {
            for instruction in function.instructions {
                guard case .symbol(let callee)? = instruction.callee, callee.hasPrefix("llvm.bswap.") else { continue }
                let problem = "swaps bytes, which Swift does for a little-endian kernel only; write networkOrder"
                findings += program.places(of: instruction, in: function).map { Finding(.arithmetic, $0, problem) }
            }
        }
        return findings
    }
}
