// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackagePlugin

/// Compiles the kernel side of a target: the Swift sources in the folder NAMEKernel beside the target's folder. If
/// there is also a folder NAMEShared, both sides use it as a module of that name. The plugin adds the source
/// NAMEObject.swift to the target, and leaves the object NAME.bpf.o in its output folder.
///
/// The file NAMEKernel/bpfc.options can contain more options for bpfc, such as `--cpu v2`.
@main
struct BPFObject: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
        guard let target = target as? SourceModuleTarget else { return [] }
        let name = target.name
        let siblings = target.directoryURL.deletingLastPathComponent()
        let kernel = siblings.appending(path: "\(name)Kernel")
        let sources = files(kernel, [".swift"])
        guard !sources.isEmpty else {
            Diagnostics.error(
                "BPFObject: no Swift sources in \(kernel.path), where the kernel side of '\(name)' belongs")
            return []
        }
        guard let library = library(of: context.package) else {
            Diagnostics.error(
                "BPFObject: no dependency of '\(context.package.displayName)' contains bpfc")
            return []
        }

        let work = context.pluginWorkDirectoryURL
        let skeleton = work.appending(path: "\(name)Object.swift")
        var inputs = sources
        var arguments = [
            "--name", name, "--object", work.appending(path: "\(name).bpf.o").path, "--skeleton", skeleton.path,
            "--work",
            work.appending(path: "work").path, "--library", library.path,
        ]
        for module in ["BPFShared", "BPFKernel"] {
            inputs += files(library.appending(path: module), [".swift", ".h", ".modulemap"])
        }
        let shared = siblings.appending(path: "\(name)Shared")
        let sharedSources = files(shared, [".swift"])
        if !sharedSources.isEmpty {
            guard depends(target, on: "\(name)Shared") else {
                Diagnostics.error(
                    "BPFObject: '\(name)' must depend on the target '\(name)Shared', because both sides use its types")
                return []
            }
            arguments += ["--shared", "\(name)Shared=\(shared.path)"]
            inputs += sharedSources
        }
        let options = kernel.appending(path: "bpfc.options")
        if let text = try? String(contentsOf: options, encoding: .utf8) {
            arguments += text.split { $0.isWhitespace }.map(String.init)
            inputs.append(options)
        }
        return [
            .buildCommand(
                displayName: "Compiling the eBPF programs of \(name)", executable: try context.tool(named: "bpfc").url,
                arguments: arguments + sources.map(\.path), inputFiles: inputs, outputFiles: [skeleton])
        ]
    }

    /// The folder that contains the sources of BPFKernel and BPFShared, in the package of bpfc.
    private func library(of package: Package) -> URL? {
        if let compiler = package.targets.first(where: { $0.name == "bpfc" }) {
            return compiler.directoryURL.deletingLastPathComponent()
        }
        return package.dependencies.lazy.compactMap { library(of: $0.package) }.first
    }

    private func depends(_ target: any Target, on name: String) -> Bool {
        target.dependencies.contains { dependency in
            switch dependency {
            case .target(let other): other.name == name
            case .product(let product): product.targets.contains { $0.name == name }
            @unknown default: false
            }
        }
    }

    private func files(_ directory: URL, _ suffixes: [String]) -> [URL] {
        let directory = directory.resolvingSymlinksInPath()
        let names = FileManager.default.enumerator(atPath: directory.path)?.compactMap { $0 as? String } ?? []
        return names.filter { name in suffixes.contains { name.hasSuffix($0) } }.sorted().map {
            directory.appending(path: $0)
        }
    }
}
