//! One connection: two pumps, and what strikes them.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;

use crate::rule::Strike;
use crate::{Direction, Rule};

const CHUNK: usize = 16 * 1024;

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// Both sides were done.
    Closed,
    /// One of the sides broke it.
    Broken,
    /// The upstream was not to be reached.
    Unreachable,
    /// Its rule refused it.
    Refused,
    /// Its rule cut it.
    Cut,
    /// Its rule reset it.
    Reset,
    /// [`crate::Proxy::sever`] ended it.
    Severed,
}

/// What became of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// Its number: they count from 0 in the order in which connections came.
    pub number: u64,
    /// The rule that it began with.
    pub rule: Rule,
    /// Bytes that reached the upstream.
    pub up: u64,
    /// Bytes that reached the client.
    pub down: u64,
    /// How it ended; none while it is open.
    pub end: Option<End>,
}

/// A connection while it is open and in memory of it.
#[derive(Debug)]
pub(crate) struct Record {
    number: u64,
    rule: Rule,
    up: AtomicU64,
    down: AtomicU64,
    end: Mutex<Option<End>>,
}

impl Record {
    pub(crate) fn new(number: u64, rule: Rule) -> Self {
        let (up, down) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { number, rule, up, down, end: Mutex::new(None) }
    }

    pub(crate) fn read(&self) -> Connection {
        Connection {
            number: self.number,
            rule: self.rule,
            up: self.up.load(Ordering::SeqCst),
            down: self.down.load(Ordering::SeqCst),
            end: *self.end.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    pub(crate) fn finish(&self, end: End) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
    }

    fn count(&self, way: Direction, bytes: usize) {
        let counter = match way {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        };
        counter.fetch_add(bytes as u64, Ordering::SeqCst);
    }
}

/// What a connection hears while it is open.
#[derive(Debug, Clone)]
pub(crate) struct Orders {
    /// The rule; each change of it begins a new count.
    pub(crate) rule: watch::Receiver<Rule>,
    /// Rises whenever all open connections are to end.
    pub(crate) severed: watch::Receiver<u64>,
}

/// Passes bytes between both sides until they are done or something strikes.
pub(crate) async fn run(
    mut client: TcpStream,
    upstream: io::Result<TcpStream>,
    record: &Arc<Record>,
    mut orders: Orders,
) -> End {
    let Ok(mut upstream) = upstream else {
        reset(&client);
        return End::Unreachable;
    };
    let end = {
        let (from_client, to_client) = client.split();
        let (from_upstream, to_upstream) = upstream.split();
        let pump = |way, from, to| Pump { way, from, to, record, rule: orders.rule.clone() };
        let up = pump(Direction::Up, from_client, to_upstream);
        let down = pump(Direction::Down, from_upstream, to_client);
        tokio::select! {
            done = async { tokio::try_join!(up.run(), down.run()) } => {
                done.map_or_else(|end| end, |_| End::Closed)
            }
            _ = orders.severed.changed() => End::Severed,
        }
    };
    match end {
        End::Reset => {
            reset(&client);
            reset(&upstream);
        }
        // What was passed on is to arrive before the end does.
        _ => {
            let _ = tokio::join!(client.shutdown(), upstream.shutdown());
        }
    }
    end
}

/// The next close is a reset.
pub(crate) fn reset(stream: &TcpStream) {
    // A connection that is gone already needs none.
    let _ = stream.set_zero_linger();
}

/// One direction of a connection.
struct Pump<'a> {
    way: Direction,
    from: ReadHalf<'a>,
    to: WriteHalf<'a>,
    record: &'a Record,
    rule: watch::Receiver<Rule>,
}

impl Pump<'_> {
    async fn run(mut self) -> Result<(), End> {
        let mut buffer = vec![0; CHUNK];
        let mut passed = 0;
        loop {
            let length = self.from.read(&mut buffer).await.map_err(|_| End::Broken)?;
            if length == 0 {
                // The other side may have ended its direction already.
                let _ = self.to.shutdown().await;
                return Ok(());
            }
            if !self.pass_on(&buffer[..length], &mut passed).await? {
                self.lose().await;
                return Ok(());
            }
        }
    }

    /// Passes a chunk on as the rule says; false when the direction was shut.
    async fn pass_on(&mut self, mut chunk: &[u8], passed: &mut u64) -> Result<bool, End> {
        while !chunk.is_empty() {
            if self.rule.has_changed().unwrap_or(false) {
                *passed = 0;
            }
            let rule = *self.rule.borrow_and_update();
            if let Some(by) = rule.delay(self.way) {
                tokio::select! {
                    () = tokio::time::sleep(by) => {}
                    // Another rule: the chunk is looked at again.
                    Ok(()) = self.rule.changed() => {
                        *passed = 0;
                        self.rule.mark_changed();
                        continue;
                    }
                }
            }
            let strike = rule.strike(self.way);
            let room = strike.map_or(u64::MAX, |(_, after)| after.saturating_sub(*passed));
            let now = chunk.len().min(usize::try_from(room).unwrap_or(usize::MAX));
            self.to.write_all(&chunk[..now]).await.map_err(|_| End::Broken)?;
            self.record.count(self.way, now);
            *passed += now as u64;
            chunk = &chunk[now..];
            match strike {
                Some((strike, _)) if !chunk.is_empty() => match strike {
                    Strike::Cut => return Err(End::Cut),
                    Strike::Reset => return Err(End::Reset),
                    Strike::HalfClose => return Ok(false),
                    Strike::Stall => {
                        // Only the proxy's own end leaves nobody to change the rule.
                        self.rule.changed().await.map_err(|_| End::Severed)?;
                        self.rule.mark_changed();
                    }
                },
                _ => {}
            }
        }
        Ok(true)
    }

    /// Shuts the direction; whatever the sender still sends is read and lost.
    async fn lose(&mut self) {
        let _ = self.to.shutdown().await;
        let mut buffer = vec![0; CHUNK];
        while self.from.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
    }
}
