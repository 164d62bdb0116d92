// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The server's body, certificate and key, created for each run.
struct ServerFiles {
    /// The name in the certificate.
    static let host = "baton.test"

    /// The directory that the server serves, with the body in it.
    let root: String
    let bodyBytes: Int64
    let bodySHA256: String
    let certificate: String
    let key: String
    let clientScript: String
    /// The client that fetches over HTTP/3 only.
    let sampleScript: String

    /// - Throws: `LabError` with openssl's message, `LinuxError` if the files cannot be written.
    init(in directory: RunDirectory, bodyBytes: Int64, _ command: Command) throws {
        root = "\(directory.path)/root"
        self.bodyBytes = bodyBytes
        certificate = "\(directory.path)/certificate.pem"
        key = "\(directory.path)/key.pem"
        clientScript = "\(directory.path)/client.py"
        sampleScript = "\(directory.path)/h3_sample.py"
        _ = mkdir(root, 0o755)
        // openssl's random bytes: nothing on the way can compress them
        let body = "\(root)/body.bin"
        try command.run(["openssl", "rand", "-out", body, "\(bodyBytes)"])
        let digest = try command.run(["openssl", "dgst", "-sha256", "-r", body])
        bodySHA256 = String(digest.prefix { $0 != " " })
        try command.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=\(Self.host)", "-addext", "subjectAltName=DNS:\(Self.host)", "-keyout", key, "-out",
            certificate,
        ])
        try TextFile.write(bytes: PackageResources.client_py, to: clientScript)
        try TextFile.write(bytes: PackageResources.h3_sample_py, to: sampleScript)
    }
}
