// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTP3
import NIOSSL

/// A certificate and its key for both TLS libraries: BoringSSL for TCP and GnuTLS for QUIC.
struct Credentials: Sendable {
    let tcp: TLSConfiguration
    let quic: TLSCredentials

    /// - Throws: ``ServeError`` with code `credentials`, which names the file.
    init(certificatePath: String, keyPath: String) throws(ServeError) {
        try Self.checkReadable(certificatePath, "certificate")
        try Self.checkReadable(keyPath, "key")
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificatePath)
        } catch {
            chain = []
        }
        guard !chain.isEmpty else {
            throw ServeError(
                code: .credentials,
                description: "certificate '\(certificatePath)' contains no certificate: "
                    + "expected a PEM file with 'BEGIN CERTIFICATE'")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: keyPath, format: .pem)
        } catch {
            throw ServeError(
                code: .credentials,
                description: "key '\(keyPath)' contains no private key: "
                    + "expected a PEM file with 'BEGIN PRIVATE KEY', not encrypted")
        }
        let tcp = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        do {
            _ = try NIOSSLContext(configuration: tcp)
            quic = try TLSCredentials(certificatePath: certificatePath, keyPath: keyPath)
        } catch {
            throw ServeError(
                code: .credentials,
                description: "key '\(keyPath)' does not belong to certificate '\(certificatePath)': "
                    + "give the key that the certificate was made with (\(error))")
        }
        self.tcp = tcp
    }

    private static func checkReadable(_ path: String, _ what: String) throws(ServeError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            throw ServeError(
                code: .credentials, errno: errno,
                description: "\(what) '\(path)': \(String(cString: strerror(errno))); give a readable PEM file")
        }
        close(descriptor)
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw ServeError(
                code: .credentials, errno: EISDIR,
                description: "\(what) '\(path)' is a directory; give a readable PEM file")
        }
    }
}
