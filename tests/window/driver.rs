//! WebDriver, as far as these tests need it: <https://www.w3.org/TR/webdriver2/>.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::desk::Desk;
use crate::process::{PATIENCE, Process, until};
use crate::tools;

/// A window that is driven.
pub(crate) struct Driver {
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    session: String,
    _process: Process,
}

impl Driver {
    /// Opens the desktop's window on `desk`, with these words in its environment.
    pub(crate) fn open(desk: &Desk, environment: &[(&str, &str)]) -> Self {
        let port = free_port();
        let process = Process::start(
            desk.command("WebKitWebDriver")
                .arg(format!("--port={port}"))
                // What `tauri-driver` would set, which adds nothing else on Linux.
                .env("TAURI_AUTOMATION", "true")
                .env("TAURI_WEBVIEW_AUTOMATION", "true")
                .envs(environment.iter().copied())
                .stderr(Stdio::inherit()),
        );
        let mut driver = Self {
            // The driver closes what it has answered, and says so too late for a second request.
            // A window that never comes is a failure with its words, not a test without an end.
            http: reqwest::Client::builder()
                .pool_max_idle_per_host(0)
                .timeout(PATIENCE)
                .build()
                .expect("a client"),
            runtime: tokio::runtime::Runtime::new().expect("a runtime"),
            session: format!("http://127.0.0.1:{port}/session"),
            _process: process,
        };
        until("the driver listens", || {
            let status = format!("http://127.0.0.1:{port}/status");
            driver.sent(driver.http.get(status)).ok()
        });
        let browser = json!({ "binary": tools::desktop(), "args": [] });
        let options = json!({ "webkitgtk:browserOptions": browser });
        let opened = driver.post("", &json!({ "capabilities": { "alwaysMatch": options } }));
        let id = opened["sessionId"].as_str().expect("a session");
        driver.session = format!("{}/{id}", driver.session);
        driver
    }

    /// Runs a script in the window and answers what it returns. Arguments are `arguments[0]` ….
    pub(crate) fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// Runs a script in the window and answers what it gives to the function `arguments[0]`.
    pub(crate) fn run_async(&self, script: &str) -> Value {
        self.post("/execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Waits until what was changed is on the screen: two frames later.
    pub(crate) fn painted(&self) {
        let script = "const done = arguments[0];
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100)))";
        self.run_async(script);
    }

    /// Whether the window has an element for this selector.
    pub(crate) fn has(&self, selector: &str) -> bool {
        self.count(selector) > 0
    }

    /// How many elements the window has for this selector.
    pub(crate) fn count(&self, selector: &str) -> u64 {
        let script = "return document.querySelectorAll(arguments[0]).length";
        self.run(script, &[selector.into()]).as_u64().unwrap_or(0)
    }

    /// The words of the first such element, once it is there.
    pub(crate) fn text(&self, selector: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.textContent ?? null";
        until(selector, || {
            let text = self.run(script, &[selector.into()]);
            text.as_str().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        })
    }

    /// Clicks the first such element, once it is there and can be clicked.
    pub(crate) fn click(&self, selector: &str) {
        let script = "const found = document.querySelector(arguments[0]);
            if (!found || found.disabled) return false;
            found.click();
            return true";
        until(selector, || self.run(script, &[selector.into()]).as_bool().filter(|done| *done));
    }

    /// Waits for an element.
    pub(crate) fn wait_for(&self, selector: &str) {
        until(selector, || self.has(selector).then_some(()));
    }

    /// Puts a value into a field, as typing it would.
    pub(crate) fn fill(&self, selector: &str, value: &str) {
        self.wait_for(selector);
        let script = "const field = document.querySelector(arguments[0]);
            field.value = arguments[1];
            field.dispatchEvent(new Event('input', { bubbles: true }))";
        self.run(script, &[selector.into(), value.into()]);
    }

    /// Presses keys, one after the other, wherever the focus is. `\u{E009}` is Control.
    pub(crate) fn press(&self, keys: &[&str]) {
        let down = keys.iter().map(|key| json!({ "type": "keyDown", "value": key }));
        let up = keys.iter().rev().map(|key| json!({ "type": "keyUp", "value": key }));
        let actions: Vec<Value> = down.chain(up).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.post("/actions", &json!({ "actions": [keyboard] }));
    }

    /// Presses and releases the mouse on an element, once it is there, as a hand does.
    pub(crate) fn click_with_mouse(&self, selector: &str) {
        let (x, y) = self.middle(selector);
        let actions = json!([
            { "type": "pointerMove", "duration": 20, "x": x, "y": y },
            { "type": "pointerDown", "button": 0 },
            { "type": "pause", "duration": 30 },
            { "type": "pointerUp", "button": 0 },
        ]);
        let mouse = json!({
            "type": "pointer", "id": "mouse",
            "parameters": { "pointerType": "mouse" }, "actions": actions,
        });
        self.post("/actions", &json!({ "actions": [mouse] }));
    }

    /// Presses the mouse on the middle of one element, moves it across to another at the same height, and
    /// lets go.
    pub(crate) fn drag_across(&self, from: &str, to: &str) {
        let from = self.middle(from);
        let to = (self.middle(to).0, from.1);
        let at =
            |(x, y): (i64, i64)| json!({ "type": "pointerMove", "duration": 50, "x": x, "y": y });
        let between = ((from.0 + to.0) / 2, (from.1 + to.1) / 2);
        let actions = json!([
            at(from),
            { "type": "pointerDown", "button": 0 },
            at(between),
            at(to),
            { "type": "pause", "duration": 50 },
            { "type": "pointerUp", "button": 0 },
        ]);
        let mouse = json!({
            "type": "pointer", "id": "mouse",
            "parameters": { "pointerType": "mouse" }, "actions": actions,
        });
        self.post("/actions", &json!({ "actions": [mouse] }));
    }

    /// Where the middle of an element is, once it is there.
    fn middle(&self, selector: &str) -> (i64, i64) {
        let script = "const found = document.querySelector(arguments[0]);
            if (!found) return null;
            const box = found.getBoundingClientRect();
            return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]";
        until(selector, || {
            let place = self.run(script, &[selector.into()]);
            Some((place.get(0)?.as_i64()?, place.get(1)?.as_i64()?))
        })
    }

    /// Types a text where the focus is, key by key.
    pub(crate) fn type_text(&self, text: &str) {
        for letter in text.chars() {
            self.press(&[&letter.to_string()]);
        }
    }

    /// Lets a file fall onto the window: the event that the system's own dropping makes.
    pub(crate) fn drop_file(&self, path: &Path) {
        let script = "window.__TAURI_INTERNALS__.invoke('plugin:event|emit', {
            event: 'tauri://drag-drop',
            payload: { paths: [arguments[0]], position: { x: 300, y: 300 } } })";
        self.run(script, &[path.to_string_lossy().into()]);
    }

    /// Makes the window a bit smaller than the screen.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        let rect = json!({ "x": 0, "y": 0, "width": width, "height": height });
        self.post("/window/rect", &rect);
    }

    /// What the window shows, as PNG in Base64.
    pub(crate) fn screenshot(&self) -> String {
        self.get("/screenshot").as_str().unwrap_or_default().to_owned()
    }

    /// Sends a request. Its deadline needs the runtime as soon as it begins.
    fn sent(&self, request: reqwest::RequestBuilder) -> reqwest::Result<reqwest::Response> {
        self.runtime.block_on(async { request.send().await })
    }

    fn get(&self, path: &str) -> Value {
        self.answer(path, self.sent(self.http.get(format!("{}{path}", self.session))))
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.session)).json(body);
        self.answer(path, self.sent(request))
    }

    fn answer(&self, path: &str, answer: reqwest::Result<reqwest::Response>) -> Value {
        let answer = answer.unwrap_or_else(|error| panic!("{path}: {error:?}"));
        let status = answer.status();
        let mut body: Value = self.runtime.block_on(answer.json()).expect("WebDriver speaks JSON");
        assert!(status.is_success(), "{path}: {body}");
        body["value"].take()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Closes the window, and so the program.
        let _ = self.sent(self.http.delete(&self.session));
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}
