//! The crowd: clients that open connections and say half a header, clients that send junk at a steady pace, and
//! clients that forge deliveries. All of it comes from one thread.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use roost_core::clock::{Clock as _, SystemClock};
use roost_qstash::signature::Signer;
use roost_relay_api::POST_TWEET_PATH;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use super::{BEFORE, FORGED, IDLE_CONNECTIONS, JUNK_PER_SECOND, SECONDS};
use crate::bench::load::{is_whole, post};
use crate::command;

/// Connections over which junk comes, and over which forgeries do.
const JUNK_CONNECTIONS: u32 = 40;
const FORGER_CONNECTIONS: u32 = 20;
/// What this process needs to open.
const OPEN_FILES: usize = 8192;
/// A client that was turned away comes again after so long.
const COMES_AGAIN: Duration = Duration::from_millis(500);
/// An answer is waited for so long.
const PATIENCE: Duration = Duration::from_secs(10);
const HALF_A_HEADER: &[u8] = b"POST /api/qstash/post-tweet HTTP/1.1\r\nHost: a";

/// What the crowd did.
#[derive(Debug, Default, Clone)]
pub(super) struct Done {
    junk: u32,
    lasted: Duration,
    pub(super) forged_refused: u32,
    /// Answered with success.
    pub(super) forged_taken: u32,
}

impl Done {
    pub(super) fn junk_per_second(&self) -> f64 {
        f64::from(self.junk) / self.lasted.as_secs_f64().max(1.0)
    }
}

/// A crowd at work.
pub(super) struct Crowd {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Done>>,
}

impl Crowd {
    pub(super) fn begin(relay: SocketAddr) -> Result<Self> {
        let limit = format!("--nofile={OPEN_FILES}");
        let own = std::process::id().to_string();
        command::output(Command::new("prlimit").args(["--pid", &own, &limit]))?;
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let thread = std::thread::spawn(move || work(relay, &asked));
        Ok(Self { stop, thread })
    }

    pub(super) fn end(self) -> Result<Done> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow!("the crowd fell"))?
    }
}

fn work(relay: SocketAddr, stop: &AtomicBool) -> Result<Done> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = Rc::new(RefCell::new(Done::default()));
    let begun = Instant::now();
    LocalSet::new().block_on(&runtime, async {
        for _ in 0..IDLE_CONNECTIONS {
            tokio::task::spawn_local(idle(relay));
        }
        for number in 0..JUNK_CONNECTIONS {
            tokio::task::spawn_local(junk(relay, number, Rc::clone(&done)));
        }
        for _ in 0..FORGER_CONNECTIONS {
            tokio::task::spawn_local(forge(relay, Rc::clone(&done)));
        }
        while !stop.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let lasted = begun.elapsed();
    let done = done.borrow().clone();
    Ok(Done { lasted, ..done })
}

/// Keeps a connection with half a header open, and opens another when it ends.
async fn idle(relay: SocketAddr) {
    loop {
        if let Ok(mut stream) = TcpStream::connect(relay).await {
            // It may be turned away at any moment: that is what is tried.
            let _ = stream.write_all(HALF_A_HEADER).await;
            let _ = stream.read(&mut [0; 64]).await;
        }
        tokio::time::sleep(COMES_AGAIN).await;
    }
}

/// Requests that no client of a relay has reason to make.
fn junk_requests(relay: SocketAddr) -> Vec<Vec<u8>> {
    let host = relay.to_string();
    let get = |path: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer rk_wrong\r\n\r\n")
            .into_bytes()
    };
    vec![
        get("/wp-login.php"),
        get("/v1/status"),
        get("/../../etc/passwd"),
        post("/v1/stage", &host, &[], &[b'{'; 4096]),
        post("/v1/pair", &host, &[], br#"{"code":"pc_guessed","device":"x"}"#),
        post(POST_TWEET_PATH, &host, &[], b"{}"),
        post("/v2/publish/http://example.org", &host, &[], b"{}"),
        post(POST_TWEET_PATH, &host, &["Upstash-Signature: a.b.c".to_owned()], &[0xff; 1024]),
    ]
}

async fn junk(relay: SocketAddr, number: u32, done: Rc<RefCell<Done>>) {
    let requests = junk_requests(relay);
    let each = Duration::from_secs(1) * JUNK_CONNECTIONS / JUNK_PER_SECOND;
    let mut beat = tokio::time::interval(each);
    let mut stream = None;
    let mut next = number as usize;
    loop {
        beat.tick().await;
        next = (next + 1) % requests.len();
        if ask(relay, &mut stream, &requests[next]).await.is_some() {
            done.borrow_mut().junk += 1;
        }
    }
}

/// Sends well-formed deliveries, each signed with a key that is none of the relay's.
async fn forge(relay: SocketAddr, done: Rc<RefCell<Done>>) {
    let signer = Signer::new("sig_of_a_forger");
    let url = format!("http://{relay}{POST_TWEET_PATH}");
    let lasts = BEFORE * 2 + Duration::from_secs(SECONDS.into());
    let mut beat = tokio::time::interval(lasts * FORGER_CONNECTIONS / FORGED);
    let mut stream = None;
    loop {
        beat.tick().await;
        let now = SystemClock.now();
        let body = serde_json::json!({
            "postId": roost_core::id::PostId::new(now).to_string(), "revision": 1
        });
        let body = body.to_string().into_bytes();
        let signature = format!("Upstash-Signature: {}", signer.sign(&url, &body, now.0 / 1000));
        let request = post(POST_TWEET_PATH, &relay.to_string(), &[signature], &body);
        match ask(relay, &mut stream, &request).await {
            Some(200..300) => done.borrow_mut().forged_taken += 1,
            Some(_) => done.borrow_mut().forged_refused += 1,
            None => {}
        }
    }
}

/// Sends a request over a connection that stays open, or over another when that ended. Returns the status.
async fn ask(relay: SocketAddr, kept: &mut Option<TcpStream>, request: &[u8]) -> Option<u16> {
    let mut stream = match kept.take() {
        Some(stream) => stream,
        None => TcpStream::connect(relay).await.ok()?,
    };
    let answer = tokio::time::timeout(PATIENCE, exchange(&mut stream, request)).await.ok()??;
    let head = String::from_utf8_lossy(&answer).to_ascii_lowercase();
    let closes = head.contains("\r\nconnection: close");
    *kept = (!closes).then_some(stream);
    head.split(' ').nth(1)?.parse().ok()
}

async fn exchange(stream: &mut TcpStream, request: &[u8]) -> Option<Vec<u8>> {
    stream.write_all(request).await.ok()?;
    let mut answer = Vec::with_capacity(1024);
    while !is_whole(&answer).ok()? {
        if stream.read_buf(&mut answer).await.ok()? == 0 {
            return None;
        }
    }
    Some(answer)
}

/// Returns after how many seconds the relay ends a connection with half a header.
pub(super) fn header_seconds(relay: SocketAddr) -> Result<f64> {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(relay)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.write_all(HALF_A_HEADER)?;
    let begun = Instant::now();
    let mut rest = Vec::new();
    // An answer, or none: the connection ends.
    let _ = stream.read_to_end(&mut rest);
    Ok(begun.elapsed().as_secs_f64())
}
