//! Group commit: one thread writes, and writes that wait together share one transaction and one sync
//! of the disk. Each caller is answered only after that sync, so durability is not weakened.

mod on_caller;

use std::fmt;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use roost_crash_points::{self as crash, Moment};
use rusqlite::Connection;
use tokio::sync::oneshot;

use self::on_caller::OnCaller;
use crate::error::Error;
use crate::executor::Executor;
use crate::transaction::{Open, run};

/// What a product adds to its writer. It lives on the writing thread.
pub trait Hooks: Send + 'static {
    /// What the body of one write collects; each begins with an empty one.
    type Context: Default;

    /// The body succeeded: its changes are part of the open transaction.
    fn kept(&mut self, _context: &mut Self::Context) {}

    /// The last change of the transaction, after all bodies.
    ///
    /// # Errors
    /// In SQLite's words; the whole group is undone then.
    fn before_commit(&mut self, _connection: &Connection) -> rusqlite::Result<()> {
        Ok(())
    }

    /// The group's end is known, and no caller was answered yet. `is_committed` tells of the group,
    /// each of `writes` of itself. Called for every group, in the order of the commits, whether or not
    /// the callers still wait.
    fn finished(&mut self, _is_committed: bool, _writes: Vec<Ended<Self::Context>>) {}
}

impl Hooks for () {
    type Context = ();
}

/// What one write collected, and what became of it.
#[derive(Debug)]
pub struct Ended<C> {
    /// As its body left it.
    pub context: C,
    /// Whether its changes are on the disk. False: nothing of it stays.
    pub is_durable: bool,
}

/// What the body of a write works with.
#[derive(Debug)]
pub struct Write<'a, H: Hooks> {
    /// The open transaction.
    pub connection: &'a Connection,
    /// The product's own state.
    pub hooks: &'a mut H,
    /// What this write collects, handed to [`Hooks::finished`].
    pub context: &'a mut H::Context,
}

/// How writes are put together.
#[derive(Debug, Clone, Copy)]
pub struct Grouping {
    /// The thread's name.
    pub thread: &'static str,
    /// Writes in one commit at most: bounds what a failed commit undoes.
    pub writes_max: usize,
    /// How long a write that no caller waits for may wait for one to share the sync of the disk with.
    pub linger: Duration,
}

/// One write that was asked for.
trait Work<H: Hooks>: Send {
    /// Runs the body; tells whether its changes are to be kept.
    fn run(&mut self, write: &mut Write<'_, H>) -> bool;
    /// Answers the caller. `undone`: why nothing of it stays, though the body may have succeeded.
    fn answer(self: Box<Self>, undone: Option<&Error>);
}

struct Piece<T, E, F, A> {
    body: Option<F>,
    result: Option<Result<T, E>>,
    answer: A,
}

impl<H, T, E, F, A> Work<H> for Piece<T, E, F, A>
where
    H: Hooks,
    T: Send,
    E: From<Error> + Send,
    F: FnOnce(&mut Write<'_, H>) -> Result<T, E> + Send,
    A: FnOnce(Result<T, E>) + Send,
{
    fn run(&mut self, write: &mut Write<'_, H>) -> bool {
        self.result = self.body.take().map(|body| body(write));
        matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, undone: Option<&Error>) {
        let result = match (self.result, undone) {
            // A write's own error says more than the group's.
            (Some(Err(error)), _) => Err(error),
            (_, Some(undone)) => Err(E::from(undone.clone())),
            (Some(Ok(value)), None) => Ok(value),
            (None, None) => Err(E::from(Error::Stopped)),
        };
        (self.answer)(result);
    }
}

struct Job<H> {
    point: &'static str,
    is_awaited: bool,
    work: Box<dyn Work<H>>,
}

/// The one writer and the way to it. Dropping it waits until all that was asked for is written, the
/// file is closed and its lock let go of.
pub struct GroupWriter<H: Hooks>(Way<H>);

/// Where the writes happen.
enum Way<H: Hooks> {
    Thread(WritingThread<H>),
    Caller(OnCaller<H>),
}

/// The writing thread. Both parts are there until the drop.
struct WritingThread<H: Hooks> {
    jobs: Option<Sender<Job<H>>>,
    thread: Option<JoinHandle<()>>,
}

/// What the writer owns: the connection, the product's own state, and what keeps other processes off.
struct Writing<H> {
    connection: Connection,
    hooks: H,
    /// Dropped last.
    _lock: Option<File>,
}

impl<H: Hooks> GroupWriter<H> {
    /// Starts the writer, which owns from now on the connection and, where the file has one, the lock
    /// that keeps every other process off.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        connection: Connection,
        lock: Option<File>,
        hooks: H,
        grouping: Grouping,
        executor: &Executor,
    ) -> std::io::Result<Self> {
        let writing = Writing { connection, hooks, _lock: lock };
        Ok(Self(match executor {
            Executor::Threads => Way::Thread(WritingThread::start(writing, grouping)?),
            Executor::Caller(gate) => Way::Caller(OnCaller::new(writing, gate)),
        }))
    }

    /// The one way to write: runs `body` in a transaction (with others that happen to wait) and
    /// returns once it is on the disk. When `body` fails or panics, its own changes are undone and no
    /// other's. `point` names the write, for logs and for tests that end the process there.
    ///
    /// The write stands also when the caller stops waiting.
    ///
    /// # Errors
    /// What `body` returns, or why its changes could not be kept.
    pub async fn write<T, E, F>(&self, point: &'static str, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Write<'_, H>) -> Result<T, E> + Send + 'static,
    {
        if let Way::Caller(caller) = &self.0 {
            caller.wait_for_turn().await;
        }
        let (answer, answered) = oneshot::channel();
        self.send(point, true, body, move |result| {
            let _ = answer.send(result);
        })?;
        answered.await.map_err(|_| E::from(Error::Stopped))?
    }

    /// As [`GroupWriter::write`], on a thread that may wait.
    ///
    /// # Errors
    /// As [`GroupWriter::write`].
    pub fn write_now<T, E, F>(&self, point: &'static str, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Write<'_, H>) -> Result<T, E> + Send + 'static,
    {
        let (answer, answered) = channel();
        self.send(point, true, body, move |result| {
            let _ = answer.send(result);
        })?;
        answered.recv().map_err(|_| E::from(Error::Stopped))?
    }

    /// As [`GroupWriter::write`], without a task that waits: the result goes to `answer`, on the
    /// writing thread.
    ///
    /// # Errors
    /// [`Error::Stopped`]; `answer` is dropped unused then.
    pub fn write_then<T, E, F>(
        &self,
        point: &'static str,
        body: F,
        answer: impl FnOnce(Result<T, E>) + Send + 'static,
    ) -> Result<(), Error>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Write<'_, H>) -> Result<T, E> + Send + 'static,
    {
        self.send(point, true, body, answer)
    }

    /// As [`GroupWriter::write_then`], for a write that no caller waits for: it may wait for another
    /// to share the sync of the disk with, and keeps its place in the order of writes.
    ///
    /// # Errors
    /// As [`GroupWriter::write_then`].
    pub fn write_later<T, E, F>(
        &self,
        point: &'static str,
        body: F,
        answer: impl FnOnce(Result<T, E>) + Send + 'static,
    ) -> Result<(), Error>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Write<'_, H>) -> Result<T, E> + Send + 'static,
    {
        self.send(point, false, body, answer)
    }

    fn send<T, E, F>(
        &self,
        point: &'static str,
        is_awaited: bool,
        body: F,
        answer: impl FnOnce(Result<T, E>) + Send + 'static,
    ) -> Result<(), Error>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Write<'_, H>) -> Result<T, E> + Send + 'static,
    {
        let work = Box::new(Piece { body: Some(body), result: None, answer });
        let job = Job { point, is_awaited, work };
        match &self.0 {
            Way::Thread(thread) => thread.send(job),
            Way::Caller(caller) => {
                caller.write(job);
                Ok(())
            }
        }
    }
}

impl<H: Hooks> WritingThread<H> {
    fn start(mut writing: Writing<H>, grouping: Grouping) -> std::io::Result<Self> {
        let (jobs, queue) = channel();
        let thread = std::thread::Builder::new().name(grouping.thread.to_owned());
        let thread = thread.spawn(move || {
            while let Some(group) = next_group(&queue, grouping) {
                commit_group(&mut writing, group).into_iter().for_each(Answer::give);
            }
        })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    fn send(&self, job: Job<H>) -> Result<(), Error> {
        let jobs = self.jobs.as_ref().ok_or(Error::Stopped)?;
        jobs.send(job).map_err(|_| Error::Stopped)
    }
}

impl<H: Hooks> fmt::Debug for GroupWriter<H> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("GroupWriter").finish_non_exhaustive()
    }
}

impl<H: Hooks> Drop for WritingThread<H> {
    fn drop(&mut self) {
        drop(self.jobs.take());
        // An answer may be the last that knows the writer; the thread ends by itself then.
        let current = std::thread::current().id();
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != current)
            && thread.join().is_err()
        {
            tracing::error!("the writer of a database ended in a panic");
        }
    }
}

/// Returns what is committed next: all that is asked for now. None once no caller can ask any more.
fn next_group<H>(queue: &Receiver<Job<H>>, grouping: Grouping) -> Option<Vec<Job<H>>> {
    let mut group = vec![queue.recv().ok()?];
    if !grouping.linger.is_zero() {
        let end = Instant::now() + grouping.linger;
        while group.iter().all(|job| !job.is_awaited) && group.len() < grouping.writes_max {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(job) = queue.recv_timeout(left) else { break };
            group.push(job);
        }
    }
    group.extend(queue.try_iter().take(grouping.writes_max.saturating_sub(group.len())));
    Some(group)
}

/// Runs the writes in one transaction, each in a savepoint of its own. Returns their answers, to be
/// given now that its end is known.
fn commit_group<H: Hooks>(writing: &mut Writing<H>, group: Vec<Job<H>>) -> Vec<Answer<H>> {
    let Writing { connection, hooks, .. } = writing;
    let connection = &*connection;
    let mut answers = Vec::with_capacity(group.len());
    let mut ended = Vec::with_capacity(group.len());
    let (open, mut lost) = match Open::to_write(connection) {
        Ok(open) => (Some(open), None),
        Err(error) => (None, Some(Error::from(error))),
    };
    for mut job in group {
        let (mut context, mut run) = (H::Context::default(), Ran::Failed);
        if lost.is_none() {
            let mut write = Write { connection, hooks, context: &mut context };
            match apart(connection, &mut job, &mut write) {
                Ok(ran) => run = ran,
                // What was to be undone may still stand: none of the group may be committed.
                Err(error) => lost = Some(Error::from(error)),
            }
            // SQLite undoes a whole transaction by itself when the disk is full or fails. What came
            // before is lost then, and what follows must not run outside a transaction.
            if connection.is_autocommit() {
                lost = Some(Error::DiskFull);
            }
        }
        let is_kept = run == Ran::Well && lost.is_none();
        if is_kept {
            hooks.kept(&mut context);
        }
        ended.push(Ended { context, is_durable: is_kept });
        answers.push((job, run));
    }
    if let Some(open) = open
        && lost.is_none()
    {
        let points = answers.iter().map(|(job, _)| job.point);
        let committed = hooks.before_commit(connection).and_then(|()| open.commit(points));
        lost = committed.err().map(Error::from);
    }
    let is_committed = lost.is_none();
    ended.iter_mut().for_each(|write| write.is_durable &= is_committed);
    hooks.finished(is_committed, ended);
    let answer = |(job, run): (Job<H>, Ran)| match run {
        Ran::Panicked => {
            let undone = Some(Error::Panicked { point: job.point });
            Answer { work: job.work, undone }
        }
        Ran::Well | Ran::Failed => Answer { work: job.work, undone: lost.clone() },
    };
    answers.into_iter().map(answer).collect()
}

/// What a caller is to be told.
struct Answer<H> {
    work: Box<dyn Work<H>>,
    undone: Option<Error>,
}

impl<H: Hooks> Answer<H> {
    fn give(self) {
        self.work.answer(self.undone.as_ref());
    }
}

/// How a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ran {
    Well,
    Failed,
    Panicked,
}

/// Runs one write inside the group's transaction so that its failure undoes no other's.
fn apart<H: Hooks>(
    connection: &Connection,
    job: &mut Job<H>,
    write: &mut Write<'_, H>,
) -> rusqlite::Result<Ran> {
    run(connection, "SAVEPOINT one_write")?;
    crash::point(job.point, Moment::Begin);
    let ran = match catch_unwind(AssertUnwindSafe(|| job.work.run(write))) {
        Ok(true) => Ran::Well,
        Ok(false) => Ran::Failed,
        Err(_) => Ran::Panicked,
    };
    if ran != Ran::Well {
        run(connection, "ROLLBACK TO one_write")?;
    }
    run(connection, "RELEASE one_write")?;
    Ok(ran)
}
