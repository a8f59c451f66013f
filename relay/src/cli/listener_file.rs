//! The parts of the configuration file that say how the relay listens: `[tls]` and `[connections]`.

use std::path::{Path, PathBuf};

use roost_listener::{Acme, CertificateFiles, Limits};
use serde::Deserialize;
use url::Url;

use super::setting::{Wrong, seconds};

/// Let's Encrypt.
const ACME_DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// Where `init` puts a certificate that vouches for itself, beside the configuration file.
pub(super) const CERTIFICATE_FILE: &str = "tls/certificate.pem";
pub(super) const PRIVATE_KEY_FILE: &str = "tls/private-key.pem";

/// How TLS is spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TlsPlan {
    /// Not by the relay: a proxy does, or nothing leaves this computer.
    Off,
    Files(CertificateFiles),
    Acme(Acme),
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Off,
    Files,
    Acme,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TlsFile {
    #[serde(default)]
    mode: Mode,
    certificate: Option<PathBuf>,
    private_key: Option<PathBuf>,
    acme_domains: Option<Vec<String>>,
    acme_contact: Option<String>,
    acme_directory: Option<Url>,
    acme_roots: Option<PathBuf>,
    acme_folder: Option<PathBuf>,
}

impl TlsFile {
    /// Returns the plan; paths are beside the configuration file unless absolute.
    pub(super) fn plan(&self, folder: &Path, public_urls: &[Url]) -> Result<TlsPlan, Wrong> {
        let path = |given: &Option<PathBuf>, default: &str| {
            folder.join(given.as_deref().unwrap_or(Path::new(default)))
        };
        Ok(match self.mode {
            Mode::Off => TlsPlan::Off,
            Mode::Files => TlsPlan::Files(CertificateFiles {
                certificate: path(&self.certificate, CERTIFICATE_FILE),
                private_key: path(&self.private_key, PRIVATE_KEY_FILE),
            }),
            Mode::Acme => TlsPlan::Acme(Acme {
                domains: self.domains(public_urls)?,
                contact: self.acme_contact.iter().map(|mail| format!("mailto:{mail}")).collect(),
                directory: self
                    .acme_directory
                    .as_ref()
                    .map_or(ACME_DIRECTORY, Url::as_str)
                    .to_owned(),
                roots: self.acme_roots.as_ref().map(|roots| folder.join(roots)),
                folder: path(&self.acme_folder, "acme"),
            }),
        })
    }

    /// The names of the certificate: those of the public addresses, unless others are given.
    fn domains(&self, public_urls: &[Url]) -> Result<Vec<String>, Wrong> {
        let of_urls = || {
            let mut names: Vec<String> = public_urls
                .iter()
                .filter(|url| url.scheme() == "https")
                .filter_map(|url| url.domain().map(str::to_owned))
                .collect();
            names.sort();
            names.dedup();
            names
        };
        let domains = self.acme_domains.clone().unwrap_or_else(of_urls);
        if domains.is_empty() {
            let reason = "a certificate through ACME is for a name: put https:// and the name into \
                          public_urls, or names into acme_domains";
            return Err(Wrong::new("mode", reason));
        }
        Ok(domains)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectionsFile {
    max: Option<usize>,
    header_timeout_seconds: Option<f64>,
    idle_timeout_seconds: Option<f64>,
    write_timeout_seconds: Option<f64>,
}

impl ConnectionsFile {
    pub(super) fn limits(&self) -> Result<Limits, Wrong> {
        let mut limits = Limits::default();
        if let Some(max) = self.max {
            if max == 0 {
                return Err(Wrong::new("max", "at least one connection must be allowed"));
            }
            limits.connections = max;
        }
        for (name, given, limit) in [
            ("header_timeout_seconds", self.header_timeout_seconds, &mut limits.header_timeout),
            ("idle_timeout_seconds", self.idle_timeout_seconds, &mut limits.idle_timeout),
            ("write_timeout_seconds", self.write_timeout_seconds, &mut limits.write_timeout),
        ] {
            if let Some(value) = given {
                *limit = seconds(name, value)?;
                if limit.is_zero() {
                    return Err(Wrong::new(name, format!("{name} must be longer than nothing")));
                }
            }
        }
        Ok(limits)
    }
}
