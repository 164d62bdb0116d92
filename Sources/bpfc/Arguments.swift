// SPDX-License-Identifier: Apache-2.0

/// The command line of `bpfc`.
struct Arguments {
    static let usage = """
        bpfc --name NAME --object FILE --skeleton FILE [--import DIRECTORY]… [--cpu v1|v2|v3|v4] [--swiftc PATH] \
        --work DIRECTORY SOURCE.swift…
        """

    var name = ""
    var object = ""
    var skeleton = ""
    var work = ""
    var imports: [String] = []
    var cpu = "v3"
    var swiftc: String?
    var sources: [String] = []

    init(_ arguments: [String]) throws(BPFCError) {
        var rest = arguments[...]
        func value(_ option: String) throws(BPFCError) -> String {
            guard let value = rest.popFirst() else { throw .usage("\(option) wants a value") }
            return value
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--name": name = try value(argument)
            case "--object": object = try value(argument)
            case "--skeleton": skeleton = try value(argument)
            case "--work": work = try value(argument)
            case "--import": imports.append(try value(argument))
            case "--swiftc": swiftc = try value(argument)
            case "--cpu":
                cpu = try value(argument)
                guard ["v1", "v2", "v3", "v4"].contains(cpu) else {
                    throw .usage("--cpu '\(cpu)' is none of v1, v2, v3, v4")
                }
            case _ where argument.hasPrefix("-"): throw .usage("unknown option '\(argument)'")
            default: sources.append(argument)
            }
        }
        for (option, value) in [("--name", name), ("--object", object), ("--skeleton", skeleton), ("--work", work)]
        where value.isEmpty {
            throw .usage("\(option) is missing")
        }
        guard !sources.isEmpty else { throw .usage("no Swift sources") }
    }
}
