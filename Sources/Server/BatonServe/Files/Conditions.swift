// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// Evaluates a request's preconditions for a file, in the order of RFC 9110, section 13.2.2.
struct Conditions {
    /// The file is not in the state that the client expects: 412.
    let failed: Bool
    /// The client has the file's present state: 304.
    let isNotModified: Bool
    /// Whether the Range header applies.
    let allowsRange: Bool

    init(_ headers: HTTPFields, _ file: OpenFile) {
        let matches = headers[values: .ifMatch]
        if !matches.isEmpty {
            failed = !Self.lists(matches, file.entityTag, weakly: false)
        } else if let limit = headers[.ifUnmodifiedSince].flatMap(HTTPDate.seconds) {
            failed = file.modifiedSeconds > limit
        } else {
            failed = false
        }
        let noneMatches = headers[values: .ifNoneMatch]
        if !noneMatches.isEmpty {
            isNotModified = Self.lists(noneMatches, file.entityTag, weakly: true)
        } else if let limit = headers[.ifModifiedSince].flatMap(HTTPDate.seconds) {
            isNotModified = file.modifiedSeconds <= limit
        } else {
            isNotModified = false
        }
        if let validator = headers[.ifRange] {
            allowsRange = validator == file.entityTag || validator == HTTPDate.string(file.modifiedSeconds)
        } else {
            allowsRange = true
        }
    }

    /// Whether a field's values contain `tag` or `*`. Entity tags made here contain no comma.
    private static func lists(_ values: [String], _ tag: String, weakly: Bool) -> Bool {
        values.flatMap { $0.split(separator: ",") }.contains { item in
            var item = item.drop { $0 == " " || $0 == "\t" }
            while let last = item.last, last == " " || last == "\t" { item.removeLast() }
            if weakly, item.hasPrefix("W/") { item.removeFirst(2) }
            return item == "*" || item == tag
        }
    }
}
