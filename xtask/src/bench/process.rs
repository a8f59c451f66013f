//! What a process uses, as Linux tells it in `/proc`.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// Linux counts in units of 1024 bytes; we in millions.
const MB_PER_KIB: f64 = 1024.0 / 1e6;
/// `USER_HZ`, the unit of times in `/proc/<pid>/stat`: 100 on every Linux that Rust runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// Resident memory now, MB.
pub(crate) fn resident(id: u32) -> Result<f64> {
    status(id, "VmRSS:")
}

/// The most memory that was resident since the start, MB.
pub(crate) fn peak(id: u32) -> Result<f64> {
    status(id, "VmHWM:")
}

/// Resident memory once it has not changed for a second; MB.
pub(crate) fn resident_at_rest(id: u32) -> Result<f64> {
    const STILL: Duration = Duration::from_secs(1);
    const LIMIT: Duration = Duration::from_secs(15);
    let begun = Instant::now();
    let (mut last, mut since) = (resident(id)?, Instant::now());
    while since.elapsed() < STILL && begun.elapsed() < LIMIT {
        std::thread::sleep(Duration::from_millis(50));
        let now = resident(id)?;
        if (now - last).abs() > 0.05 {
            (last, since) = (now, Instant::now());
        }
    }
    resident(id)
}

/// How many files, connections among them, it has open now.
pub(crate) fn open_files(id: u32) -> Result<f64> {
    let path = format!("/proc/{id}/fd");
    let files = std::fs::read_dir(&path).with_context(|| format!("{path} can't be read"))?;
    Ok(f64::from(u32::try_from(files.count())?))
}

/// Processor time used so far, in user and kernel, seconds.
pub(crate) fn processor_seconds(id: u32) -> Result<f64> {
    let path = format!("/proc/{id}/stat");
    let text = std::fs::read_to_string(&path).with_context(|| format!("{path} can't be read"))?;
    // The program's name stands in parentheses and may hold anything; the numbers follow it.
    let numbers = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = numbers.split_whitespace().skip(11).take(2);
    let ticks: Vec<f64> = ticks.filter_map(|number| number.parse().ok()).collect();
    anyhow::ensure!(ticks.len() == 2, "{path} is not understood");
    Ok(ticks.iter().sum::<f64>() / TICKS_PER_SECOND)
}

/// How often its threads were woken so far: each time that one gave the processor up by itself.
pub(crate) fn wake_ups(id: u32) -> Result<f64> {
    let tasks = format!("/proc/{id}/task");
    let threads = std::fs::read_dir(&tasks).with_context(|| format!("{tasks} can't be read"))?;
    let of_thread = |thread: std::fs::DirEntry| {
        // A thread may end while it is looked at.
        let text = std::fs::read_to_string(thread.path().join("status")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        line.trim().parse::<f64>().ok()
    };
    Ok(threads.flatten().filter_map(of_thread).sum())
}

fn status(id: u32, field: &str) -> Result<f64> {
    let path = format!("/proc/{id}/status");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("{path} can't be read (memory is measured on Linux only)"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    let kib: f64 = line
        .and_then(|line| line.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .with_context(|| format!("{path} has no {field}"))?;
    Ok(kib * MB_PER_KIB)
}

/// The processes that a process started and that still run.
pub(crate) fn children(id: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|child| parent(*child) == Some(id)).collect()
}

fn parent(id: u32) -> Option<u32> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// The name of the program that a process runs, cut off after 15 letters as Linux does.
pub(crate) fn name(id: u32) -> String {
    let text = std::fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
    text.trim().to_owned()
}
