//! Everything but serving.

use std::io::Write;
use std::path::Path;

use anyhow::bail;
use roost_core::clock::{Clock, SystemClock};
use roost_log_writer::say;
use roost_relay::{Config, admin};
use url::Url;

use super::arguments::Device;
use super::file::File;

pub(super) fn read(path: &Path) -> anyhow::Result<Config> {
    File::read(path)?.config(path)
}

pub(super) fn device(path: &Path, what: Device, out: &mut impl Write) -> anyhow::Result<()> {
    let file = File::read(path)?;
    let config = file.config(path)?;
    let database = config.database.clone();
    match what {
        Device::Add { name, embedded_scheduler } => {
            let embedded_scheduler = embedded_scheduler || file.embedded_scheduler();
            let token =
                embedded_scheduler.then(|| super::scheduler::token_of(&config)).transpose()?;
            let key = admin::add_device(&database, &name, SystemClock.now())?;
            // The key alone on stdout, so that it can be piped.
            say(format_args!("The key of \"{name}\"; it is shown this once:"));
            if let Err(error) = writeln!(out, "{}", key.expose()) {
                // Nobody saw the key, and it is kept nowhere.
                admin::remove_device(&database, &name, SystemClock.now())?;
                bail!("the key could not be written ({error}); the device was not added");
            }
            let pin = super::pair::pin(&file, path)?;
            match pairing_link(&config, key.expose(), token.as_deref(), pin.as_deref()) {
                Some(link) => say(format_args!(
                    "On that desktop run `roost pair`, and paste this when it asks:\n  {link}"
                )),
                None => say(format_args!(
                    "There is no link for `roost pair`, because public_urls is empty in {}: set it \
                     there, remove the device and add it again. Or give that desktop this key as \
                     ROOST_RELAY_KEY, beside ROOST_RELAY_URL.",
                    path.display()
                )),
            }
        }
        Device::Remove { name } => {
            admin::remove_device(&database, &name, SystemClock.now())?;
            writeln!(out, "\"{name}\" may not speak to the relay any more.")?;
        }
        Device::List => {
            for (name, since) in admin::devices(&database)? {
                writeln!(out, "{name}\tsince {since}")?;
            }
        }
    }
    Ok(())
}

/// What `roost pair` reads: where the relay is, the key and, embedded, the scheduler. None while
/// the relay has no public address.
fn pairing_link(config: &Config, key: &str, token: Option<&str>, pin: Option<&str>) -> Option<Url> {
    let relay = config.public_urls.first()?.as_str().trim_end_matches('/');
    let mut link = Url::parse("roost://pair").ok()?;
    link.query_pairs_mut().append_pair("relay", relay).append_pair("key", key);
    if let Some(token) = token {
        link.query_pairs_mut().append_pair("qstash", relay).append_pair("token", token);
    }
    if let Some(pin) = pin {
        link.query_pairs_mut().append_pair("pin", pin);
    }
    Some(link)
}

pub(super) fn accounts(path: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    for account in admin::accounts(&read(path)?.database)? {
        let health = format!("{:?}", account.health).to_lowercase();
        let message = account.message.unwrap_or_default();
        writeln!(out, "@{}\t{}\t{health}\t{message}", account.username, account.x_user_id)?;
    }
    Ok(())
}

pub(super) fn audit(path: &Path, limit: u32, out: &mut impl Write) -> anyhow::Result<()> {
    for action in admin::actions(&read(path)?.database, limit)? {
        writeln!(out, "{}\t{}\t{}\t{}", action.at, action.who, action.what, action.about)?;
    }
    Ok(())
}

pub(super) fn move_out(path: &Path, to: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let config = read(path)?;
    for file in admin::move_out(path, &config, to, SystemClock.now())? {
        writeln!(out, "Wrote {}.", file.display())?;
    }
    let database = config.database.display();
    writeln!(out, "{database} is frozen: no relay serves it again.")?;
    writeln!(
        out,
        "Copy {} to the new machine, for the relay's user alone, let the name lead there, and run \
         `roost-relay serve` in it.",
        to.display()
    )?;
    Ok(())
}

pub(super) fn backup(path: &Path, to: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    admin::backup(&read(path)?.database, to)?;
    writeln!(out, "Wrote {}.", to.display())?;
    Ok(())
}

pub(super) fn restore(path: &Path, from: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let config = read(path)?;
    let kept = admin::restore(from, &config.database, SystemClock.now())?;
    writeln!(out, "{} is the backup now, under a new mark.", config.database.display())?;
    if let Some(kept) = kept {
        writeln!(out, "What stood there is kept as {}.", kept.display())?;
    }
    writeln!(out, "Start the relay, then open each desktop: it tells the relay what it forgot.")?;
    Ok(())
}

pub(super) fn new_key(path: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let config = read(path)?;
    let accounts = admin::new_key(&config, SystemClock.now())?;
    let key = config.key_file.display();
    writeln!(out, "Made the key file {key}; keep a copy in a safe place.")?;
    for account in accounts {
        writeln!(out, "@{account} is signed out: sign in again on its desktop. Its posts wait.")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pairing_link_says_where_and_with_which_keys() {
        let mut config = Config::new("relay.sqlite");
        assert_eq!(pairing_link(&config, "rk_1", None, None), None, "nobody could reach it");
        config.public_urls = vec![Url::parse("https://relay.example.org").expect("an address")];
        let link = pairing_link(&config, "rk_1", Some("a+b"), None).expect("a link");
        assert_eq!(
            link.as_str(),
            "roost://pair?relay=https%3A%2F%2Frelay.example.org&key=rk_1\
             &qstash=https%3A%2F%2Frelay.example.org&token=a%2Bb"
        );
    }
}
