//! Log files of a program without a terminal: one for each day, and more where a day has much to
//! tell. What is older than [`DAYS_MAX`] days goes, and so do the oldest where all of them together
//! would pass [`TOTAL_MAX_BYTES`].

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::ToSpan;
use jiff::civil::Date;

/// The days of which files are kept, counting the newest.
pub const DAYS_MAX: i64 = 14;
/// What all files of one folder may take together, in bytes.
pub const TOTAL_MAX_BYTES: u64 = 50 * 1024 * 1024;
/// From this size on a day's file is followed by another, in bytes.
const FILE_MAX_BYTES: u64 = 5 * 1024 * 1024;
/// The end of every file's name.
const ENDING: &str = ".log";

/// Where log files go, and what they are called: `NAME.2026-05-04.log`, `NAME.2026-05-04.1.log`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFiles {
    /// Their folder; it is made, for its owner alone, when the first line comes.
    pub folder: PathBuf,
    /// The program that writes them.
    pub name: &'static str,
}

/// The files as one stream. A line begins with its time, which tells the day that it belongs to.
#[derive(Debug)]
pub(crate) struct DailyFiles {
    files: LogFiles,
    open: Option<OpenFile>,
    limits: Limits,
}

#[derive(Debug)]
struct OpenFile {
    file: File,
    day: Date,
    bytes: u64,
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    file_bytes: u64,
    total_bytes: u64,
}

/// A file of a log folder, as its name tells it; they sort by age.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    day: Date,
    number: u32,
    path: PathBuf,
}

impl DailyFiles {
    pub(crate) const fn new(files: LogFiles) -> Self {
        let limits = Limits { file_bytes: FILE_MAX_BYTES, total_bytes: TOTAL_MAX_BYTES };
        Self { files, open: None, limits }
    }

    /// Returns the file that a line goes to.
    fn file_for(&mut self, line: &[u8]) -> io::Result<&mut OpenFile> {
        let day = day_of(line).or_else(|| self.open.as_ref().map(|open| open.day));
        let limit = self.limits.file_bytes;
        let fits = |open: &OpenFile| day.is_none_or(|day| open.day == day) && open.bytes < limit;
        match self.open.take().filter(fits) {
            Some(open) => Ok(self.open.insert(open)),
            None => {
                // A line without a time and without one before it: it is of no day.
                let day = day.ok_or(io::ErrorKind::InvalidData)?;
                let open = self.begin(day)?;
                Ok(self.open.insert(open))
            }
        }
    }

    /// Opens the file for the lines of a day, and removes what is too old or too much.
    fn begin(&self, day: Date) -> io::Result<OpenFile> {
        roost_private_files::make_folder(&self.files.folder)?;
        self.remove_old(day);
        let mut number = found(&self.files.folder)
            .filter(|file| file.day == day && self.is_ours(&file.path))
            .map(|file| file.number)
            .max()
            .unwrap_or(0);
        loop {
            let path = self.files.folder.join(self.file_name(day, number));
            let file = roost_private_files::options().append(true).create(true).open(path)?;
            let bytes = file.metadata()?.len();
            if bytes < self.limits.file_bytes {
                return Ok(OpenFile { file, day, bytes });
            }
            number += 1;
        }
    }

    fn file_name(&self, day: Date, number: u32) -> String {
        let name = self.files.name;
        match number {
            0 => format!("{name}.{day}{ENDING}"),
            _ => format!("{name}.{day}.{number}{ENDING}"),
        }
    }

    fn is_ours(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.strip_prefix(self.files.name).is_some_and(|rest| rest.starts_with('.'))
    }

    /// Removes files of all programs that write into the folder. One that can't be removed stays, and
    /// is tried again with the next file.
    fn remove_old(&self, today: Date) {
        let mut files: Vec<Found> = found(&self.files.folder).collect();
        files.sort();
        let oldest = today.checked_sub((DAYS_MAX - 1).days()).unwrap_or(today);
        let mut total: u64 = files.iter().map(|file| size(&file.path)).sum();
        // Room for the file that is about to be written.
        let room = self.limits.total_bytes.saturating_sub(self.limits.file_bytes);
        for file in files {
            if file.day >= oldest && total <= room {
                break;
            }
            let bytes = size(&file.path);
            if fs::remove_file(&file.path).is_ok() {
                total = total.saturating_sub(bytes);
            }
        }
    }
}

/// One line, or a piece of it, whole.
impl Write for DailyFiles {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let open = self.file_for(line)?;
        match open.file.write_all(line) {
            Ok(()) => {
                open.bytes += line.len() as u64;
                Ok(line.len())
            }
            Err(error) => {
                // The folder may be gone: the next line begins anew.
                self.open = None;
                Err(error)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the last lines of the newest files in a log folder, oldest first: `lines_max` of them at the
/// most. Half a line at the start of what is read is left out.
///
/// # Errors
/// When a file can't be read. A folder that is not there has no lines.
pub fn last_lines(folder: &Path, lines_max: usize) -> io::Result<Vec<String>> {
    /// So much is read from the end of a file, in bytes; a line is 200 or so.
    const TAIL_BYTES: u64 = 256 * 1024;
    let mut files: Vec<Found> = found(folder).collect();
    files.sort();
    let Some(newest) = files.last().map(|file| file.day) else { return Ok(Vec::new()) };
    let mut lines = Vec::new();
    // Window and command line may both have written on that day.
    for file in files.iter().filter(|file| file.day == newest) {
        lines.extend(tail(&file.path, TAIL_BYTES)?);
    }
    // Their times sort as they are written; what belongs to a line above it stays where it is.
    if files.iter().filter(|file| file.day == newest).count() > 1 {
        lines.sort_by(|a, b| a.get(..TIME_LEN).cmp(&b.get(..TIME_LEN)));
    }
    let skipped = lines.len().saturating_sub(lines_max);
    Ok(lines.split_off(skipped))
}

/// Characters of the time that a line begins with, to the second.
const TIME_LEN: usize = 19;

fn tail(path: &Path, bytes: u64) -> io::Result<Vec<String>> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = File::open(path)?;
    let begin = file.metadata()?.len().saturating_sub(bytes);
    file.seek(SeekFrom::Start(begin))?;
    let mut read = Vec::new();
    file.take(bytes).read_to_end(&mut read)?;
    let text = String::from_utf8_lossy(&read);
    Ok(text.lines().skip(usize::from(begin > 0)).map(str::to_owned).collect())
}

fn found(folder: &Path) -> impl Iterator<Item = Found> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(Result::ok).filter_map(|entry| {
        let name = entry.file_name();
        let (day, number) = parsed(name.to_str()?)?;
        Some(Found { day, number, path: entry.path() })
    })
}

/// Reads day and number from a file's name; none where it is no log file.
fn parsed(name: &str) -> Option<(Date, u32)> {
    let mut parts = name.strip_suffix(ENDING)?.split('.').skip(1);
    let day = parts.next()?.parse().ok()?;
    let number = parts.next().map_or(Some(0), |number| number.parse().ok())?;
    parts.next().is_none().then_some((day, number))
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}

/// Returns the day that a line begins with: `2026-05-04T10:11:12.345Z`.
fn day_of(line: &[u8]) -> Option<Date> {
    let day = line.get(..11)?.strip_suffix(b"T")?;
    std::str::from_utf8(day).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files_in(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn begun(folder: &Path, name: &'static str) -> DailyFiles {
        DailyFiles::new(LogFiles { folder: folder.to_owned(), name })
    }

    #[test]
    fn each_day_has_a_file_and_fourteen_days_stay() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("logs");
        let mut log = begun(&folder, "window");
        let first: Date = "2026-02-20".parse().unwrap();
        for day in 0..20 {
            let day = first.checked_add(day.days()).unwrap();
            log.write_all(format!("{day}T23:59:59.000000Z  INFO roost: of {day}\n").as_bytes())
                .unwrap();
        }
        let names = files_in(&folder);
        assert_eq!(names.len(), 14, "{names:?}");
        assert_eq!(names.first().unwrap(), "window.2026-02-26.log");
        assert_eq!(names.last().unwrap(), "window.2026-03-11.log");
        let text = fs::read_to_string(folder.join("window.2026-03-11.log")).unwrap();
        assert!(text.ends_with("of 2026-03-11\n"), "{text}");
    }

    #[test]
    fn a_talkative_day_takes_more_files_and_all_stay_within_their_size() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = begun(folder.path(), "watch");
        log.limits = Limits { file_bytes: 1_000, total_bytes: 10_000 };
        let other = folder.path().join("window.2026-05-03.log");
        fs::write(&other, vec![b'x'; 4_000]).unwrap();
        fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        for number in 0..1_000 {
            let line = format!("2026-05-04T10:00:00.000000Z  INFO roost: line {number}\n");
            log.write_all(line.as_bytes()).unwrap();
            let names = files_in(folder.path());
            let total: u64 = names
                .iter()
                .filter(|name| name.ends_with(".log"))
                .map(|name| size(&folder.path().join(name)))
                .sum();
            assert!(total <= 10_100, "{total} bytes in {names:?}");
        }
        let names = files_in(folder.path());
        assert!(!other.exists(), "the oldest goes first: {names:?}");
        assert!(names.contains(&"notes.txt".to_owned()), "what is no log stays: {names:?}");
        assert!(!names.contains(&"watch.2026-05-04.log".to_owned()), "{names:?}");
        let lines = last_lines(folder.path(), 3).unwrap();
        let told: Vec<&str> = lines.iter().map(|line| line.rsplit(' ').next().unwrap()).collect();
        assert_eq!(told, ["997", "998", "999"]);
    }

    #[test]
    fn a_program_that_starts_again_goes_on_in_the_day_s_file() {
        let folder = tempfile::tempdir().unwrap();
        for start in 0..3 {
            let mut log = begun(folder.path(), "window");
            writeln!(log, "2026-05-04T10:00:0{start}.000000Z  INFO roost: start {start}").unwrap();
        }
        assert_eq!(files_in(folder.path()), ["window.2026-05-04.log"]);
        assert_eq!(last_lines(folder.path(), 10).unwrap().len(), 3);
    }

    #[test]
    fn lines_of_two_programs_stand_by_their_times_and_no_folder_is_no_line() {
        let folder = tempfile::tempdir().unwrap();
        assert!(last_lines(&folder.path().join("none"), 5).unwrap().is_empty());
        let (mut window, mut watch) =
            (begun(folder.path(), "window"), begun(folder.path(), "watch"));
        writeln!(window, "2026-05-04T10:00:01.0Z  INFO roost: first").unwrap();
        writeln!(watch, "2026-05-04T10:00:02.0Z  INFO roost: second").unwrap();
        writeln!(window, "2026-05-04T10:00:03.0Z  INFO roost: third").unwrap();
        let lines = last_lines(folder.path(), 2).unwrap();
        assert!(lines[0].ends_with("second") && lines[1].ends_with("third"), "{lines:?}");
    }
}
