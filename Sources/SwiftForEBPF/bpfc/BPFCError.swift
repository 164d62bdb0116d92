// SPDX-License-Identifier: Apache-2.0

/// Why a program can't be compiled to an object. Each error is one line: `file:line: error: …` if a place is known.
/// SwiftPM shows this form like a compiler's own messages.
enum BPFCError: Error, CustomStringConvertible {
    case usage(String)
    case noTool(String, searched: String)
    case toolFailed(String, status: Int32, output: String)
    case io(String)
    case unreadableIR(String)
    case program(ProgramError)
    case programs([ProgramError])

    var description: String {
        switch self {
        case .usage(let problem):
            return "error: \(problem)\nusage: \(Arguments.usage)"
        case .noTool(let name, let searched):
            return
                "error: '\(name)' is neither beside swiftc nor in PATH (\(searched)); it is part of the Swift toolchain"
        case .toolFailed(let name, let status, let output):
            // A compiler's messages already have the form that SwiftPM shows.
            return output.isEmpty ? "error: \(name) exited with status \(status)" : output
        case .io(let problem):
            return "error: \(problem)"
        case .unreadableIR(let line):
            return "error: can't parse this line of LLVM IR: \(line.prefix(200))"
        case .program(let error):
            return error.description
        case .programs(let errors):
            return errors.map(\.description).joined(separator: "\n")
        }
    }
}

/// Something in a program that the kernel doesn't allow, or that can't be compiled for it.
struct ProgramError: Error, CustomStringConvertible {
    var function: String?
    var location: SourceLocation?
    var problem: String

    var description: String {
        let place = location.map { "\($0.file):\($0.line): " } ?? ""
        let subject = function.map { "in '\($0)': " } ?? ""
        return "\(place)error: \(subject)\(problem)"
    }
}

struct SourceLocation: Equatable {
    var file: String
    var line: Int
}
