//! The points as they are when a test arms them.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::{DEATHS, Moment, RECORD};

/// Where to die.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Death {
    Never,
    /// At this crossing of all that the trace counts.
    At(u64),
    /// Wherever a name is crossed for the first time.
    EachName,
    /// At the crossing of this name that has this number, from 1.
    OfName([u8; RECORD], usize),
}

impl Death {
    fn parse(asked: &str) -> Self {
        match asked.split_once('#') {
            Some((name, number)) => number
                .parse()
                .map_or(Self::Never, |number| Self::OfName(line(name.bytes()), number)),
            None if asked == "each" => Self::EachName,
            None => asked.parse().map_or(Self::Never, Self::At),
        }
    }
}

struct Trace {
    path: PathBuf,
    file: Mutex<File>,
    death: Death,
}

static TRACE: LazyLock<Option<Trace>> = LazyLock::new(Trace::from_environment);
static BROKEN: LazyLock<String> =
    LazyLock::new(|| std::env::var("CRASH_POINTS_SABOTAGE").unwrap_or_default());

/// Crosses a point; the process may end here.
pub fn point(name: &str, moment: Moment) {
    let Some(trace) = TRACE.as_ref() else { return };
    trace.cross(&record(name, moment), || std::process::abort());
}

/// Whether the guard of this name is broken on purpose.
#[must_use]
pub fn sabotaged(guard: &str) -> bool {
    BROKEN.split(',').any(|broken| broken == guard)
}

fn record(name: &str, moment: Moment) -> [u8; RECORD] {
    line(name.bytes().chain([b'.']).chain(moment.as_str().bytes()))
}

fn line(text: impl Iterator<Item = u8>) -> [u8; RECORD] {
    let mut record = [b' '; RECORD];
    record[RECORD - 1] = b'\n';
    for (place, byte) in record[..RECORD - 1].iter_mut().zip(text) {
        *place = byte;
    }
    record
}

impl Trace {
    fn from_environment() -> Option<Self> {
        let path = PathBuf::from(std::env::var_os("CRASH_POINTS_TRACE")?);
        let asked = std::env::var("CRASH_POINTS_AT");
        let death = asked.map_or(Death::Never, |asked| Death::parse(&asked));
        let file = File::options().create(true).append(true).open(&path).ok()?;
        Some(Self { path, file: Mutex::new(file), death })
    }

    /// Writes the crossing down, and calls `die` if it is the one to end at. Meanwhile no other
    /// thread crosses anything: what is written last is what the process died at.
    fn cross(&self, record: &[u8; RECORD], die: impl FnOnce()) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.write_all(record).is_err() {
            return;
        }
        // Appending leaves the position behind our own record, whoever else appends.
        let Ok(end) = file.stream_position() else { return };
        let is_the_end = match &self.death {
            Death::Never => false,
            Death::At(number) => end / RECORD as u64 == *number,
            Death::EachName => self.earlier(record, end) == Some(0),
            Death::OfName(name, number) => {
                name == record && self.earlier(record, end).map(|it| it + 1) == Some(*number)
            }
        };
        if is_the_end {
            self.note_death(record);
            die();
        }
    }

    /// What cannot be written is a death that nobody hears of: whoever counts them misses it.
    fn note_death(&self, record: &[u8; RECORD]) {
        let path = self.path.with_extension(DEATHS);
        let file = File::options().create(true).append(true).open(path);
        let _ = file.and_then(|mut file| file.write_all(record));
    }

    /// Returns how many crossings before the one that ends at `end` have the same name; `None` when the
    /// trace can't be read.
    fn earlier(&self, record: &[u8; RECORD], end: u64) -> Option<usize> {
        let all = std::fs::read(&self.path).ok()?;
        let before = usize::try_from(end).unwrap_or(0).saturating_sub(RECORD).min(all.len());
        Some(all[..before].chunks(RECORD).filter(|earlier| earlier == record).count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(name: &str, death: Death) -> Trace {
        let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        let _absent = std::fs::remove_file(&path);
        let _absent = std::fs::remove_file(path.with_extension(DEATHS));
        let file = File::options().create(true).append(true).open(&path).expect("a file");
        Trace { path, file: Mutex::new(file), death }
    }

    fn dies(trace: &Trace, moment: Moment) -> bool {
        let mut died = false;
        trace.cross(&record("intent", moment), || died = true);
        died
    }

    #[test]
    fn the_crossing_that_was_asked_for_is_the_end_and_no_other() {
        let trace = trace("crossing", Death::At(2));
        let ends = [(); 3].map(|()| dies(&trace, Moment::Commit));
        assert_eq!(ends, [false, true, false]);
        let told = std::fs::read(trace.path.with_extension(DEATHS)).expect("told");
        assert_eq!(told, record("intent", Moment::Commit));
    }

    #[test]
    fn every_name_is_an_end_once() {
        let trace = trace("each", Death::EachName);
        assert!(dies(&trace, Moment::Begin) && dies(&trace, Moment::Commit));
        assert!(!dies(&trace, Moment::Begin) && !dies(&trace, Moment::Commit));
    }

    #[test]
    fn a_name_is_an_end_at_the_crossing_that_was_asked_for() {
        let trace = trace("name", Death::parse("intent.commit#2"));
        let moments = [Moment::Commit, Moment::Begin, Moment::Commit, Moment::Commit];
        assert_eq!(moments.map(|moment| dies(&trace, moment)), [false, false, true, false]);
    }

    #[test]
    fn what_is_asked_for_and_means_nothing_is_no_end() {
        for asked in ["", "never", "intent.commit#", "intent.commit#x"] {
            assert_eq!(Death::parse(asked), Death::Never, "{asked}");
        }
    }

    #[test]
    fn a_record_has_one_length_however_long_the_name() {
        let long = record(&"x".repeat(200), Moment::Ask);
        assert_eq!((long.len(), long[RECORD - 1]), (RECORD, b'\n'));
        assert!(record("a", Moment::Ask).starts_with(b"a.ask "));
    }
}
