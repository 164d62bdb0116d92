// swift-tools-version:6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let quic = ["libngtcp2-dev", "libngtcp2-crypto-gnutls-dev", "libnghttp3-dev", "libgnutls28-dev"]
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nio: [Target.Dependency] = ["NIOCore", "NIOPosix", "NIOConcurrencyHelpers"].map {
    .product(name: $0, package: "swift-nio")
}
let hummingbird: [Target.Dependency] = ["Hummingbird", "HummingbirdCore"].map {
    .product(name: $0, package: "hummingbird")
}

let package = Package(
    name: "baton",
    products: [
        .executable(name: "baton", targets: ["BatonCommand"]),
        .executable(name: "baton-serve", targets: ["BatonServeCommand"]),
        .executable(name: "baton-lab", targets: ["BatonLab"]),
        .library(name: "Baton", targets: ["Baton", "BatonShared"]),
        .library(name: "BPF", targets: ["BPF", "BPFShared"]),
        .plugin(name: "BPFObject", targets: ["BPFObject"]),
        .library(name: "HTTP3", targets: ["HTTP3"]),
        .library(name: "HTTP3Handover", targets: ["HTTP3Handover"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Swift for eBPF. BPFKernel has the kernel's TCP structures; nothing here knows of QUIC, HTTP or the handover.
        .executableTarget(name: "bpfc"),
        .plugin(name: "BPFObject", capability: .buildTool(), dependencies: ["bpfc"]),
        .systemLibrary(name: "CLibbpf", pkgConfig: "libbpf", providers: [.apt(["libbpf-dev"])]),
        // What programs in the kernel and in user space share. The plugin compiles it too.
        .target(name: "BPFShared"),
        .target(name: "BPF", dependencies: ["BPFShared", "CLibbpf"]),

        // Handover. Its kernel side, Sources/Handover/BatonKernel, is compiled by the plugin, together with
        // BatonShared.
        .target(name: "BatonShared", dependencies: ["BPFShared"]),
        .target(name: "Baton", dependencies: ["BPF", "BatonShared"], plugins: ["BPFObject"]),
        // Options, output and exit status of all commands.
        .target(name: "BatonCommandLine", dependencies: ["BPF", "Baton", "BatonShared", argumentParser]),
        // Links neither ngtcp2 nor Hummingbird.
        .executableTarget(
            name: "BatonCommand", dependencies: ["BPF", "Baton", "BatonCommandLine", "BatonShared", argumentParser]),

        // Server: HTTP3 and BatonServe know nothing of BPF; the two targets after them join them with the handover.
        .systemLibrary(
            name: "CNgtcp2", pkgConfig: "libngtcp2_crypto_gnutls libngtcp2 libnghttp3 gnutls", providers: [.apt(quic)]),
        .target(name: "HTTP3", dependencies: ["CNgtcp2", httpTypes, logging, lifecycle] + nio + hummingbird),
        .target(
            name: "BatonServe",
            dependencies: [
                "HTTP3", httpTypes, logging, lifecycle,
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ] + nio + hummingbird),
        .target(
            name: "HTTP3Handover",
            dependencies: ["BPF", "Baton", "BatonShared", "HTTP3", .product(name: "NIOCore", package: "swift-nio")]),
        .executableTarget(
            name: "BatonServeCommand",
            dependencies: [
                "BPF", "Baton", "BatonCommandLine", "BatonServe", "BatonShared", "HTTP3", "HTTP3Handover",
                argumentParser, logging, .product(name: "NIOCore", package: "swift-nio"),
            ]),

        // Lab.

        .target(name: "CLinux"),
        // A treatment to compare with: what the document of vsqoe, cwndebpf, describes.
        .target(name: "CwndEBPF", dependencies: ["BPF"], plugins: ["BPFObject"]),
        .target(name: "PathEmulator", dependencies: ["CLinux"]),
        // What the lab is asked (a file per scenario) and what it found: neither touches the machine.
        .target(name: "Scenarios", dependencies: ["PathEmulator", .product(name: "Yams", package: "Yams")]),
        .target(name: "Measurements", dependencies: ["PathEmulator", "Scenarios"]),
        .executableTarget(
            name: "BatonLab",
            dependencies: [
                "Baton", "CLinux", "CwndEBPF", "Measurements", "PathEmulator", "Scenarios", argumentParser,
            ],
            resources: ["chromium_client", "client", "curl_client", "h3_sample"].map {
                .embedInCode("Resources/\($0).py")
            }),

        .target(
            name: "TestSupport", dependencies: ["BPF", "PathEmulator"], path: "Tests/TestSupport",
            exclude: ["tcp_probe.py"]),
        // A library, for SwiftPM would link a test's plugin, and with it a second bpfc, into all tests.
        .target(
            name: "BPFTestProgramsShared", dependencies: ["BPFShared"], path: "Tests/SwiftForEBPF/BPFTestProgramsShared"
        ),
        .target(
            name: "BPFTestPrograms", dependencies: ["BPF", "BPFTestProgramsShared"],
            path: "Tests/SwiftForEBPF/BPFTestPrograms",
            plugins: ["BPFObject"]),
        .testTarget(
            name: "BPFTests", dependencies: ["BPF", "BPFTestPrograms", "BPFTestProgramsShared", "TestSupport"]),
        .testTarget(name: "bpfcTests", dependencies: ["BPF", "TestSupport", "bpfc"]),
        .testTarget(
            name: "BatonTests",
            dependencies: [
                "BPF", "Baton", "BatonCommand", "BatonCommandLine", "BatonLab", "BatonServeCommand", "BatonShared",
                "CwndEBPF", "PathEmulator", "TestSupport", "bpfc",
            ],
            exclude: ["Layouts"]),
        .testTarget(
            name: "HTTP3Tests",
            dependencies: ["HTTP3", "BatonServe", httpTypes, logging, lifecycle] + nio + hummingbird,
            exclude: ["client.py"]),
        .testTarget(
            name: "BatonServeTests",
            dependencies: [
                "BPF", "Baton", "BatonServeCommand", "BatonShared", "HTTP3", "HTTP3Handover", "TestSupport",
                logging, .product(name: "NIOCore", package: "swift-nio"),
            ]),
        .testTarget(name: "PathEmulatorTests", dependencies: ["PathEmulator", "CLinux"]),
        .testTarget(name: "ScenariosTests", dependencies: ["PathEmulator", "Scenarios"]),
        .testTarget(name: "MeasurementsTests", dependencies: ["Measurements", "PathEmulator", "Scenarios"]),
        .testTarget(
            name: "BatonLabTests", dependencies: ["BatonLab", "CLinux", "Measurements", "PathEmulator", "Scenarios"]),
    ],
    swiftLanguageModes: [.v6]
)

let features = ["ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility"]
for target in package.targets where target.type != .system && target.type != .plugin {
    target.swiftSettings = (target.swiftSettings ?? []) + features.map { .enableUpcomingFeature($0) }
}

// The four rooms: each target lies in Sources/ROOM or Tests/ROOM.
let rooms = [
    "SwiftForEBPF": ["bpfc", "BPF", "BPFShared", "CLibbpf", "BPFTests", "bpfcTests"],
    "Handover": ["Baton", "BatonShared", "BatonCommand", "BatonCommandLine", "BatonTests"],
    "Server": [
        "HTTP3", "BatonServe", "CNgtcp2", "HTTP3Handover", "BatonServeCommand", "HTTP3Tests", "BatonServeTests",
    ],
    "Lab": [
        "BatonLab", "CLinux", "CwndEBPF", "Measurements", "PathEmulator", "Scenarios", "BatonLabTests",
        "MeasurementsTests", "PathEmulatorTests", "ScenariosTests",
    ],
]
for (room, names) in rooms {
    for target in package.targets where names.contains(target.name) {
        target.path = (target.type == .test ? "Tests/" : "Sources/") + "\(room)/\(target.name)"
    }
}
