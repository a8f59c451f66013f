//! Reading, beside the writer: two threads, each with a read-only connection of its own. Threads
//! that live as long as the relay, because each one keeps memory for itself; and ours alone, so
//! that no read waits for somebody's name to be looked up.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use super::DatabaseError;

/// Threads, and so reads at the same time.
pub(super) const COUNT: usize = 2;
/// Pages that one connection keeps; the system's own cache holds the rest.
const CACHE_KIB: i32 = 512;

/// Takes a connection, or why there is none, and tells the caller.
type Read = Box<dyn FnOnce(Result<&Connection, DatabaseError>) + Send>;
type Queue = Arc<Mutex<mpsc::Receiver<Read>>>;

pub(super) struct Readers {
    /// Both are there until the drop.
    reads: Option<mpsc::Sender<Read>>,
    threads: Vec<JoinHandle<()>>,
}

impl Drop for Readers {
    /// The file is closed when this returns, unless a reader itself was the last to hold it.
    fn drop(&mut self) {
        drop(self.reads.take());
        let current = std::thread::current().id();
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != current) {
            // A read that panicked was told to its caller.
            let _ = thread.join();
        }
    }
}

impl Readers {
    pub(super) fn start(path: &Path) -> std::io::Result<Self> {
        let (reads, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let start = |_| {
            let (path, queue) = (path.to_owned(), Arc::clone(&queue));
            std::thread::Builder::new()
                .name("relay-reader".to_owned())
                .spawn(move || run(&path, &queue))
        };
        let threads = (0..COUNT).map(start).collect::<std::io::Result<_>>()?;
        Ok(Self { reads: Some(reads), threads })
    }

    pub(super) async fn read<T, F>(&self, point: &'static str, body: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (answer, heard) = oneshot::channel();
        let read: Read = Box::new(move |connection| {
            let read = |c| body(c).map_err(|error| DatabaseError::of(point, &error));
            // Nobody listens when the caller went away.
            let _ = answer.send(connection.and_then(read));
        });
        let reads = self.reads.as_ref().ok_or(DatabaseError::Stopped)?;
        reads.send(read).map_err(|_| DatabaseError::Stopped)?;
        heard.await.map_err(|_| DatabaseError::Stopped)?
    }
}

fn run(path: &Path, queue: &Queue) {
    let mut kept = None;
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(read) = next else { return };
        let connection = match kept.take() {
            Some(connection) => Ok(connection),
            None => open(path).map_err(|error| DatabaseError::of("open", &error)),
        };
        // After a panic the connection is made anew: nobody knows in what state it was left.
        let result = catch_unwind(AssertUnwindSafe(|| match &connection {
            Ok(connection) => read(Ok(connection)),
            Err(error) => read(Err(error.clone())),
        }));
        kept = result.ok().and(connection.ok());
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "query_only", "ON")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    super::open::plan_once(&connection)?;
    Ok(connection)
}
