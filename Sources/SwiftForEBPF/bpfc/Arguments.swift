// SPDX-License-Identifier: Apache-2.0

/// The command line of `bpfc`.
struct Arguments {
    static let usage = """
        bpfc --name NAME --object FILE [--skeleton FILE] --work DIRECTORY [--library DIRECTORY] [--shared NAME=DIRECTORY]…
             [--import DIRECTORY]… [--cpu v1|v2|v3|v4] [--endian little|big] [--debug-info full|none]
             [--access internal|package|public] [--swiftc PATH] SOURCE.swift…

          --name        name of the object, and of the Swift type NAMEObject in the skeleton
          --object      the eBPF object file to write
          --skeleton    the Swift source file to write for user space
          --work        folder for intermediate files, and for modules that are compiled once
          --library     folder that contains BPFKernel and BPFShared
          --shared      a module that user space uses too, and the folder of its sources
          --import      another folder to search for C modules
          --cpu         eBPF instruction set; default: v3. Kernels before 5.12 need v2
          --endian      byte order of the machine that loads the object; default: little
          --debug-info  none: leave out source lines and function prototypes; default: full
          --access      access level of the skeleton's declarations; default: internal
          --swiftc      the Swift compiler to use; default: the one in PATH
        """

    struct Shared: Equatable {
        var name: String
        var directory: String
    }

    var name = ""
    var object = ""
    var skeleton: String?
    var work = ""
    var library: String?
    var shared: [Shared] = []
    var imports: [String] = []
    var cpu = "v3"
    var format = ProgramModule.Format()
    var access = "internal"
    var swiftc: String?
    var sources: [String] = []

    init(_ arguments: [String]) throws(BPFCError) {
        var rest = arguments[...]
        func value(_ option: String) throws(BPFCError) -> String {
            guard let value = rest.popFirst() else { throw .usage("\(option) needs a value") }
            return value
        }
        func choice(_ option: String, _ choices: [String]) throws(BPFCError) -> String {
            let word = try value(option)
            guard choices.contains(word) else {
                throw .usage("\(option) must be one of \(choices.joined(separator: ", ")), not '\(word)'")
            }
            return word
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--name": name = try value(argument)
            case "--object": object = try value(argument)
            case "--skeleton": skeleton = try value(argument)
            case "--work": work = try value(argument)
            case "--library": library = try value(argument)
            case "--shared":
                let text = try value(argument)
                guard let equals = text.firstIndex(of: "=") else {
                    throw .usage("--shared must have the form NAME=DIRECTORY, not '\(text)'")
                }
                shared.append(
                    Shared(name: String(text[..<equals]), directory: String(text[text.index(after: equals)...])))
            case "--import": imports.append(try value(argument))
            case "--access": access = try choice(argument, ["internal", "package", "public"])
            case "--swiftc": swiftc = try value(argument)
            case "--cpu": cpu = try choice(argument, ["v1", "v2", "v3", "v4"])
            case "--endian": format.isBigEndian = try choice(argument, ["little", "big"]) == "big"
            case "--debug-info": format.hasDebugInformation = try choice(argument, ["full", "none"]) == "full"
            case _ where argument.hasPrefix("-"): throw .usage("unknown option '\(argument)'")
            default: sources.append(argument)
            }
        }
        for (option, value) in [("--name", name), ("--object", object), ("--work", work)] where value.isEmpty {
            throw .usage("\(option) is missing")
        }
        guard !sources.isEmpty else { throw .usage("no Swift source files are given") }
    }
}
