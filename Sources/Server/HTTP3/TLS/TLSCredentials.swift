// SPDX-License-Identifier: Apache-2.0

import CNgtcp2

/// A certificate chain and its private key, from PEM, as GnuTLS holds them.
public final class TLSCredentials: Sendable {
    // GnuTLS only reads credentials once they are complete, from as many sessions as there are.
    nonisolated(unsafe) let handle: gnutls_certificate_credentials_t

    /// Credentials from two PEM files.
    ///
    /// - Throws: ``HTTP3Error`` with code `credentials` if a file can't be read, is no PEM, or the key is another
    ///   certificate's.
    public init(certificatePath: String, keyPath: String) throws(HTTP3Error) {
        var handle: gnutls_certificate_credentials_t?
        guard gnutls_certificate_allocate_credentials(&handle) == GNUTLS_E_SUCCESS, let handle else {
            throw HTTP3Error(code: .credentials, description: "GnuTLS has no memory for credentials")
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
