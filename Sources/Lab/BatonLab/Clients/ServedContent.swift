// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator
package import Scenarios

/// Files of random bytes for clients to fetch: nothing on the way can compress them.
package enum ServedContent {
    /// Size of the body from which a QUIC connection learns a path (bytes).
    ///
    /// The largest of: four bandwidth-delay products, so that slow start ends; 5 MB, or 8 s of the rate if that is
    /// less; one second of the rate, so that it is not over before it can be cut; and 1 MB.
    package static func learningBytes(rate: BitRate, roundTrip: TimeSpan) -> Int64 {
        let second = rate.bitsPerSecond / 8
        let product = QueueSize.bandwidthDelayProducts(thousandths: 1000).bytes(rate: rate, roundTrip: roundTrip)
        return max(1_000_000, 4 * product, min(5_000_000, 8 * second), second)
    }

    /// Creates the files of a load below `root`, unless they exist.
    ///
    /// - Returns: the path to request.
    /// - Throws: `LinuxError` if a file cannot be written, `LabError` for an upload.
    package static func place(_ load: Load, in root: String) throws -> String {
        switch load {
        case .body(let size):
            let name = "/\(size.bytes).bin"
            if access(root + name, F_OK) != 0 {
                try TextFile.write(bytes: try random(Int(size.bytes)), to: root + name)
            }
            return name
        case .page(let objects, let size):
            let directory = "/page-\(objects)x\(size.bytes)"
            if access("\(root)\(directory)/index.html", F_OK) != 0 {
                try placePage(objects: objects, each: Int(size.bytes), in: root + directory)
            }
            return directory + "/"
        case .upload:
            throw LabError(
                .usage, "'\(load)' cannot be served: `baton serve` accepts no request body; use `client: plain`")
        }
    }

    /// A page of pictures. The page itself is written last, so that it exists only when everything does.
    private static func placePage(objects: Int, each size: Int, in directory: String) throws {
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
            throw LinuxError(call: "mkdir(2)", subject: directory)
        }
        var page = "<!doctype html>\n<title>\(objects) objects of \(size) bytes</title>\n"
        // an empty icon, so that the browser requests none
        page += "<link rel=icon href=\"data:,\">\n"
        for object in 0..<objects {
            try TextFile.write(bytes: try picture(size), to: "\(directory)/\(object).bmp")
            page += "<img src=\"\(object).bmp\" alt=\"\">\n"
        }
        try TextFile.write(page, to: "\(directory)/index.html")
    }

    /// A bitmap of random pixels, four bytes each, of this many bytes. Below 58 bytes it is not a valid picture, but
    /// loads all the same.
    private static func picture(_ size: Int) throws -> [UInt8] {
        let header = 54
        let width = max(1, min(1000, (size - header) / 4))
        let height = max(1, (size - header) / 4 / width)
        func little(_ value: Int, bytes: Int) -> [UInt8] {
            (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var bytes: [UInt8] = Array("BM".utf8)
        // BITMAPFILEHEADER: size, reserved, offset of the pixels
        bytes += little(size, bytes: 4) + little(0, bytes: 4) + little(header, bytes: 4)
        // BITMAPINFOHEADER: its size, width, height, planes, bits per pixel; no compression, and defaults
        bytes += little(40, bytes: 4) + little(width, bytes: 4) + little(height, bytes: 4)
        bytes += little(1, bytes: 2) + little(32, bytes: 2) + little(0, bytes: 24)
        return Array((bytes + (try random(max(0, size - header)))).prefix(size))
    }

    /// Bytes from /dev/urandom, random(4).
    private static func random(_ count: Int) throws -> [UInt8] {
        let source = open("/dev/urandom", O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw LinuxError(call: "open(2)", subject: "/dev/urandom") }
        defer { close(source) }
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes[filled...].withUnsafeMutableBytes { read(source, $0.baseAddress, $0.count) }
            guard got > 0 || errno == EINTR else { throw LinuxError(call: "read(2)", subject: "/dev/urandom") }
            filled += max(0, got)
        }
        return bytes
    }
}
