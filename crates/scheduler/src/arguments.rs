//! The command line of `qstash-local`.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Parser, ValueEnum};
use roost_scheduler::{Config, DEV_TOKEN, Destinations, Hosts, Plan, TEST_USERS};
use url::Url;

use crate::command::Command;

/// A durable scheduler that speaks QStash's API, on this machine. Official QStash SDKs publish to
/// it and accept its signatures. Prints the variables they need.
#[derive(Debug, Parser)]
#[command(name = "qstash-local", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Answer to QStash's public development token and keys (what `QSTASH_DEV=true` expects),
    /// call every destination, and let web pages use the API. Only on loopback.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// Address to listen on.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) bind: IpAddr,
    /// File that everything is kept in.
    #[arg(long, default_value = "qstash-local.db", global = true)]
    database: PathBuf,
    /// Bearer token; without one it is made once and kept beside the database.
    #[arg(long, env = "QSTASH_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// A second token, which may look but change nothing.
    #[arg(long, env = "QSTASH_READ_ONLY_TOKEN", hide_env_values = true)]
    read_only_token: Option<String>,
    /// Hold to the limits of one of QStash's plans.
    #[arg(long, value_enum)]
    plan: Option<PlanName>,
    /// Call this destination and no other, also on this machine or in a private network; one that
    /// ends in / stands for everything below it. May be given several times.
    #[arg(long, value_name = "URL", value_parser = destination, conflicts_with = "dev")]
    only: Vec<String>,
    /// Dial URL for destinations whose origin is ORIGIN; they are still signed for as published.
    #[arg(long, value_name = "ORIGIN=URL", value_parser = via)]
    deliver_via: Vec<(String, Url)>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PlanName {
    Free,
    Payg,
    #[value(name = "1m")]
    Fixed1M,
    #[value(name = "10m")]
    Fixed10M,
}

impl From<PlanName> for Plan {
    fn from(name: PlanName) -> Self {
        match name {
            PlanName::Free => Self::Free,
            PlanName::Payg => Self::PayAsYouGo,
            PlanName::Fixed1M => Self::Fixed1M,
            PlanName::Fixed10M => Self::Fixed10M,
        }
    }
}

impl Arguments {
    /// The scheduler's configuration, and the token for who uses it.
    pub(crate) fn config(&self) -> anyhow::Result<(Config, String)> {
        if self.dev && !self.bind.is_loopback() {
            bail!("--dev answers to a token that everybody knows, so it listens on loopback only");
        }
        let token = match &self.token {
            _ if self.dev => DEV_TOKEN.to_owned(),
            Some(token) => token.clone(),
            None => kept_token(&self.database)?,
        };
        let mut config = Config::new(self.database.clone(), token.clone());
        config.read_only_token.clone_from(&self.read_only_token);
        if let Some(plan) = self.plan {
            Plan::from(plan).apply(&mut config);
        }
        config.deliver_via = self.deliver_via.iter().cloned().collect();
        if !self.bind.is_loopback() {
            config.hosts = Hosts::Any;
        }
        if !self.only.is_empty() {
            config.destinations = Destinations::Only(self.only.clone());
        }
        if self.dev {
            config.destinations = Destinations::Any;
            config.cors = true;
            config.development = true;
            config.keys = Some(TEST_USERS[0].pair());
        }
        Ok((config, token))
    }
}

fn via(text: &str) -> Result<(String, Url), String> {
    // An origin has no '='; what it is dialled at may have.
    let (origin, url) = text.split_once('=').ok_or("write it as ORIGIN=URL")?;
    let url = Url::parse(url).map_err(|error| format!("{url}: {error}"))?;
    Ok((origin.to_owned(), url))
}

/// An address with scheme and host, as it is dialled.
fn destination(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|error| format!("{text}: {error}"))?;
    match matches!(url.scheme(), "http" | "https") && url.has_host() {
        true => Ok(url.into()),
        false => Err("write it as http://HOST/PATH or https://HOST/PATH".to_owned()),
    }
}

/// The token beside the database, made when there is none; only its owner may read it.
fn kept_token(database: &Path) -> anyhow::Result<String> {
    let path = roost_private_files::beside(database, ".token");
    match roost_private_files::options().write(true).create_new(true).open(&path) {
        Ok(mut file) => {
            let token = roost_qstash::signature::fresh_key().replacen("sig_", "qstash_", 1);
            file.write_all(token.as_bytes()).with_context(|| path.display().to_string())?;
            Ok(token)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let mut token = String::new();
            std::fs::File::open(&path)
                .and_then(|file| file.take(4096).read_to_string(&mut token))
                .with_context(|| path.display().to_string())?;
            Ok(token.trim().to_owned())
        }
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}
