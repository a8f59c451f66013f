//! What writes the lines: it never fails, and says what was lost once it can write again.

use std::io::{ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};

use crate::Format;

/// Tries at a stream that has no room this moment, and the time between them.
const BUSY_TRIES: u32 = 100;
const BUSY_WAIT: Duration = Duration::from_millis(10);

/// Standard error, or what stands for it in a test.
pub(crate) struct Sink<W> {
    to: W,
    format: Format,
    /// The lines lost since the start, here and on the way here.
    lost: Arc<AtomicU64>,
    /// How many of them the log has said.
    said: u64,
    /// Half a line stands at the end: the next one must not be glued to it.
    torn: bool,
}

impl<W: Write> Sink<W> {
    pub(crate) const fn new(to: W, format: Format, lost: Arc<AtomicU64>) -> Self {
        Self { to, format, lost, said: 0, torn: false }
    }

    /// Whether lines were lost that the log did not say yet.
    pub(crate) fn has_unsaid(&self) -> bool {
        self.lost.load(Ordering::Relaxed) > self.said
    }

    /// Writes a line, or counts it as lost.
    pub(crate) fn put(&mut self, line: &[u8]) {
        // More may be lost meanwhile on the way here: that is no reason to lose this one.
        if !self.say_lost() || self.write(line).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Says how many lines were lost, if there are any. False when the stream did not take that.
    pub(crate) fn say_lost(&mut self) -> bool {
        let lost = self.lost.load(Ordering::Relaxed);
        if lost > self.said {
            if self.write(self.loss(lost - self.said).as_bytes()).is_err() {
                return false;
            }
            self.said = lost;
        }
        true
    }

    /// The line that says so, in the form that the others have.
    fn loss(&self, lines: u64) -> String {
        let mut time = String::new();
        // A String takes everything.
        let _ = SystemTime.format_time(&mut Writer::new(&mut time));
        let message = "lines of this log were lost because it could not be written";
        match self.format {
            Format::Json => format!(
                "{{\"timestamp\":\"{time}\",\"level\":\"WARN\",\"fields\":{{\"message\":\
                 \"{message}\",\"lost_lines\":{lines}}},\"target\":\"{}\"}}\n",
                env!("CARGO_CRATE_NAME")
            ),
            Format::Text => {
                format!("{time}  WARN {}: {message} lost_lines={lines}\n", env!("CARGO_CRATE_NAME"))
            }
            Format::Plain => format!("{time}  WARN {message} lost_lines={lines}\n"),
        }
    }

    /// All of it, or an error after as much as there was room for.
    fn write(&mut self, line: &[u8]) -> std::io::Result<()> {
        if self.torn {
            self.write_pieces(b"\n")?;
            self.torn = false;
        }
        let mut left = line.len();
        let written = self.write_counted(line, &mut left);
        self.torn = written.is_err() && left < line.len();
        written
    }

    fn write_pieces(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.write_counted(bytes, &mut bytes.len())
    }

    /// `left` is how many bytes are still to be written.
    fn write_counted(&mut self, bytes: &[u8], left: &mut usize) -> std::io::Result<()> {
        let mut tries = 0;
        while *left > 0 {
            match self.to.write(&bytes[bytes.len() - *left..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => *left -= count.min(*left),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // A terminal that another program made non-blocking.
                Err(error) if error.kind() == ErrorKind::WouldBlock && tries < BUSY_TRIES => {
                    tries += 1;
                    std::thread::sleep(BUSY_WAIT);
                }
                Err(error) => return Err(error),
            }
        }
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with so much room.
    #[derive(Default)]
    struct Disk {
        text: Vec<u8>,
        room: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let count = bytes.len().min(self.room);
            if count == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            self.room -= count;
            self.text.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// A stream so slow that the queue before it overflows at each write.
    struct Overrun {
        text: Vec<u8>,
        lost: Arc<AtomicU64>,
    }

    impl Write for Overrun {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.lost.fetch_add(1, Ordering::Relaxed);
            self.text.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_that_leaves_a_full_queue_is_written_beside_the_loss() {
        let lost = Arc::new(AtomicU64::new(7));
        let stream = Overrun { text: Vec::new(), lost: Arc::clone(&lost) };
        let mut sink = Sink::new(stream, Format::Text, lost);
        let lines = ["first", "second", "third"];
        for line in lines {
            sink.put(format!("{line}\n").as_bytes());
        }
        let text = String::from_utf8(sink.to.text).unwrap();
        let written: Vec<&str> = text.lines().filter(|line| lines.contains(line)).collect();
        assert_eq!(written, lines, "{text}");
        assert_eq!(text.matches("lost_lines=").count(), 3, "each loss is said: {text}");
    }

    fn lines_of(format: Format) -> (Vec<String>, u64) {
        let lost = Arc::new(AtomicU64::new(0));
        let mut sink = Sink::new(Disk { room: 10, ..Disk::default() }, format, Arc::clone(&lost));
        for line in ["first\n", "second\n", "third\n", "fourth\n"] {
            sink.put(line.as_bytes());
        }
        sink.to.room = 10_000;
        sink.put(b"fifth\n");
        sink.put(b"sixth\n");
        assert!(!sink.has_unsaid());
        let text = String::from_utf8(sink.to.text).unwrap();
        (text.lines().map(str::to_owned).collect(), lost.load(Ordering::Relaxed))
    }

    #[test]
    fn lines_lost_on_a_full_disk_are_counted_and_said_once_there_is_room() {
        let (lines, lost) = lines_of(Format::Text);
        assert_eq!(lost, 3);
        let [first, torn, said, fifth, sixth] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!([first, fifth, sixth].map(String::as_str), ["first", "fifth", "sixth"]);
        assert_eq!(torn, "seco", "half a line stands alone");
        assert!(said.contains(" WARN ") && said.ends_with("lost_lines=3"), "{said}");
    }

    #[test]
    fn a_log_in_json_says_its_loss_in_json() {
        let (lines, _) = lines_of(Format::Json);
        let said = &lines[2];
        assert!(said.starts_with("{\"timestamp\":\"") && said.ends_with('}'), "{said}");
        assert!(said.contains("\"level\":\"WARN\"") && said.contains("\"lost_lines\":3"), "{said}");
    }
}
