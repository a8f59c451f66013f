//! A relay whose certificate vouches for itself is known by its pin.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use sha2::{Digest, Sha256};

use super::ClientError;

/// Bytes of a fingerprint that a person compares.
const SHORT_BYTES: usize = 8;

/// SHA-256 of a certificate, in base64 for addresses. It replaces roots and names: the certificate is
/// this one, or the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pin([u8; 32]);

/// A text that is no pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a pin is the SHA-256 of a certificate in base64 for addresses, 43 characters")]
pub struct NoPin;

impl FromStr for Pin {
    type Err = NoPin;

    fn from_str(text: &str) -> Result<Self, NoPin> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NoPin)?;
        bytes.try_into().map(Self).map_err(|_| NoPin)
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl Pin {
    /// Returns the pin of a certificate in DER.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }

    /// Returns the beginning of the pin as a person compares it: `4F2A 91BC 0D3E 77A1`.
    #[must_use]
    pub fn short(&self) -> String {
        fingerprint_groups(&self.0)
    }

    /// Returns how a client speaks TLS with the one server that has this certificate.
    ///
    /// # Errors
    /// When no TLS provider is installed.
    pub fn tls(&self) -> Result<ClientConfig, ClientError> {
        let unusable = |why: String| ClientError::Unusable(format!("TLS can't be spoken: {why}"));
        let provider = CryptoProvider::get_default()
            .cloned()
            .ok_or_else(|| unusable("no TLS provider is installed".to_owned()))?;
        let verifier = Pinned { pin: *self, provider: Arc::clone(&provider) };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(config)
    }
}

/// Returns the first bytes of a hash in groups that a person compares.
#[must_use]
pub fn fingerprint_groups(hash: &[u8; 32]) -> String {
    let group = |pair: &[u8]| pair.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    hash[..SHORT_BYTES].chunks(2).map(group).collect::<Vec<_>>().join(" ")
}

/// Takes the certificate with the pin and no other; who holds its key is proved as ever.
#[derive(Debug)]
struct Pinned {
    pin: Pin,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if Pin::of(end_entity) == self.pin {
            return Ok(ServerCertVerified::assertion());
        }
        Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_read_as_it_is_written_and_nothing_else_is_a_pin() {
        let pin = Pin::of(b"a certificate");
        assert_eq!(pin.to_string().parse(), Ok(pin));
        assert_eq!(pin.short().len(), 19, "{}", pin.short());
        for other in ["", "sesame", "c2VzYW1l"] {
            assert_eq!(other.parse::<Pin>(), Err(NoPin), "{other}");
        }
    }
}
