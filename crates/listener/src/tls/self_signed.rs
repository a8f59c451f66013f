//! A certificate that vouches for itself, for a machine without a name. Clients know it by its pin.

use std::io::Write;
use std::path::Path;

use super::{CertificateFiles, TlsError, pin_of};

/// A certificate that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfSigned {
    /// Where it is.
    pub files: CertificateFiles,
    /// Its pin.
    pub pin: String,
}

/// Makes a certificate for these names and IP addresses and writes it, and its key for its owner
/// alone. Nothing is overwritten.
///
/// # Errors
/// When a file is there or can't be written.
pub fn make_self_signed(
    names: Vec<String>,
    files: CertificateFiles,
) -> Result<SelfSigned, TlsError> {
    let made = rcgen::generate_simple_self_signed(names)
        .map_err(|error| TlsError::Setup(error.to_string()))?;
    write_new(&files.private_key, &made.signing_key.serialize_pem())?;
    write_new(&files.certificate, &made.cert.pem())?;
    let pin = pin_of(&files.certificate)?;
    Ok(SelfSigned { files, pin })
}

fn write_new(path: &Path, text: &str) -> Result<(), TlsError> {
    let write = || {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            roost_private_files::make_folder(folder)?;
        }
        let mut file = roost_private_files::options().write(true).create_new(true).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error: std::io::Error| TlsError::file(path, error))
}
