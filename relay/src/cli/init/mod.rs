//! `roost-relay init`: the configuration, the database and the key file.

mod questions;
mod settings;

use std::io::{IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, bail};
use roost_core::clock::{Clock, SystemClock};
use roost_relay::admin;

use super::arguments::{Init, TlsChoice};
use super::file::{File, write_new};
use super::listener_file::TlsPlan;
use super::maintain;
use settings::Settings;

/// Makes what is missing. A configuration that is there is taken as it is; settings that were given
/// beside it are refused, because nothing is overwritten.
pub(super) fn init(path: &Path, given: Init, out: &mut impl Write) -> anyhow::Result<()> {
    if path.exists() {
        if !given.is_empty() {
            bail!(
                "{} exists already; nothing is overwritten. Edit it, or give --config another \
                 file; `roost-relay init` without settings makes the database and the key file \
                 that are missing.",
                path.display()
            );
        }
    } else {
        let asks = given.is_empty() && std::io::stdin().is_terminal();
        let settings = if asks { questions::ask()? } else { Settings::of(given)? };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            roost_private_files::make_folder(folder)
                .with_context(|| format!("{} can't be made", folder.display()))?;
        }
        let text = settings.render()?;
        // Before anything is written: a configuration that makes no sense is none.
        let file = File::parse(path, text.clone())?;
        file.config(path)?;
        if settings.tls == Some(TlsChoice::SelfSigned) {
            self_signed(path, &file, &settings, out)?;
        }
        write_new(path, &text)?;
        let next = if settings.public_urls.is_empty() { "; set public_urls in it" } else { "" };
        writeln!(out, "Wrote {}{next}.", path.display())?;
    }
    let config = maintain::read(path)?;
    let epoch = admin::init(&config, SystemClock.now())?;
    writeln!(out, "The database {} is ready (epoch {}).", config.database.display(), epoch.0)?;
    let key = config.key_file.display();
    writeln!(out, "The key file is {key}; keep a copy in a safe place.")?;
    writeln!(out, "Next: roost-relay serve, then roost-relay pair for each computer.")?;
    Ok(())
}

/// Makes a certificate for the hosts of the public addresses, and shows its pin.
fn self_signed(
    path: &Path,
    file: &File,
    settings: &Settings,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let TlsPlan::Files(files) = file.tls(path)? else { return Ok(()) };
    let hosts = settings.public_urls.iter().filter_map(|url| url.host_str());
    let names: Vec<_> = hosts.map(|host| host.trim_matches(['[', ']']).to_owned()).collect();
    if names.is_empty() {
        bail!("a certificate is for an address: give --public-url, such as https://203.0.113.7");
    }
    let made = roost_listener::make_self_signed(names, files)?;
    writeln!(
        out,
        "Wrote {}; its pin, by which clients know it, is sha256={}.",
        made.files.certificate.display(),
        made.pin
    )?;
    Ok(())
}
