//! The relay with its embedded scheduler while the network does to it what it can: connections that say nothing,
//! junk, forged deliveries. Posts go out meanwhile; the same posts went out before, in the same run, without.

mod crowd;
mod world;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use roost_core::clock::{Clock as _, SystemClock};

use super::load::quantile;
use super::{Better, Goal, Row, build_release, process};
use crowd::{Crowd, Done};
use world::World;

/// Connections with half a header.
const IDLE_CONNECTIONS: usize = 2000;
/// Requests of junk, per second.
const JUNK_PER_SECOND: u32 = 1000;
/// Deliveries with a forged signature, in all.
const FORGED: u32 = 10_000;
/// Posts of one second, and for how many seconds.
const POSTS_PER_SECOND: u32 = 4;
const SECONDS: u32 = 30;
/// From the import to the first post: time to hand them over on a machine that is busy.
const LEAD_MS: i64 = 20_000;
/// The load begins so long before the first post, and ends after the last.
const BEFORE: Duration = Duration::from_secs(6);
/// How long the last post is waited for: as long as the relay's own clock would take for one that was never
/// called.
const PATIENCE: Duration = Duration::from_secs(240);
/// 99 of a hundred posts may be so late, in milliseconds.
const LATE_MS: f64 = 1000.0;
/// How much more memory the relay may take than without load, MB of a million bytes.
const MORE_MB: f64 = 33.6;
/// Connections of the relay, and the files that it keeps for X, the database and the rest.
const FILES_MAX: f64 = 1256.0;
/// A client may take so long for a header, with what a busy machine adds.
const HEADER_SECONDS: f64 = 6.0;

/// How to measure.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Arguments {
    /// Takes the programs that were built for development: only to try the measurement.
    #[arg(long)]
    pub(super) unoptimised: bool,
}

/// Measures and returns one row for each figure.
pub(crate) fn measure(arguments: Arguments) -> Result<Vec<Row>> {
    if !arguments.unoptimised {
        build_release(&["roost-cli", "roost-relay", "roost-x-sandbox"])?;
    }
    let world = World::begin(!arguments.unoptimised)?;
    let header_seconds = crowd::header_seconds(world.relay)?;
    let mut calm = run(&world, "calm", false)?;
    let mut busy = run(&world, "busy", true)?;
    let done = busy.crowd.take().unwrap_or_default();
    let name = |what: &str| format!("under load: {what}");
    let late = |share: f64, calm: &mut Phase, busy: &mut Phase| {
        (quantile(&mut calm.late_ms, share), quantile(&mut busy.late_ms, share))
    };
    let (half, busy_half) = late(0.5, &mut calm, &mut busy);
    let (most, busy_most) = late(0.99, &mut calm, &mut busy);
    let at_most = |most: f64| Some(Goal::AtMost(most));
    let asked = f64::from(JUNK_PER_SECOND);
    Ok(vec![
        Row { floor: Some(half), ..row(name("late, half of the posts"), "ms", busy_half) },
        Row {
            floor: Some(most),
            goal: at_most(LATE_MS),
            ..row(name("late, 99 of 100"), "ms", busy_most)
        },
        Row { goal: at_most(0.0), ..row(name("posts lost or doubled"), "posts", busy.wrong) },
        Row { goal: at_most(0.0), ..row(name("posts before their time"), "posts", busy.early) },
        Row {
            goal: at_most(0.0),
            ..row(name("posts that no delivery came for"), "posts", world.backstop()?)
        },
        Row {
            floor: Some(calm.memory_mb),
            goal: at_most((calm.memory_mb + MORE_MB).round()),
            ..row(name("memory of the relay, the most"), "MB", busy.memory_mb)
        },
        Row {
            floor: Some(calm.files),
            goal: at_most(FILES_MAX),
            ..row(
                name(&format!("open files, {IDLE_CONNECTIONS} idle clients")),
                "files",
                busy.files,
            )
        },
        Row {
            goal: at_most(HEADER_SECONDS),
            ..row("half a header: until the connection ends".to_owned(), "s", header_seconds)
        },
        Row {
            better: Better::Higher,
            floor: Some(asked),
            ..row(name("junk answered"), "1/s", done.junk_per_second())
        },
        row(name("forged deliveries refused"), "requests", f64::from(done.forged_refused)),
        Row {
            goal: at_most(0.0),
            ..row(name("forged deliveries taken"), "requests", f64::from(done.forged_taken))
        },
    ])
}

/// What was seen while posts went out.
struct Phase {
    late_ms: Vec<f64>,
    /// Posts that are not on X once.
    wrong: f64,
    early: f64,
    /// The most memory of the relay, MB.
    memory_mb: f64,
    /// The most files that it had open.
    files: f64,
    crowd: Option<Done>,
}

/// Plans posts and lets them go out, with a crowd or without.
fn run(world: &World, word: &str, has_crowd: bool) -> Result<Phase> {
    let posts = POSTS_PER_SECOND * SECONDS;
    let first = (SystemClock.now().0 + LEAD_MS).div_euclid(1000) * 1000;
    let due = |number: u32| first + i64::from(number / POSTS_PER_SECOND) * 1000;
    world.hand_over(word, (0..posts).map(|number| (format!("{word} {number}"), due(number))))?;
    let begins = Duration::from_millis(u64::try_from(first - SystemClock.now().0).unwrap_or(0));
    if begins < BEFORE {
        bail!("handing {posts} posts over took longer than {} s", LEAD_MS / 1000);
    }
    std::thread::sleep(begins.saturating_sub(BEFORE));
    let crowd = has_crowd.then(|| Crowd::begin(world.relay)).transpose()?;
    let lasts = BEFORE * 2 + Duration::from_secs(SECONDS.into());
    let (begun, mut memory_mb, mut files) = (Instant::now(), 0.0_f64, 0.0_f64);
    while begun.elapsed() < lasts {
        memory_mb = memory_mb.max(process::resident(world.relay_id())?);
        files = files.max(process::open_files(world.relay_id())?);
        std::thread::sleep(Duration::from_millis(100));
    }
    let crowd = crowd.map(Crowd::end).transpose()?;
    let deadline = Instant::now() + PATIENCE;
    let creates = loop {
        let creates = world.accepted(word)?;
        if creates.len() >= posts as usize || Instant::now() > deadline {
            break creates;
        }
        std::thread::sleep(Duration::from_millis(500));
    };
    let number = |text: &str| text.rsplit(' ').next()?.parse::<u32>().ok();
    let mut times = vec![0_u32; posts as usize];
    let (mut late_ms, mut early) = (Vec::new(), 0.0);
    for create in &creates {
        let Some(number) = number(&create.text).filter(|it| *it < posts) else { continue };
        times[number as usize] += 1;
        let late = create.arrived_at - due(number);
        early += if late < 0 { 1.0 } else { 0.0 };
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of some minutes")]
        late_ms.push(late as f64);
    }
    let wrong = times.iter().map(|times| f64::from(times.abs_diff(1))).sum();
    eprintln!(
        "{word}: {} of {posts} posts went out, {memory_mb:.1} MB, {files} files",
        creates.len()
    );
    Ok(Phase { late_ms, wrong, early, memory_mb, files, crowd })
}

fn row(name: String, unit: &'static str, ours: f64) -> Row {
    Row { name, unit, better: Better::Lower, ours, floor: None, peer: None, goal: None }
}
