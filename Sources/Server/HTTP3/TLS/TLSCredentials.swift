// SPDX-License-Identifier: Apache-2.0

import CNgtcp2

/// A certificate chain and its private key, from PEM, as GnuTLS holds them.
public final class TLSCredentials: Sendable {
    // Once credentials are complete, GnuTLS only reads them, however many sessions use them.
    nonisolated(unsafe) let handle: gnutls_certificate_credentials_t

    /// Credentials from two PEM files.
    ///
    /// - Throws: ``HTTP3Error`` with code `credentials` if a file can't be read or is not PEM, or if the key does not
    ///   belong to the certificate.
    public init(certificatePath: String, keyPath: String) throws(HTTP3Error) {
        var handle: gnutls_certificate_credentials_t?
        guard gnutls_certificate_allocate_credentials(&handle) == GNUTLS_E_SUCCESS, let handle else {
            throw HTTP3Error(code: .credentials, description: "GnuTLS: no memory for credentials")
        }
        let status = gnutls_certificate_set_x509_key_file(handle, certificatePath, keyPath, GNUTLS_X509_FMT_PEM)
        guard status >= 0 else {
            gnutls_certificate_free_credentials(handle)
            throw HTTP3Error(
                code: .credentials,
                description: "certificate \(certificatePath) with key \(keyPath): "
                    + String(cString: gnutls_strerror(status)))
        }
        self.handle = handle
    }

    deinit { gnutls_certificate_free_credentials(handle) }
}
