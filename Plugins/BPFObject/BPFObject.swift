// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackagePlugin

/// Compiles the kernel side of a target: the Swift sources in the folder NAMEKernel beside the target's own, together with
/// those in NAMEShared, which both sides use. The target gets the source NAMEObject.swift, and the object NAME.bpf.o lies
/// in the plugin's output folder.
@main
struct BPFObject: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
        guard let target = target as? SourceModuleTarget else { return [] }
        let name = target.name
        let sources = target.directoryURL.deletingLastPathComponent()
        let kernel = swiftFiles(sources.appending(path: "\(name)Kernel"))
        guard !kernel.isEmpty else {
            Diagnostics.error("BPFObject: no Swift sources in \(sources.appending(path: "\(name)Kernel").path)")
            return []
        }
        let support = sources.appending(path: "BPFKernel")
        let inputs = kernel + swiftFiles(sources.appending(path: "\(name)Shared")) + swiftFiles(support)
        let shim = support.appending(path: "CBPF")
        let object = context.pluginWorkDirectoryURL.appending(path: "\(name).bpf.o")
        let skeleton = context.pluginWorkDirectoryURL.appending(path: "\(name)Object.swift")
        return [
            .buildCommand(
                displayName: "Compiling the eBPF programs of \(name)",
                executable: try context.tool(named: "bpfc").url,
                arguments: [
                    "--name", name, "--object", object.path, "--skeleton", skeleton.path, "--work",
                    context.pluginWorkDirectoryURL.appending(path: "work").path, "--import", shim.path,
                ] + inputs.map(\.path),
                inputFiles: inputs + [shim.appending(path: "cbpf.h"), shim.appending(path: "module.modulemap")],
                outputFiles: [skeleton])
        ]
    }

    private func swiftFiles(_ directory: URL) -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return names.filter { $0.hasSuffix(".swift") }.sorted().map { directory.appending(path: $0) }
    }
}
