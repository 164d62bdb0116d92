// swift-tools-version:6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// A package of its own, so that the project itself doesn't depend on a benchmark library. The library's plugin treats
// every target directly in a folder named Benchmarks as a benchmark.
let package = Package(
    name: "baton-benchmarks",
    dependencies: [
        .package(name: "baton", path: ".."),
        // Without its traits: they count allocations, which slows down what is timed.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .target(name: "CIsolation", path: "CIsolation"),
        .executableTarget(
            name: "Microbenchmarks",
            dependencies: [
                "CIsolation", .product(name: "BPF", package: "baton"), .product(name: "Baton", package: "baton"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Microbenchmarks",
            plugins: [
                .plugin(name: "BPFObject", package: "baton"), .plugin(name: "BenchmarkPlugin", package: "benchmark"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type == .executable {
    target.swiftSettings = ["ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility"].map {
        .enableUpcomingFeature($0)
    }
}
