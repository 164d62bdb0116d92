// SPDX-License-Identifier: Apache-2.0

/// A program must not call Swift's runtime or allocate from a heap: the kernel side has neither.
struct RuntimeRule: Rule {
    func check(_ program: CheckedProgram) -> [Finding] {
        var findings: [Finding] = []
        for function in program.functions {
            for instruction in function.instructions {
                if IRModule.symbols(in: instruction.body).contains(where: RuntimeRule.isInitializer) {
                    let problem =
                        "the global's initial value isn't a constant, so Swift's runtime would have to compute it; "
                        + "the kernel has no Swift runtime"
                    findings += program.places(of: instruction, in: function).map { Finding(.runtime, $0, problem) }
                    continue
                }
                guard case .symbol(let callee)? = instruction.callee, RuntimeRule.isRuntime(callee) else { continue }
                let construct = RuntimeRule.construct(callee, instruction)
                let problem =
                    "needs \(construct), which calls '\(callee)' of Swift's runtime; the kernel has no Swift runtime"
                let kind: Finding.Kind = RuntimeRule.isReferenceCounting(callee) ? .referenceCount : .runtime
                findings += program.places(of: instruction, in: function).map { Finding(kind, $0, problem) }
            }
        }
        return findings
    }

    /// Whether a symbol is one that Embedded Swift needs at run time: part of its own runtime, or a C library function.
    static func isRuntime(_ symbol: String) -> Bool {
        symbol.hasPrefix("swift_") || symbol.hasPrefix("_swift_") || library[symbol] != nil
    }

    /// Whether a symbol is a global's lazy initializer, or the flag that says whether it has run.
    private static func isInitializer(_ symbol: String) -> Bool {
        SwiftSymbol.isMangled(symbol) && (symbol.hasSuffix("_WZ") || symbol.hasSuffix("_Wz"))
    }

    private static func isReferenceCounting(_ symbol: String) -> Bool {
        ["etain", "elease", "isUniquelyReferenced", "setDeallocating", "dealloc", "free"].contains {
            symbol.contains($0)
        }
    }

    private static let library = [
        "malloc": "memory from the heap", "calloc": "memory from the heap", "realloc": "memory from the heap",
        "aligned_alloc": "memory from the heap", "posix_memalign": "memory from the heap",
        "free": "memory from the heap", "abort": "an abort", "putchar": "output ('print')",
        "arc4random_buf": "random numbers (a random function, or the hashing of a Set or Dictionary)",
        "__stack_chk_fail": "a stack protector",
    ]

    /// The Swift construct that usually causes a call of a runtime function.
    static func construct(_ symbol: String, _ instruction: Instruction) -> String {
        if let known = library[symbol] { return known }
        func has(_ words: String...) -> Bool { words.contains { symbol.contains($0) } }
        if has("allocObject", "initStackObject", "initStaticObject") { return object(instruction) }
        if has("Box") { return "a variable that an escaping closure captures" }
        if has("once") { return "a global whose initial value isn't a constant" }
        if has("bridgeObject") { return "a string" }
        if has("slowAlloc", "slowDealloc", "coroFrameAlloc") { return "memory from the heap" }
        if has("task", "async", "continuation", "job") { return "concurrency" }
        if has("dynamicCast") { return "a cast of a class ('as?')" }
        if has("rror", "willThrow") { return "an untyped error" }
        if has("beginAccess", "endAccess") { return "a check for exclusive access" }
        if has("EscapingClosure") { return "a closure that escapes" }
        return "a class, an array, a string or a closure that escapes"
    }

    /// What a call allocates, according to the metadata that it names.
    private static func object(_ instruction: Instruction) -> String {
        let metadata = instruction.arguments.first.flatMap { IRModule.symbols(in: $0).first } ?? ""
        if metadata.isEmpty { return "an object of a class" }
        guard SwiftSymbol.isMangled(metadata) else { return "a closure that escapes" }
        if metadata.contains("ArrayStorage") { return "an array" }
        if metadata.contains("DictionaryStorage") { return "a dictionary" }
        if metadata.contains("SetStorage") { return "a set" }
        if metadata.contains("String") { return "a string" }
        return SwiftSymbol.typeName(metadata).map { "an object of class '\($0)'" } ?? "an object"
    }
}
