// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonCommandLine
import BatonShared
import Foundation

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check whether the handover can be attached here; name what is missing and how to get it.",
        discussion: """
            Changes nothing: the programs are loaded to see whether the kernel accepts them, and are not attached.

            Exit status 0: the handover can be attached, 69: something is missing, 77: permission denied. The policy \
            careful is checked separately: without it the status is 0, and only --policy exact works. BATON_DEBUG=1 \
            also prints the verifier's log of a refused program.
            """)

    @OptionGroup var common: CommonOptions

    func run() throws {
        var findings = Preflight(Handover.requirements(pinDirectory: common.pinDirectory)).items.map {
            Finding(item: $0)
        }
        if !findings.contains(where: \.item.isMissing) { findings += [loading(), careful()] }
        if common.json {
            try printJSON(
                Report(
                    schema: schemaVersion, kernel: kernelRelease, ready: !findings.contains(where: \.item.isMissing),
                    items: findings.map(ItemJSON.init)))
        } else {
            printForPeople(findings)
        }
        if let missing = findings.first(where: \.item.isMissing) {
            throw ExitCode(missing.isPermission ? 77 : 69)
        }
    }

    /// Whether the kernel accepts the programs that every policy needs. Only the verifier can say so.
    private func loading() -> Finding {
        let item = Preflight.Item(
            name: "programs", answer: .yes, finding: "the kernel accepts them", remedy: "", minimumKernel: "5.10")
        return finding(item, loading: .exact) { error in
            error.code == .permission ? "run as root" : error.code == .verifier ? Check.reportIt : "use a newer kernel"
        }
    }

    /// Whether the kernel also accepts the programs of the policy `careful`.
    private func careful() -> Finding {
        let item = Preflight.Item(
            name: "careful", answer: .yes, finding: "the kernel supports the policy careful (RFC 9959)", remedy: "",
            minimumKernel: Handover.minimumKernelOfCareful, isRequired: false)
        return finding(item, loading: .careful) { error in
            error.code == .unsupported ? "only --policy exact works here" : Check.reportIt
        }
    }

    private static let reportIt =
        "the verifier refused a program, which is a bug in Baton: please report it with the whole log"

    private func finding(
        _ item: Preflight.Item, loading policy: Policy, remedy: (BPFError) -> String
    ) -> Finding {
        var result = Finding(item: item)
        do throws(BPFError) { try Handover.tryLoading(policy: policy) } catch {
            let isAnswer = item.isRequired || error.code == .unsupported || error.code == .verifier
            result.item.answer = isAnswer ? .no : .unknown(error.description)
            result.error = error
            result.item.finding = error.descriptionWithoutRemedy
            result.item.remedy = remedy(error)
        }
        return result
    }

    /// An item, with the kernel's error if there is one.
    private struct Finding {
        var item: Preflight.Item
        var error: BPFError?

        var isPermission: Bool { item.isPermission || error?.code == .permission }
    }

    private func printForPeople(_ findings: [Finding]) {
        print("kernel \(kernelRelease)")
        for finding in findings {
            let item = finding.item
            let mark =
                switch item.answer {
                case .yes: "yes"
                case .no: item.isRequired ? "NO" : "no"
                case .unknown: "?"
                }
            var text = item.finding
            if case .unknown(let reason) = item.answer { text = reason }
            if item.answer == .no, !item.remedy.isEmpty { text += "; \(item.remedy)" }
            let name = item.name.padding(toLength: 16, withPad: " ", startingAt: 0)
            print("\(name) \(mark.padding(toLength: 4, withPad: " ", startingAt: 0)) \(text)")
        }
        let logs = findings.compactMap(\.error?.log).filter { !$0.isEmpty }
        if logs.isEmpty { return }
        if CommandFailure.isDebugging {
            for log in logs { printError(log) }
        } else {
            printError("BATON_DEBUG=1 shows the whole log")
        }
    }

    private var kernelRelease: String {
        var name = utsname()
        uname(&name)
        return withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private struct Report: Encodable {
        var schema: Int
        var kernel: String
        var ready: Bool
        var items: [ItemJSON]
    }

    private struct ItemJSON: Encodable {
        var name: String
        /// `null`: this couldn't be determined.
        var available: Nullable<Bool>
        var required: Bool
        var finding: String
        var remedy: String
        var minimumKernel: Nullable<String>
        /// `null`: no system call failed.
        var call: Nullable<String>
        var errno: Nullable<Int32>
        /// `null`: neither the verifier nor libbpf wrote one.
        var log: Nullable<String>

        init(_ result: Finding) {
            let item = result.item
            call = Nullable(result.error?.call)
            errno = Nullable(result.error.flatMap { $0.errno == 0 ? nil : $0.errno })
            log = Nullable(result.error?.log.flatMap { $0.isEmpty ? nil : $0 })
            name = item.name
            required = item.isRequired
            finding = item.finding
            remedy = item.remedy
            minimumKernel = Nullable(item.minimumKernel)
            switch item.answer {
            case .yes: available = Nullable(true)
            case .no: available = Nullable(false)
            case .unknown(let reason):
                available = Nullable(nil)
                finding = reason
            }
        }
    }
}
