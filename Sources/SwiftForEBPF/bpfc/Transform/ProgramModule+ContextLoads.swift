// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ProgramModule {
    /// Matches the instruction that BPFKernel uses for a load from a context (`BPF_CONTEXT_LOAD` in cbpf.h), as LLVM
    /// prints it. The groups are: indentation, result, volatile, context, offset, and attributes with place.
    private static let instruction =
        #"^( *)(%\S+) = (?:tail )?call i64 asm (sideeffect )?"#
        + #""\$0 = \*\(u32 \*\)\(\$1 \+ \$2\)", "=r,r,i"\(ptr ([^,]+), i64 ([0-9]+)\)(.*)$"#
    private static let intrinsic = "llvm.bpf.getelementptr.and.load.i32"

    /// Replaces each load from a context by the intrinsic that clang uses for a structure with
    /// `preserve_static_offset`. No LLVM pass merges it with another load, and it becomes one instruction at a constant
    /// offset.
    ///
    /// The inline assembly that it replaces does so too. But LLVM can't look into inline assembly, so it would keep 64
    /// bits of a value of which only 32 matter.
    mutating func makeContextLoads() {
        guard let expression = try? NSRegularExpression(pattern: ProgramModule.instruction, options: .anchorsMatchLines)
        else { return }
        let constant = newAttributeGroup
        var isUsed = false
        for index in module.functions.indices {
            let text = module.functions[index].text
            let matches = expression.matches(in: text, range: NSRange(text.startIndex..., in: text))
            isUsed = isUsed || !matches.isEmpty
            for (number, match) in matches.enumerated().reversed() {
                let groups = (0...6).map { Range(match.range(at: $0), in: text).map { String(text[$0]) } ?? "" }
                guard let range = Range(match.range, in: module.functions[index].text) else { continue }
                let load = ContextLoad(
                    indentation: groups[1], result: groups[2], isVolatile: !groups[3].isEmpty, context: groups[4],
                    offset: groups[5],
                    location: groups[6].range(of: ", !dbg ![0-9]+", options: .regularExpression).map {
                        String(groups[6][$0])
                    } ?? "")
                module.functions[index].text.replaceSubrange(
                    range, with: load.text(id: number, intrinsic: ProgramModule.intrinsic, constant: constant))
            }
        }
        guard isUsed else { return }
        module.attributeGroups.append("attributes #\(constant) = { nounwind willreturn memory(none) }")
        module.declarations.append(
            (
                ProgramModule.intrinsic,
                "declare i32 @\(ProgramModule.intrinsic)"
                    + "(ptr, i1 immarg, i8 immarg, i8 immarg, i8 immarg, i1 immarg, ...)"
            ))
    }
}

/// One load from a context.
private struct ContextLoad {
    var indentation: String
    /// The LLVM value that the instruction defined.
    var result: String
    var isVolatile: Bool
    var context: String
    var offset: String
    var location: String

    func text(id: Int, intrinsic: String, constant: Int) -> String {
        // Volatile, ordering, scope, log2 of the alignment, whether it is in bounds; then the indices.
        let arguments =
            "ptr elementtype(i8) \(context), i1 \(isVolatile), i8 0, i8 1, i8 2, i1 true, i64 immarg \(offset)"
        let attributes = isVolatile ? "" : " #\(constant)"
        return """
            \(indentation)%context.\(id) = call i32 (ptr, i1, i8, i8, i8, i1, ...) @\(intrinsic)(\(arguments))\
            \(attributes)\(location)
            \(indentation)\(result) = zext i32 %context.\(id) to i64\(location)
            """
    }
}
