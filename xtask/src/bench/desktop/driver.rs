//! WebDriver, as far as the measurement needs it: <https://www.w3.org/TR/webdriver2/>.
#![expect(
    clippy::disallowed_methods,
    reason = "a driver of the display is asked here and nowhere else"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::super::program::free_address;
use super::display::{Display, Ended};

/// The longest that a script may run, and that anything may take to be there.
const PATIENCE: Duration = Duration::from_secs(3600);
const START_PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at what is about to be there: far below what is measured.
const LOOK: Duration = Duration::from_millis(2);

/// A window that is driven.
pub(super) struct Driver {
    session: String,
    process: Ended,
    /// When the program was asked for.
    asked: Instant,
}

impl Driver {
    /// Starts `program` on `display`.
    pub(super) fn open(
        display: &Display,
        program: &Path,
        environment: &[(String, String)],
    ) -> Result<Self> {
        let address = free_address()?;
        let mut driver = display.command(Path::new("WebKitWebDriver"));
        driver
            .arg(format!("--port={}", address.port()))
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .envs(environment.iter().map(|(name, word)| (name, word)))
            .stdout(display.log()?)
            .stderr(display.log()?);
        let process = Ended::start(&mut driver)?;
        let base = format!("http://{address}");
        let begun = Instant::now();
        while ask("GET", &format!("{base}/status"), &Value::Null).is_err() {
            if begun.elapsed() > START_PATIENCE {
                bail!("WebKitWebDriver does not answer");
            }
            std::thread::sleep(LOOK);
        }
        let browser = json!({ "binary": program, "args": [] });
        let wanted =
            json!({ "capabilities": { "alwaysMatch": { "webkitgtk:browserOptions": browser } } });
        let asked = Instant::now();
        let opened = ask("POST", &format!("{base}/session"), &wanted)?;
        let id = opened["sessionId"].as_str().context("the window was not opened")?;
        let session = format!("{base}/session/{id}");
        let limits = json!({ "script": u64::try_from(PATIENCE.as_millis())? });
        ask("POST", &format!("{session}/timeouts"), &limits)?;
        Ok(Self { session, process, asked })
    }

    /// The driver's process id; the window's processes are its children.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Waits for an element; returns the time since the program was asked for.
    pub(super) fn wait_for(&self, selector: &str) -> Result<Duration> {
        let script = "return document.querySelector(arguments[0]) !== null";
        loop {
            let found = self.run(script, &[selector.into()])?;
            let passed = self.asked.elapsed();
            if found == Value::Bool(true) {
                return Ok(passed);
            }
            if passed > START_PATIENCE {
                bail!("{selector} never came");
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Runs a script and returns what it returns. Arguments are `arguments[0]` ….
    pub(super) fn run(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.post("/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// Runs the body of an asynchronous function over the measurement's own helpers, and returns what it
    /// returns; what it throws is an error.
    pub(super) fn measure(&self, body: &str) -> Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             {}
             (async () => {{ {body} }})().then(
                (value) => done({{ value }}),
                (error) => done({{ error: String(error) }}),
             )",
            include_str!("page.js")
        );
        let told = self.post("/execute/async", &json!({ "script": script, "args": [] }))?;
        if let Some(error) = told["error"].as_str() {
            bail!("{error}");
        }
        Ok(told["value"].clone())
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        ask("POST", &format!("{}{path}", self.session), body)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Closes the window, and so the program.
        let _ = ask("DELETE", &self.session, &Value::Null);
    }
}

fn ask(method: &str, url: &str, body: &Value) -> Result<Value> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .build()
        .into();
    let mut answer = match method {
        "GET" => agent.get(url).call()?,
        "DELETE" => agent.delete(url).call()?,
        _ => agent.post(url).content_type("application/json").send(body.to_string())?,
    };
    let status = answer.status();
    let text = answer.body_mut().with_config().limit(50_000_000).read_to_string()?;
    let mut told: Value = serde_json::from_str(&text)?;
    if !status.is_success() {
        bail!("{url}: {told}");
    }
    Ok(told["value"].take())
}
