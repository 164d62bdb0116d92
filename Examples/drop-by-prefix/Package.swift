// swift-tools-version:6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "drop-by-prefix",
    dependencies: [.package(name: "baton", path: "../..")],
    targets: [
        .executableTarget(
            name: "DropByPrefix", dependencies: [.product(name: "BPF", package: "baton")],
            plugins: [.plugin(name: "BPFObject", package: "baton")])
    ]
)
