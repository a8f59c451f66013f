//! The listener, and how it is told what to do.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::link::{self, Connection, End, Orders, Record};
use crate::{Mix, Rule};

/// Gives each new connection its rule, by its number.
type Plan = Box<dyn FnMut(u64) -> Rule + Send>;

/// A TCP proxy on loopback in front of one upstream. It ends with its drop, open connections too.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

struct Shared {
    door: Mutex<Door>,
    severed: watch::Sender<u64>,
}

/// What the next connection meets.
struct Door {
    upstream: SocketAddr,
    plan: Plan,
    /// What open connections hear, each through its own channel.
    open: Vec<watch::Sender<Rule>>,
    records: Vec<Arc<Record>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    fn door(&self) -> MutexGuard<'_, Door> {
        // A list of plain values: whoever panicked left it whole.
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.sever();
        self.listening.abort();
    }
}

impl Proxy {
    /// Listens on a free port of loopback, and passes everything.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let door = Door {
            upstream,
            plan: Box::new(|_| Rule::Pass),
            open: Vec::new(),
            records: Vec::new(),
        };
        let shared = Arc::new(Shared { door: Mutex::new(door), severed: watch::channel(0).0 });
        let listening = tokio::spawn(listen(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, listening })
    }

    /// Where clients connect.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as an HTTP address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// One rule for all: for the open connections from this byte on, and for the new ones.
    pub fn set(&self, rule: Rule) {
        let mut door = self.shared.door();
        door.plan = Box::new(move |_| rule);
        door.open.retain(|connection| connection.send(rule).is_ok());
    }

    /// A rule for each new connection, by its number. Open ones keep theirs.
    pub fn plan(&self, plan: impl FnMut(u64) -> Rule + Send + 'static) {
        self.shared.door().plan = Box::new(plan);
    }

    /// Rules drawn from a seed for the new connections. Open ones keep theirs.
    pub fn draw(&self, mix: Mix, seed: u64) {
        self.plan(move |number| mix.rule(seed, number));
    }

    /// Ends all open connections.
    pub fn sever(&self) {
        self.shared.severed.send_modify(|times| *times += 1);
    }

    /// Everything passes again, and connections that were struck end.
    pub fn heal(&self) {
        self.plan(|_| Rule::Pass);
        self.sever();
    }

    /// New connections go there: an upstream that was started anew has another port.
    pub fn point_at(&self, upstream: SocketAddr) {
        self.shared.door().upstream = upstream;
    }

    /// What became of every connection so far, in the order in which they came.
    #[must_use]
    pub fn connections(&self) -> Vec<Connection> {
        self.shared.door().records.iter().map(|record| record.read()).collect()
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        // A connection that was gone before it was taken is nobody's.
        let Ok((client, _)) = listener.accept().await else { continue };
        let (record, upstream, orders) = admit(&shared);
        tokio::spawn(serve(client, upstream, record, orders));
    }
}

/// Takes a connection in: its number, its rule, and its way to hear of changes.
fn admit(shared: &Shared) -> (Arc<Record>, SocketAddr, Orders) {
    let mut door = shared.door();
    let number = door.records.len() as u64;
    let rule = (door.plan)(number);
    let record = Arc::new(Record::new(number, rule));
    door.records.push(Arc::clone(&record));
    let (sender, rule) = watch::channel(rule);
    door.open.retain(|connection| !connection.is_closed());
    door.open.push(sender);
    let mut severed = shared.severed.subscribe();
    severed.mark_unchanged();
    (record, door.upstream, Orders { rule, severed })
}

async fn serve(client: TcpStream, upstream: SocketAddr, record: Arc<Record>, orders: Orders) {
    let _ = client.set_nodelay(true);
    if record.read().rule == Rule::Refuse {
        link::reset(&client);
        record.finish(End::Refused);
        return;
    }
    let upstream = TcpStream::connect(upstream).await.inspect(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let end = link::run(client, upstream, &record, orders).await;
    record.finish(end);
}
