//! A real browser that opens the page: WebKit's own small one, on a display that nobody sees,
//! driven through WebDriver. Without the tools these tests say that they skip, and fail when
//! `ROOST_REQUIRE_TOOLS=1` asks for them.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::support::eventually;

/// Ended when it is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A browser with one window.
pub(crate) struct Browser {
    http: reqwest::Client,
    address: String,
    session: String,
    // In the order in which they end.
    _driver: Process,
    _screen: Process,
    _home: tempfile::TempDir,
}

impl Browser {
    /// Opens it; nothing where the machine has none.
    pub(crate) async fn open() -> Option<Self> {
        if !has_tools() {
            return None;
        }
        rustls::crypto::ring::default_provider().install_default().ok();
        let home = tempfile::tempdir().unwrap();
        let mut screen = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x860x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut number = String::new();
        BufReader::new(screen.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let screen = Process(screen);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .env("DISPLAY", format!(":{}", number.trim()))
            .env_remove("WAYLAND_DISPLAY")
            // It begins with nothing and leaves nothing.
            .env("HOME", home.path())
            .env("XDG_CACHE_HOME", home.path().join("cache"))
            .env("XDG_DATA_HOME", home.path().join("data"))
            .stdout(Stdio::null())
            .spawn();
        let driver = Process(driver.unwrap());
        // The driver closes what it has answered, and says so too late for a second request.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        let address = format!("127.0.0.1:{port}");
        let session = String::new();
        let mut browser =
            Self { http, address, session, _driver: driver, _screen: screen, _home: home };
        eventually("the driver listens", async || {
            browser.http.get(format!("http://{}/status", browser.address)).send().await.ok()
        })
        .await;
        let opened = browser.post("/session", &json!({ "capabilities": {} })).await;
        browser.session = format!("/session/{}", opened["sessionId"].as_str().unwrap());
        Some(browser)
    }

    pub(crate) async fn go(&self, url: &str) {
        self.post(&format!("{}/url", self.session), &json!({ "url": url })).await;
    }

    /// Runs a script in the page and answers what it returns. Arguments are `arguments[0]` ….
    pub(crate) async fn run(&self, script: &str, arguments: &[&str]) -> Value {
        let path = format!("{}/execute/sync", self.session);
        self.post(&path, &json!({ "script": script, "args": arguments })).await
    }

    /// The words of the page.
    pub(crate) async fn text(&self) -> String {
        self.run("return document.body.innerText", &[]).await.as_str().unwrap().to_owned()
    }

    /// How many elements there are.
    pub(crate) async fn count(&self, selector: &str) -> u64 {
        let script = "return document.querySelectorAll(arguments[0]).length";
        self.run(script, &[selector]).await.as_u64().unwrap()
    }

    /// Waits until so many elements are there.
    pub(crate) async fn until_count(&self, selector: &str, count: u64) {
        eventually(selector, async || (self.count(selector).await == count).then_some(())).await;
    }

    /// Clicks the first button inside `selector` that is labelled so, once it is there.
    pub(crate) async fn click(&self, selector: &str, label: &str) {
        let script = "const buttons = [...document.querySelectorAll(`${arguments[0]} button`)];
            const found = buttons.find((button) => button.textContent === arguments[1]);
            found?.click();
            return Boolean(found)";
        eventually(label, async || {
            (self.run(script, &[selector, label]).await == true).then_some(())
        })
        .await;
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("http://{}{path}", self.address);
        let request = self.http.post(url).header("Content-Type", "application/json");
        let answer = request.body(body.to_string()).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str::<Value>(&text).unwrap()["value"].take()
    }
}

impl Drop for Browser {
    /// Closes the window; without that the browser would outlive its driver.
    fn drop(&mut self) {
        let request = format!(
            "DELETE {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.session, self.address
        );
        if let Ok(mut stream) = TcpStream::connect(&self.address) {
            stream.set_read_timeout(Some(std::time::Duration::from_secs(10))).ok();
            stream.write_all(request.as_bytes()).ok();
            stream.read_exact(&mut [0; 12]).ok();
        }
    }
}

fn has_tools() -> bool {
    let missing: Vec<_> = [("WebKitWebDriver", "--version"), ("Xvfb", "-help")]
        .into_iter()
        .filter(|(tool, asked)| Command::new(tool).arg(asked).output().is_err())
        .map(|(tool, _)| tool)
        .collect();
    if missing.is_empty() {
        return true;
    }
    let words = format!("{} missing: run cargo xtask setup", missing.join(", "));
    assert!(std::env::var_os("ROOST_REQUIRE_TOOLS").is_none_or(|value| value != "1"), "{words}");
    println!("skipped: {words}");
    false
}
