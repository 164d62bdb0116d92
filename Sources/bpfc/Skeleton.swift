// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The Swift source that carries an object into a user-side program: its bytes, and a constant for each map and program,
/// so that a misspelt name doesn't compile.
struct Skeleton {
    let name: String
    let object: [UInt8]
    let maps: [String]
    let programs: [String]
    let structOps: [String]

    func source() -> String {
        func constants(_ names: [String]) -> String {
            names.map { "        static let \($0) = \"\($0)\"" }.joined(separator: "\n")
        }
        // As text because a literal of thousands of numbers takes the compiler minutes.
        let digits = object.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return """
            // Made by bpfc from the kernel sources of '\(name)'.

            enum \(name)Object {
                /// Names of the maps.
                enum Map {
            \(constants(maps))
                }

                /// Names of the programs.
                enum Program {
            \(constants(programs))
                }

                /// Names of the struct_ops variables.
                enum StructOps {
            \(constants(structOps))
                }

                /// The eBPF object as an ELF file.
                static var elf: [UInt8] {
                    var bytes: [UInt8] = []
                    bytes.reserveCapacity(\(object.count))
                    let digits = UnsafeBufferPointer(start: hexadecimal.utf8Start, count: hexadecimal.utf8CodeUnitCount)
                    func value(_ digit: UInt8) -> UInt8 { digit < 0x3a ? digit &- 0x30 : digit &- 0x57 }
                    for index in stride(from: 0, to: digits.count, by: 2) {
                        bytes.append(value(digits[index]) << 4 | value(digits[index + 1]))
                    }
                    return bytes
                }

                private static let hexadecimal: StaticString = "\(digits)"
            }

            """
    }
}
