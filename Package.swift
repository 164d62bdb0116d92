// swift-tools-version:6.2
import PackageDescription

let settings: [SwiftSetting] = ["ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility"].map {
    .enableUpcomingFeature($0)
}

let package = Package(
    name: "baton",
    products: [
        .executable(name: "baton", targets: ["BatonCommand"]),
        .library(name: "Baton", targets: ["Baton"]),
        .library(name: "BPF", targets: ["BPF"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // Swift for eBPF: knows nothing of hand-over, TCP or HTTP.
        .executableTarget(name: "bpfc", swiftSettings: settings),
        .plugin(name: "BPFObject", capability: .buildTool(), dependencies: ["bpfc"]),
        .systemLibrary(name: "CLibbpf", pkgConfig: "libbpf", providers: [.apt(["libbpf-dev"])]),
        .target(name: "BPF", dependencies: ["CLibbpf"], swiftSettings: settings),

        // The hand-over. Its kernel side, Sources/BatonKernel, is compiled by the plugin, together with BatonShared.
        .target(name: "BatonShared", swiftSettings: settings),
        .target(name: "Baton", dependencies: ["BPF", "BatonShared"], swiftSettings: settings, plugins: ["BPFObject"]),

        .target(name: "BatonServe", swiftSettings: settings),
        .executableTarget(
            name: "BatonCommand",
            dependencies: [
                "Baton", "BatonServe", "BPF", "BatonShared",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),

        .target(
            name: "TestSupport", path: "Tests/TestSupport", exclude: ["tcp_probe.py"], swiftSettings: settings),
        .testTarget(name: "BPFTests", dependencies: ["BPF"], swiftSettings: settings),
        .testTarget(name: "bpfcTests", dependencies: ["TestSupport", "bpfc"], swiftSettings: settings),
        .testTarget(
            name: "BatonTests",
            dependencies: ["Baton", "BatonShared", "BPF", "BatonCommand", "bpfc", "TestSupport"],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
