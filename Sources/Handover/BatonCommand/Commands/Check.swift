// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonCommandLine
import Foundation

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what this kernel and machine offer; name what is missing and how to get it.",
        discussion: "Changes nothing. Exit status 0 if the handover can be attached here.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        var items = Preflight(Handover.requirements(pinDirectory: common.pinDirectory)).items
        let isMissing = items.contains(where: \.isMissing)
        if !isMissing { items += [loading(), careful()] }
        if common.json {
            try printJSON(
                Report(
                    schema: schemaVersion, kernel: kernelRelease, ready: !items.contains(where: \.isMissing),
                    items: items.map(ItemJSON.init)))
        } else {
            printForPeople(items)
        }
        if let missing = items.first(where: \.isMissing) {
            throw ExitCode(missing.name == "capabilities" ? 77 : 69)
        }
    }

    /// The last word is the verifier's.
    private func loading() -> Preflight.Item {
        var item = Preflight.Item(
            name: "programs", answer: .yes, finding: "the kernel takes them", remedy: "", minimumKernel: "5.10")
        do throws(BPFError) { try Handover.tryLoading(policy: .exact) } catch {
            item.answer = .no
            item.finding = error.description
            item.remedy = error.code == .permission ? "run as root" : "use a newer kernel"
        }
        return item
    }

    /// What the policy `careful` takes beyond that.
    private func careful() -> Preflight.Item {
        var item = Preflight.Item(
            name: "careful", answer: .yes, finding: "the kernel takes the policy careful (RFC 9959)", remedy: "",
            minimumKernel: Handover.minimumKernelOfCareful, isRequired: false)
        do throws(BPFError) { try Handover.tryLoading(policy: .careful) } catch {
            if error.code == .unsupported {
                item.answer = .no
                item.finding = error.reason ?? error.description
                item.remedy = "only --policy exact works here"
            } else {
                item.answer = .unknown(error.description)
            }
        }
        return item
    }

    private func printForPeople(_ items: [Preflight.Item]) {
        print("kernel \(kernelRelease)")
        for item in items {
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
        /// `null`: could not be found out.
        var available: Nullable<Bool>
        var required: Bool
        var finding: String
        var remedy: String
        var minimumKernel: Nullable<String>

        init(_ item: Preflight.Item) {
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
