// swift-tools-version:6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "count-connections",
    dependencies: [.package(name: "baton", path: "../..")],
    targets: [
        .executableTarget(
            name: "CountConnections", dependencies: [.product(name: "BPF", package: "baton")],
            plugins: [.plugin(name: "BPFObject", package: "baton")])
    ]
)
