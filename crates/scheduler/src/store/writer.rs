//! The one writer: what is asked for while a commit is under way is committed together by the
//! next. So hundreds of publishes per second share a few syncs of the disk, and each caller still
//! waits until its own is durable.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use roost_crash_points::{self as crash, Moment};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::FlowRule;
use super::tally::{Counters, Tally};
use crate::error::Error;
use crate::plan::Limits;
use crate::spec::Flow;
use crate::timer::{Change, Due, Sight, Timer};

/// Writes in one commit at most.
const GROUP_LIMIT: usize = 512;
/// How long a write that nobody waits for may wait for one to share the sync of the disk with.
const COMPANY: Duration = Duration::from_millis(10);

/// What a body may use: the transaction, and what the timer learns when it is durable. The timer
/// is told by the writer, not by whoever asked: a caller that goes away must not leave a durable
/// message unscheduled.
pub(crate) struct Write<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) limits: &'a Limits,
    timer: &'a Timer,
    /// Messages whose flights were written down earlier in this group.
    landed: &'a HashSet<i64>,
    effects: Effects,
}

#[derive(Default)]
struct Effects {
    landed: Vec<i64>,
    arm: Vec<Due>,
    sights: Vec<Sight>,
    flows: Vec<Flow>,
    rules: Vec<FlowRule>,
    withdraw: Vec<Due>,
    disarm: Vec<Due>,
    /// Flow control keys that no live message has, and when that was.
    idle_lanes: Option<(Vec<Arc<str>>, i64)>,
    /// When a schedule is next due, if that may have changed.
    schedules: Option<Option<i64>>,
    tally: Tally,
}

impl Write<'_> {
    /// Lets the timer look at the message, once this write is durable.
    pub(crate) fn arm(&mut self, due: Due) {
        self.effects.arm.push(due);
    }

    /// What this write does, to be counted once it is durable.
    pub(super) fn tally(&mut self) -> &mut Tally {
        &mut self.effects.tally
    }

    /// Takes back what the timer was to look at, once this write is durable.
    pub(crate) fn disarm(&mut self, due: Due) {
        self.effects.disarm.push(due);
    }

    /// Lets the timer forget keys that no live message has, once this write is durable.
    pub(crate) fn forget_lanes(&mut self, keys: Vec<Arc<str>>, now: i64) {
        self.effects.idle_lanes = Some((keys, now));
    }

    /// Ends the message's flight, once this write is durable.
    pub(crate) fn land(&mut self, seq: i64) {
        self.effects.landed.push(seq);
    }

    /// Moves the timer's horizon on, once this write is durable: what was accepted before it was
    /// read with it, what is accepted after it is armed.
    pub(crate) fn see(&mut self, sight: Sight) {
        self.effects.sights.push(sight);
    }

    /// Sets a key's limits, once this write is durable.
    pub(crate) fn configure(&mut self, flow: Flow) {
        self.effects.flows.push(flow);
    }

    /// Lets the timer look at the schedules at that time, once this write is durable.
    pub(crate) fn plan_schedules(&mut self, next: Option<i64>) {
        self.effects.schedules = Some(next);
    }

    /// Lets a decision about a key hold, once this write is durable.
    pub(crate) fn decide(&mut self, rule: FlowRule) {
        self.effects.rules.push(rule);
    }

    /// Keeps a message from being started, from now on; should this write fail, it is armed
    /// again. False when it is in flight.
    pub(crate) fn withdraw(&mut self, due: Due) -> bool {
        let free = self.landed.contains(&due.seq) || self.timer.withdraw(due.seq);
        if free {
            self.effects.withdraw.push(due);
        }
        free
    }
}

impl Effects {
    fn durable(self, timer: &mut Change<'_>) {
        timer.withdrawn(self.withdraw.iter().map(|due| due.seq));
        self.withdraw.iter().chain(&self.disarm).for_each(|due| timer.disarm(due));
        if let Some((keys, now)) = self.idle_lanes {
            timer.forget_lanes(&keys, now);
        }
        self.landed.into_iter().for_each(|seq| timer.finish(seq));
        self.flows.iter().for_each(|flow| timer.configure(flow));
        self.rules.iter().for_each(|rule| timer.decide(rule));
        if let Some(next) = self.schedules {
            timer.plan_schedules(next);
        }
        timer.arm(self.arm);
        self.sights.into_iter().for_each(|sight| timer.see(sight));
    }

    fn failed(self, timer: &mut Change<'_>) {
        timer.withdrawn(self.withdraw.iter().map(|due| due.seq));
        timer.arm(self.withdraw);
    }
}

/// Answers whoever waits, with the error when the commit failed.
type Reply = Box<dyn FnOnce(Option<String>) + Send>;
/// Runs a body; gives the reply, and whether the body's changes are to be kept. Without a
/// transaction to run in, the body is not run.
type Run = Box<dyn FnOnce(Option<&mut Write<'_>>) -> (bool, Reply) + Send>;

/// A write that was asked for.
struct Job {
    point: &'static str,
    /// Whether somebody waits for it.
    is_awaited: bool,
    run: Run,
}

/// The writing thread and the way to it.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Mutex<Option<Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        timer: Arc<Timer>,
        limits: Limits,
        counters: Arc<Counters>,
    ) -> Result<Self, Error> {
        let (jobs, queue) = channel();
        let thread = std::thread::Builder::new()
            .name("scheduler-writer".into())
            .spawn(move || write_all(&connection, &queue, &timer, &limits, &counters))
            .map_err(|error| Error::Config(error.to_string()))?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)) })
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Write<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        self.send_job(point, true, body, move |result| {
            // Whoever asked may have gone; the write stands all the same.
            let _ = answer.send(result);
        })?;
        answered.await.map_err(|_| Error::Stopping)?
    }

    /// As [`Writer::write`], on a thread that may wait.
    pub(super) fn write_now<T: Send + 'static>(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Write<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = channel();
        self.send_job(point, true, body, move |result| {
            let _ = answer.send(result);
        })?;
        answered.recv().map_err(|_| Error::Stopping)?
    }

    /// As [`Writer::write`]; the result goes to `answer`, on the writing thread. It is dropped
    /// unused when the writer has ended.
    pub(super) fn write_then(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Write<'_>) -> Result<(), Error> + Send + 'static,
        answer: impl FnOnce(Result<(), Error>) + Send + 'static,
    ) {
        if self.send_job(point, true, body, answer).is_err() {
            tracing::warn!(point, "not written: the scheduler is stopping");
        }
    }

    fn send_job<T: Send + 'static>(
        &self,
        point: &'static str,
        is_awaited: bool,
        body: impl FnOnce(&mut Write<'_>) -> Result<T, Error> + Send + 'static,
        answer: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) -> Result<(), Error> {
        let run = Box::new(move |write: Option<&mut Write<'_>>| -> (bool, Reply) {
            let result = match write {
                Some(write) => body(write),
                None => Err(Error::Commit(format!("{point}: the transaction was lost"))),
            };
            let keep = result.is_ok();
            let reply = move |failed: Option<String>| match failed {
                Some(reason) if keep => answer(Err(Error::Commit(format!("{point}: {reason}")))),
                _ => answer(result),
            };
            (keep, Box::new(reply))
        });
        self.send(Job { point, is_awaited, run })
    }

    pub(super) fn write_later(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Write<'_>) -> Result<(), Error> + Send + 'static,
    ) {
        let sent = self.send_job(point, false, body, move |result| {
            if let Err(error) = result {
                tracing::error!(point, %error, "a write failed");
            }
        });
        if sent.is_err() {
            tracing::warn!(point, "not written: the scheduler is stopping");
        }
    }

    fn send(&self, job: Job) -> Result<(), Error> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.as_ref().ok_or(Error::Stopping)?.send(job).map_err(|_| Error::Stopping)
    }
}

impl Drop for Writer {
    /// Closes the way in and waits for what is on it.
    fn drop(&mut self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // An answer may be the last that knows the database; the thread ends by itself then.
        let other = thread.filter(|thread| thread.thread().id() != std::thread::current().id());
        if let Some(thread) = other
            && thread.join().is_err()
        {
            tracing::error!("the scheduler's writer ended in a panic");
        }
    }
}

fn write_all(
    connection: &Connection,
    queue: &Receiver<Job>,
    timer: &Timer,
    limits: &Limits,
    counters: &Counters,
) {
    while let Some(group) = next_group(queue) {
        write_group(connection, group, timer, limits, counters);
    }
}

/// What is committed next: all that is asked for now. Nothing once nobody can ask any more.
fn next_group(queue: &Receiver<Job>) -> Option<Vec<Job>> {
    let mut group = vec![queue.recv().ok()?];
    let end = Instant::now() + COMPANY;
    while group.iter().all(|job| !job.is_awaited) && group.len() < GROUP_LIMIT {
        let left = end.saturating_duration_since(Instant::now());
        let Ok(job) = queue.recv_timeout(left) else { break };
        group.push(job);
    }
    group.extend(queue.try_iter().take(GROUP_LIMIT - group.len()));
    Some(group)
}

/// Runs the jobs in one transaction, each in a savepoint of its own, and answers them when the
/// transaction is on disk.
fn write_group(
    connection: &Connection,
    jobs: Vec<Job>,
    timer: &Timer,
    limits: &Limits,
    counters: &Counters,
) {
    let begun = run(connection, "BEGIN IMMEDIATE").err();
    let (mut ended, mut points) = (Vec::new(), Vec::new());
    let (mut landed, mut tally) = (HashSet::new(), Tally::default());
    for job in jobs {
        let effects = Effects::default();
        let mut write = Write { connection, limits, timer, landed: &landed, effects };
        // SQLite undoes a whole transaction by itself when the disk is full or fails. What came
        // before is lost then, and what follows must not be committed one by one.
        let opened = !connection.is_autocommit() && run(connection, "SAVEPOINT job").is_ok();
        crash::point(job.point, Moment::Begin);
        let (keep, reply) = (job.run)(opened.then_some(&mut write));
        let closing: &[&str] =
            if keep { &["RELEASE job"] } else { &["ROLLBACK TO job", "RELEASE job"] };
        let closed = opened && closing.iter().all(|sql| run(connection, sql).is_ok());
        let effects = write.effects;
        if keep && closed {
            landed.extend(&effects.landed);
            tally.add(effects.tally);
        }
        ended.push((keep && closed, closed || !keep, effects, reply));
        points.push(job.point);
    }
    points.iter().for_each(|point| crash::point(point, Moment::Commit));
    let commit = || tally.write(connection).and_then(|()| run(connection, "COMMIT"));
    let committed = begun.map_or_else(commit, Err);
    if committed.is_err() && !connection.is_autocommit() {
        // A failed commit may leave the transaction open; the next group needs a fresh one.
        let _ = run(connection, "ROLLBACK");
    }
    points.iter().for_each(|point| crash::point(point, Moment::Committed));
    if committed.is_ok() {
        counters.add(&tally);
    }
    let failed = committed.err().map(|error| error.to_string());
    let mut replies = Vec::with_capacity(ended.len());
    let mut change = timer.change();
    for (kept, sound, effects, reply) in ended {
        if kept && failed.is_none() {
            effects.durable(&mut change);
        } else {
            effects.failed(&mut change);
        }
        replies.push((sound, reply));
    }
    // Whoever is answered may look at the timer.
    drop(change);
    for (sound, reply) in replies {
        let broken = (!sound).then(|| "its savepoint was lost".to_owned());
        reply(failed.clone().or(broken));
    }
}

fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}
