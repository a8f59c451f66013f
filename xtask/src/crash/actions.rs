//! What a person, a scheduler and X do to a run from outside. Each is repeated until somebody
//! takes it: whoever should may be dead at the moment.

use std::process::Output;

use anyhow::{Result, bail, ensure};

use super::crash_plan::TargetProcess;
use super::harness::{COMMAND_TRIES, Harness, READY_LIMIT};
use super::program::died;
use super::settings::{self, PUBLIC_URL, QSTASH_TOKEN};
use crate::http;
use crate::services::consent;

impl Harness {
    /// What a person does who is told that an account is not connected any more.
    pub(crate) fn sign_in(&mut self) -> Result<()> {
        self.sign_ins += 1;
        let (id, grant) = consent(&self.x, "roost_demo")?;
        for name in ["access_token", "refresh_token"] {
            self.secrets.extend(grant[name].as_str().map(str::to_owned));
        }
        let url = format!("{}/v1/accounts/{id}", self.relay_url);
        let key = self.device_key.clone();
        let done = self.until(READY_LIMIT, |_| {
            Ok(http::put(&url, &key, &grant).is_some_and(|(status, _)| status == 200))
        })?;
        ensure!(done, "the relay takes no sign-in");
        Ok(())
    }

    /// Whether the relay says that the account needs a sign-in.
    pub(crate) fn needs_sign_in(&self) -> bool {
        let accounts = http::get(&format!("{}/v1/accounts", self.relay_url), &self.device_key);
        accounts.is_some_and(|(_, accounts)| {
            accounts.as_array().is_some_and(|accounts| {
                accounts.iter().any(|account| account["health"] == "disconnected")
            })
        })
    }

    /// Pauses or resumes everything.
    pub(crate) fn pause(&mut self, paused: bool) -> Result<()> {
        let (url, key) = (format!("{}/v1/pause", self.relay_url), self.device_key.clone());
        let body = serde_json::json!({ "paused": paused });
        let done = self.until(READY_LIMIT, |_| {
            Ok(http::post(&url, &key, &[], &body).is_some_and(|(status, _)| status == 200))
        })?;
        ensure!(done, "the relay does not take the pause");
        Ok(())
    }

    /// Lets the scheduler deliver a post once more, as if it had forgotten that it did.
    pub(crate) fn deliver_again(&mut self, post: &str, revision: i64) -> Result<()> {
        let url = format!("{}/v2/publish/{PUBLIC_URL}/api/qstash/post-tweet", self.scheduler_url);
        let body = serde_json::json!({ "postId": post, "revision": revision });
        let headers = [("Upstash-Retries", "3".to_owned())];
        let done = self.until(READY_LIMIT, |_| {
            let answer = http::post(&url, QSTASH_TOKEN, &headers, &body);
            Ok(answer.is_some_and(|(status, _)| status < 300))
        })?;
        ensure!(done, "the scheduler takes no message");
        Ok(())
    }

    /// From now on X shows a new post only so many milliseconds later.
    pub(crate) fn lag(&self, millis: u64) -> Result<()> {
        if millis == 0 {
            return Ok(());
        }
        self.fault(&serde_json::json!({ "on": "timeline", "kind": "lag", "millis": millis }))
    }

    /// Pairs the desktop with the relay.
    pub(crate) fn pair(&mut self) -> Result<()> {
        let link = format!(
            "roost://pair?relay={}&key={}&qstash={}&token={QSTASH_TOKEN}&public={PUBLIC_URL}",
            self.ways.relay, self.device_key, self.ways.scheduler
        );
        self.roost(&["pair", "--key-in-file", &link], |_| Ok(false)).map(drop)
    }

    /// Gives the desktop a key for the relay's database, which is made if there is none.
    pub(crate) fn add_device(&mut self) -> Result<()> {
        self.relay_command(&["init"])?;
        let added = self.relay_command(&["device", "add", "crash"])?;
        self.device_key = String::from_utf8(added.stdout)?.trim().to_owned();
        ensure!(!self.device_key.is_empty(), "the relay gave no device key");
        self.secrets.push(self.device_key.clone());
        Ok(())
    }

    /// Arms a fault of the sandbox.
    pub(crate) fn fault(&self, fault: &serde_json::Value) -> Result<()> {
        let armed = http::post(&format!("{}/_sandbox/faults", self.x), "", &[], fault);
        ensure!(armed.as_ref().is_some_and(|(status, _)| *status == 201), "no fault: {armed:?}");
        Ok(())
    }

    /// Gives a command of Roost's, again and again while it dies, unless `done` says that what it
    /// was for is there already.
    pub(crate) fn roost(
        &mut self,
        arguments: &[&str],
        done: impl Fn(&Self) -> Result<bool>,
    ) -> Result<Option<Output>> {
        for _ in 0..COMMAND_TRIES {
            let mut command = settings::roost(&self.programs, &self.folder);
            command.args(arguments).arg("--json");
            self.plan.arm(TargetProcess::Engine, &self.folder.join("trace"), &mut command);
            let output = self.run(&mut command)?;
            if !died(output.status) {
                self.log(arguments, &output)?;
                return Ok(Some(output));
            }
            if done(self)? {
                return Ok(None);
            }
        }
        bail!("\"{}\" dies again and again", arguments.join(" "))
    }

    /// A command of the relay's, beside or without the relay.
    pub(crate) fn relay_command(&mut self, arguments: &[&str]) -> Result<Output> {
        let mut command = settings::relay(&self.programs, &self.folder);
        command.args(arguments);
        if let Some(guard) = self.plan.broken {
            command.env("CRASH_POINTS_SABOTAGE", guard.as_str());
        }
        let output = self.run(&mut command)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "roost-relay {} failed: {said}", arguments.join(" "));
        Ok(output)
    }

    fn log(&self, arguments: &[&str], output: &Output) -> Result<()> {
        use std::io::Write as _;
        let path = self.folder.join("logs/commands.log");
        let mut log = std::fs::File::options().create(true).append(true).open(path)?;
        if arguments[0] != "pair" {
            writeln!(log, "roost {} → {}", arguments.join(" "), output.status)?;
        }
        log.write_all(&output.stdout)?;
        log.write_all(&output.stderr)?;
        Ok(())
    }
}
