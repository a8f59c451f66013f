//! The unit with which systemd runs the relay.

use std::io::Write;
use std::path::Path;

use anyhow::ensure;

use super::arguments::Systemd;

/// The unit; the words in braces are filled in.
const UNIT: &str = include_str!("../../roost-relay.service");
/// Where systemd keeps what services write.
const STATE_FOLDER: &str = "/var/lib";

/// Prints the unit for a relay with this configuration file.
pub(super) fn print(config: &Path, given: &Systemd, out: &mut impl Write) -> anyhow::Result<()> {
    let user = &given.user;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    ensure!(!user.is_empty() && user.bytes().all(is_name), "\"{user}\" is no user's name");
    let path = |path: &Path| {
        let text =
            path.to_str().filter(|text| !text.contains(|c: char| c.is_whitespace() || c == '%'));
        ensure!(
            text.is_some_and(|_| path.is_absolute()),
            "{} can't stand in a unit: name an absolute path without spaces",
            path.display()
        );
        Ok(text.unwrap_or_default().to_owned())
    };
    // Without a folder of its own named, the relay's files are where systemd makes room for them.
    let config = match config.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => config.to_owned(),
        _ => Path::new(STATE_FOLDER).join(user).join(config),
    };
    let unit = UNIT
        .replace("{user}", user)
        .replace("{program}", &path(&given.program)?)
        .replace("{config}", &path(&config)?)
        .replace("{folder}", &path(config.parent().unwrap_or(Path::new("/")))?);
    Ok(write!(out, "{unit}")?)
}
