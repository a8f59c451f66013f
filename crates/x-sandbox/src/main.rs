//! `x-sandbox`: the imitation of X as a program of its own.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use roost_core::limits::{Limits, Plan};
use roost_log_writer::Format;
use roost_x_sandbox::{Config, NewAccount, Sandbox};

/// An imitation of X's API v2 on this computer, for demonstrations and tests.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The database file: it remembers every post, and every request for one.
    #[arg(long, value_name = "FILE", default_value = "x-sandbox.db")]
    database: PathBuf,
    /// Handles of accounts to begin with; `ada:PremiumPlus` has a subscription.
    #[arg(long, value_delimiter = ',', default_value = "ada")]
    accounts: Vec<String>,
    /// Whether a text like a recent one of the same account is refused.
    #[arg(long, value_enum, default_value_t = Switch::On)]
    duplicates: Switch,
    /// How many posts are allowed: `default` (X's pay-per-use plan), `demo`, or a JSON file.
    #[arg(long, value_name = "FILE|demo|default", default_value = "default")]
    limits: String,
    /// How long an access token lives, in seconds.
    #[arg(long, default_value_t = 7200)]
    access_token_seconds: u64,
    /// A spent refresh token, shown again, ends all tokens of the same consent.
    #[arg(long)]
    revoke_family: bool,
    /// The consent page says yes by itself, for the first account.
    #[arg(long)]
    auto_approve: bool,
    /// Print one line of JSON with the address once it answers.
    #[arg(long)]
    print_ready: bool,
    /// End when standard input closes, so that a parent's end ends it too.
    #[arg(long)]
    exit_with_stdin: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

#[tokio::main]
async fn main() -> ExitCode {
    let _log = roost_log_writer::begin("RUST_LOG", "info,refinery_core=warn", Format::Text);
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            roost_log_writer::say(format_args!("x-sandbox: {message}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let print_ready = arguments.print_ready;
    let port = arguments.port;
    let exit_with_stdin = arguments.exit_with_stdin;
    let running =
        Sandbox::start(config(arguments)?, port).await.map_err(|error| error.to_string())?;
    let base_url = running.base_url();
    if print_ready {
        let ready = serde_json::json!({ "ready": true, "base_url": base_url });
        // Whoever started this may not read on; that is no reason to stop.
        let _ = writeln!(std::io::stdout(), "{ready}");
    }
    tracing::info!(%base_url, "the sandbox answers");
    running
        .until(async {
            tokio::select! {
                () = interrupted() => {}
                () = stdin_closed(), if exit_with_stdin => {}
            }
        })
        .await;
    Ok(())
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "no signal to wait for; stop the sandbox by ending it");
        std::future::pending::<()>().await;
    }
}

async fn stdin_closed() {
    let _end = tokio::io::copy(&mut tokio::io::stdin(), &mut tokio::io::sink()).await;
}

fn config(arguments: Arguments) -> Result<Config, String> {
    let mut config = Config::new(arguments.database);
    config.accounts = arguments.accounts.iter().map(|text| account(text)).collect();
    config.duplicates = arguments.duplicates == Switch::On;
    config.access_token_lifetime = std::time::Duration::from_secs(arguments.access_token_seconds);
    config.revoke_family_on_replay = arguments.revoke_family;
    config.auto_approve = arguments.auto_approve;
    config.route_rates = arguments.limits != "demo";
    config.limits = match arguments.limits.as_str() {
        "demo" => Limits::of(Plan::Demo),
        "default" => Limits::default(),
        file => {
            let text = std::fs::read_to_string(file)
                .map_err(|error| format!("--limits {file}: {error}"))?;
            serde_json::from_str(&text).map_err(|error| {
                format!("--limits {file}: {error}; see the limits of the relay's configuration")
            })?
        }
    };
    Ok(config)
}

fn account(text: &str) -> NewAccount {
    let (username, subscription) = match text.split_once(':') {
        Some((username, subscription)) => (username, Some(subscription.to_owned())),
        None => (text, None),
    };
    NewAccount { subscription_type: subscription, ..NewAccount::named(username) }
}
