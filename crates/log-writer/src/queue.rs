//! From the program's threads to the one that writes: nobody waits for the log.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

use crate::sink::Sink;

/// Lines that wait for a reader that is slow. What comes while so many wait is lost, and counted.
const LINES_MAX: usize = 8192;
/// How often it is tried to say what was lost while no line comes that would say it.
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// The longest that a program's end waits for its last lines.
const FLUSH_MAX: Duration = Duration::from_secs(2);
/// Between looks for a place in a full queue, at the end.
const FLUSH_LOOK_EVERY: Duration = Duration::from_millis(5);

enum Message {
    Line(Vec<u8>),
    /// Answered once all lines before it were written or lost.
    Flush(SyncSender<()>),
}

/// The way to the writing thread.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    messages: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

impl Queue {
    /// Starts the thread. Should the system give none, every line is lost, and counted.
    pub(crate) fn start<W: Write + Send + 'static>(sink: Sink<W>, lost: Arc<AtomicU64>) -> Self {
        let (messages, queue) = mpsc::sync_channel(LINES_MAX);
        let writing = move || write_all(sink, &queue);
        // The thread lives as long as the program; its handle is of no use.
        drop(std::thread::Builder::new().name("log".to_owned()).spawn(writing));
        Self { messages, lost }
    }

    /// Waits until the lines so far were written, for [`FLUSH_MAX`] at the most.
    pub(crate) fn flush(&self) {
        let deadline = Instant::now() + FLUSH_MAX;
        let (done, written) = mpsc::sync_channel(1);
        let mut flush = Message::Flush(done);
        loop {
            match self.messages.try_send(flush) {
                Ok(()) => break,
                Err(TrySendError::Full(again)) if Instant::now() < deadline => flush = again,
                Err(_) => return,
            }
            std::thread::sleep(FLUSH_LOOK_EVERY);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        // Too late or done: the program ends either way.
        let _ = written.recv_timeout(left);
    }
}

/// One line, whole: the subscriber writes each at once.
impl Write for Queue {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        if self.messages.try_send(Message::Line(line.to_vec())).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Queue {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn write_all<W: Write>(mut sink: Sink<W>, queue: &Receiver<Message>) {
    loop {
        let next = if sink.has_unsaid() {
            queue.recv_timeout(RETRY_EVERY)
        } else {
            queue.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match next {
            Ok(Message::Line(line)) => sink.put(&line),
            // Nobody waits any more when the program's end took too long.
            Ok(Message::Flush(done)) => drop(done.try_send(())),
            Err(RecvTimeoutError::Timeout) => {
                sink.say_lost();
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};

    use super::*;
    use crate::Format;

    /// A reader that hangs until it is let go.
    #[derive(Clone, Default)]
    struct Stuck(Arc<(Mutex<Reader>, Condvar)>);

    #[derive(Default)]
    struct Reader {
        reads: bool,
        text: Vec<u8>,
    }

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let (state, changed) = &*self.0;
            let mut state = changed.wait_while(state.lock().unwrap(), |it| !it.reads).unwrap();
            state.text.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_hangs_holds_nobody_up_and_what_it_missed_is_said_when_it_reads_on() {
        let (reader, lost) = (Stuck::default(), Arc::new(AtomicU64::new(0)));
        let sink = Sink::new(reader.clone(), Format::Text, Arc::clone(&lost));
        let mut queue = Queue::start(sink, Arc::clone(&lost));
        let sent = LINES_MAX as u64 + 1000;
        for number in 0..sent {
            queue.write_all(format!("line {number}\n").as_bytes()).unwrap();
        }
        let missed = lost.load(Ordering::Relaxed);
        assert!((999..=1000).contains(&missed), "{missed} of {sent} lines were lost");
        let (state, changed) = &*reader.0;
        state.lock().unwrap().reads = true;
        changed.notify_all();
        let deadline = Instant::now() + Duration::from_secs(60);
        let said = format!("lost_lines={missed}");
        loop {
            let text = String::from_utf8(state.lock().unwrap().text.clone()).unwrap();
            if text.contains(&said) && text.contains(&format!("line {}\n", LINES_MAX - 1)) {
                break;
            }
            assert!(Instant::now() < deadline, "not said: {missed}");
            queue.flush();
        }
    }
}
