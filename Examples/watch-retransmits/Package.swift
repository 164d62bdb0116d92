// swift-tools-version:6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "watch-retransmits",
    dependencies: [.package(name: "baton", path: "../..")],
    targets: [
        .executableTarget(
            name: "WatchRetransmits", dependencies: [.product(name: "BPF", package: "baton")],
            plugins: [.plugin(name: "BPFObject", package: "baton")])
    ]
)
