// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Runs the body with a directory of its own, which is removed afterwards.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.path + "/measurements-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
}

/// The project's own directory.
let projectDirectory = String(
    #filePath.prefix(#filePath.count - "/Tests/Lab/MeasurementsTests/TemporaryDirectory.swift".count))
