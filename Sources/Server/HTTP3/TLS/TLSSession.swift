// SPDX-License-Identifier: Apache-2.0

import CNgtcp2

/// The TLS 1.3 side of one QUIC connection (RFC 9001), in GnuTLS.
final class TLSSession {
    private let session: gnutls_session_t
    private let reference: UnsafeMutablePointer<ngtcp2_crypto_conn_ref>

    /// The cipher suites and groups that QUIC may use (RFC 9001), in the order of preference; QUIC requires TLS 1.3.
    private static let priority =
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"
        + ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:%DISABLE_TLS13_COMPAT_MODE"

    /// A session for a connection; nil if GnuTLS has no memory for it.
    ///
    /// - Parameters:
    ///   - connection: the user data from which `get` finds the connection; it must outlive the session.
    ///   - get: returns the connection's `ngtcp2_conn`.
    init?(
        credentials: TLSCredentials, connection: UnsafeMutableRawPointer,
        get: @escaping @convention(c) (UnsafeMutablePointer<ngtcp2_crypto_conn_ref>?) -> OpaquePointer?
    ) {
        var session: gnutls_session_t?
        // GNUTLS_SERVER is both a macro and an enumerator, which is ambiguous in Swift.
        let server: UInt32 = 1
        guard gnutls_init(&session, server | GNUTLS_NO_END_OF_EARLY_DATA.rawValue) == GNUTLS_E_SUCCESS, let session
        else { return nil }
        reference = .allocate(capacity: 1)
        reference.initialize(to: ngtcp2_crypto_conn_ref(get_conn: get, user_data: connection))
        self.session = session
        guard gnutls_priority_set_direct(session, Self.priority, nil) == GNUTLS_E_SUCCESS,
            ngtcp2_crypto_gnutls_configure_server_session(session) == 0,
            gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, UnsafeMutableRawPointer(credentials.handle)) == 0
        else { return nil }
        gnutls_session_set_ptr(session, reference)
        var name: [UInt8] = Array("h3".utf8)
        let isSet = name.withUnsafeMutableBufferPointer { bytes in
            var protocols = gnutls_datum_t(data: bytes.baseAddress, size: UInt32(bytes.count))
            return gnutls_alpn_set_protocols(session, &protocols, 1, UInt32(GNUTLS_ALPN_MANDATORY.rawValue)) == 0
        }
        guard isSet else { return nil }
    }

    deinit {
        gnutls_deinit(session)
        reference.deallocate()
    }

    var nativeHandle: UnsafeMutableRawPointer { UnsafeMutableRawPointer(session) }
}
