//! Reading beside the writer: connections that are kept between reads, and threads of their own for
//! products whose reads must wait for nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::connect;
use crate::error::Error;
use crate::executor::{Executor, Gate};
use crate::settings::Settings;

/// Connections that read, kept between reads. When more threads read at once, more are opened.
#[derive(Debug)]
pub struct Pool {
    path: PathBuf,
    settings: Settings,
    idle: Mutex<Vec<Connection>>,
    idle_max: usize,
}

impl Pool {
    /// Returns an empty pool that keeps up to `idle_max` connections while none is used.
    #[must_use]
    pub fn new(path: &Path, settings: &Settings, idle_max: usize) -> Self {
        let (path, settings) = (path.to_owned(), settings.clone());
        Self { path, settings, idle: Mutex::default(), idle_max }
    }

    /// Reads what is committed, on the calling thread.
    ///
    /// # Errors
    /// What `body` returns, or why no connection could be opened.
    pub fn read<T, E: From<Error>>(
        &self,
        body: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let kept = self.idle().pop();
        let connection = match kept {
            Some(connection) => connection,
            None => connect::reader(&self.path, &self.settings)?,
        };
        // After a panic the connection is not kept: its state is unknown.
        let result = body(&connection);
        let mut idle = self.idle();
        if idle.len() < self.idle_max {
            idle.push(connection);
        }
        result
    }

    /// Closes the connections that are not in use.
    pub fn close_idle(&self) {
        self.idle().clear();
    }

    /// A panic while the lock was held left the list whole.
    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Read = Box<dyn FnOnce(&Pool) + Send>;
type Queue = Arc<Mutex<Receiver<Read>>>;

/// Threads that read and live as long as the database is open, because each keeps memory for itself.
/// Dropping them closes their connections.
#[derive(Debug)]
pub struct ReadingThreads {
    /// Both are there until the drop.
    reads: Option<Sender<Read>>,
    threads: Vec<JoinHandle<()>>,
    /// What reads instead, where the callers' threads do.
    on_caller: Option<(Arc<Pool>, Arc<dyn Gate>)>,
}

impl ReadingThreads {
    /// Starts `count` threads: so many reads run at the same time.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        name: &str,
        path: &Path,
        settings: &Settings,
        count: usize,
        executor: &Executor,
    ) -> std::io::Result<Self> {
        let pool = Arc::new(Pool::new(path, settings, count));
        if let Executor::Caller(gate) = executor {
            let on_caller = Some((pool, Arc::clone(gate)));
            return Ok(Self { reads: None, threads: Vec::new(), on_caller });
        }
        let (reads, queue) = channel();
        let queue: Queue = Arc::new(Mutex::new(queue));
        let start = |_| {
            let (pool, queue) = (Arc::clone(&pool), Arc::clone(&queue));
            let thread = std::thread::Builder::new().name(name.to_owned());
            thread.spawn(move || run(&pool, &queue))
        };
        let threads = (0..count).map(start).collect::<std::io::Result<_>>()?;
        Ok(Self { reads: Some(reads), threads, on_caller: None })
    }

    /// Reads what is committed.
    ///
    /// # Errors
    /// What `body` returns, or why it could not run; [`Error::Stopped`] when it panicked.
    pub async fn read<T, E, F>(&self, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        if let Some((pool, gate)) = &self.on_caller {
            let executor = Executor::Caller(Arc::clone(gate));
            let pool = Arc::clone(pool);
            let read = executor.run("read", move || pool.read(body)).await;
            return read.map_err(|_| E::from(Error::Stopped))?;
        }
        let (answer, answered) = oneshot::channel();
        let read: Read = Box::new(move |pool| {
            // The caller may have stopped waiting.
            let _ = answer.send(pool.read(body));
        });
        let reads = self.reads.as_ref().ok_or(Error::Stopped)?;
        reads.send(read).map_err(|_| Error::Stopped)?;
        answered.await.map_err(|_| E::from(Error::Stopped))?
    }
}

impl Drop for ReadingThreads {
    /// The file is closed when this returns, unless a reader itself was the last to hold it.
    fn drop(&mut self) {
        drop(self.reads.take());
        let current = std::thread::current().id();
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != current) {
            // Panics of reads were caught.
            let _ = thread.join();
        }
    }
}

fn run(pool: &Pool, queue: &Queue) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(read) = next else { return };
        // The caller of a read that panics gets no answer, which tells it.
        let _ = catch_unwind(AssertUnwindSafe(|| read(pool)));
    }
}
