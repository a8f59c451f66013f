//! The receiver that everybody delivers to: it answers 200 and remembers what came when. A thread
//! of its own and no HTTP library, so that it costs all contenders the same, and little.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use roost_core::clock::{Clock as _, SystemClock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::message::number_in;

const DONE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
/// What takes longer than this to arrive does not arrive.
const PATIENCE: Duration = Duration::from_secs(90);
/// Between two looks at what came.
const LOOK: Duration = Duration::from_millis(5);

/// A running receiver; it ends with the process.
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

/// What came since the last look.
#[derive(Debug, Default)]
pub(super) struct Seen {
    first: Option<Instant>,
    last: Option<Instant>,
    /// Deliveries, repeated ones among them.
    pub(super) count: usize,
    distinct: HashSet<i64>,
    /// Milliseconds after the due time; negative: too early.
    pub(super) late: Vec<f64>,
}

impl Seen {
    fn add(&mut self, body: &[u8]) {
        let now = Instant::now();
        self.first.get_or_insert(now);
        self.last = Some(now);
        self.count += 1;
        self.distinct.extend(number_in(body, "number"));
        let due = number_in(body, "due").unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "minutes at most")]
        self.late.push((SystemClock.now().0 - due) as f64);
    }

    /// Deliveries per second, from the first to the last.
    pub(super) fn per_second(&self) -> f64 {
        let took = self.first.zip(self.last).map_or(Duration::ZERO, |(first, last)| last - first);
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let rate = self.count as f64 / took.as_secs_f64();
        rate
    }
}

impl Receiver {
    /// Starts it on a thread of its own.
    pub(super) fn start() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let (address, seen) = (listener.local_addr()?, Arc::new(Mutex::new(Seen::default())));
        let shared = seen.clone();
        std::thread::Builder::new().name("receiver".into()).spawn(move || {
            runtime.block_on(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let seen = shared.clone();
                    // Who goes away in the middle of a request ends the connection, no more.
                    tokio::spawn(async move { converse(stream, &seen).await.ok() });
                }
            });
        })?;
        Ok(Self { address, seen })
    }

    /// Its URL, as messages name it.
    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `count` different messages came, and tells of them; the next ones are counted
    /// anew.
    pub(super) fn take(&self, count: usize) -> Result<Seen> {
        let begun = Instant::now();
        while self.seen().distinct.len() < count {
            if begun.elapsed() > PATIENCE {
                bail!("{} of {count} messages were delivered", self.seen().distinct.len());
            }
            std::thread::sleep(LOOK);
        }
        Ok(std::mem::take(&mut *self.seen()))
    }

    /// Forgets what came.
    pub(super) fn clear(&self) {
        *self.seen() = Seen::default();
    }
}

async fn converse(mut stream: TcpStream, seen: &Mutex<Seen>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut read = Vec::with_capacity(4096);
    loop {
        while let Some((head, end)) = whole(&read)? {
            seen.lock().unwrap_or_else(PoisonError::into_inner).add(&read[head..end]);
            read.drain(..end);
            stream.write_all(DONE).await?;
        }
        if stream.read_buf(&mut read).await? == 0 {
            return Ok(());
        }
    }
}

/// Where the body of the first request begins and ends, once all of it is there.
fn whole(read: &[u8]) -> Result<Option<(usize, usize)>> {
    const LENGTH: &[u8] = b"content-length:";
    let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let mut lines = read[..end].split(|byte| *byte == b'\n');
    let length = lines.find_map(|line| {
        let (name, value) = line.split_at_checked(LENGTH.len())?;
        name.eq_ignore_ascii_case(LENGTH).then_some(value)
    });
    let length = length.map_or(Ok("0"), std::str::from_utf8)?.trim().parse::<usize>()?;
    let (head, end) = (end + 4, end + 4 + length);
    Ok((read.len() >= end).then_some((head, end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_with_its_body() {
        let request = b"POST / HTTP/1.1\r\nHost: h\r\ncontent-Length: 2\r\n\r\n{}POST";
        assert_eq!(whole(request).expect("a head"), Some((47, 49)));
        for cut in 0..49 {
            assert_eq!(whole(&request[..cut]).expect("no error"), None, "{cut} bytes");
        }
    }
}
