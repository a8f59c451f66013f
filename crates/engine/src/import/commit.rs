//! Writing an import: what is ready, in one transaction.

use std::ops::ControlFlow;

use roost_core::clock::UnixMillis;
use roost_core::id::{ImportId, PostId};
use roost_core::post::{Content, Part};
use roost_core::status::{Actor, Status};
use roost_import::finding::{Finding, Severity};
use roost_import::session::{ReadyRow, Session, Watch, new_status, over};
use roost_import::surroundings::{KnownPost, Surroundings};
use roost_store::{Edit, NewImport, NewPost, OwnId, PostUpdate, Schedule, Tx};
use sha2::{Digest as _, Sha256};

use super::desk::{Desk, session_error};
use super::follow_ups::{self, Reply};
use super::{media, recall, surroundings};
use crate::api::{ImportReport, ImportStepName, ReportedProblem, ReportedProblems};
use crate::change_feed::ChangeFeed;
use crate::open_import::{Held, Opened, Work, joint_name};
use crate::{Error, Result};

/// Errors, and warnings, that a report lists; all are counted.
const LISTED_MAX: usize = 1_000;
/// Bytes of a source's name that are kept.
const NAME_CHARS_MAX: usize = 1_000;
/// So long what was judged against the store stays true while nothing is written: posts become past.
const JUDGED_FOR_MS: i64 = 60_000;
/// Posts that are written between two words about how far it is.
const TOLD_EVERY_POSTS: u32 = 1_000;
/// How often rows are judged anew because the store changed meanwhile.
const ATTEMPTS_MAX: u32 = 5;

/// Imports what is ready; nothing while an error stands in the way.
pub(super) fn commit_held(
    desk: &Desk,
    changes: &ChangeFeed,
    held: &mut Held,
    work: &Work,
) -> Result<ImportReport> {
    let Held { opened, session, judged_after, judged_at, .. } = held;
    let rows = opened.rows;
    let mut judged = Judged { session, after: judged_after, at: judged_at };
    let watched = Watched {
        judging: &|judged| work.at(ImportStepName::Judging, judged.into(), rows),
        writing: &|written, of| work.at(ImportStepName::Writing, written.into(), of.into()),
    };
    commit(desk, changes, opened, &mut judged, watched)
}

/// What is told how far the writing of an import is; each answers whether to go on.
#[derive(Clone, Copy)]
pub(super) struct Watched<'w> {
    /// Told how many rows are judged.
    pub(super) judging: Watch<'w>,
    /// Told how many posts are written, and of how many.
    pub(super) writing: &'w (dyn Fn(u32, u32) -> ControlFlow<()> + Sync),
}

/// Rows, and what they were judged against.
pub(super) struct Judged<'s> {
    pub(super) session: &'s mut Session,
    pub(super) after: &'s mut i64,
    pub(super) at: &'s mut UnixMillis,
}

/// Imports what is ready; nothing while an error stands in the way.
pub(super) fn commit(
    desk: &Desk,
    changes: &ChangeFeed,
    opened: &Opened,
    judged: &mut Judged<'_>,
    watched: Watched<'_>,
) -> Result<ImportReport> {
    let Watched { judging: watch, writing } = watched;
    let is_fresh = judged.at.0 + JUDGED_FOR_MS > desk.store.clock().now().0;
    let around = judged.session.surroundings();
    if !is_fresh
        || !desk.store.read(|store| surroundings::hold_still(store, &desk.config, around))?
    {
        judge_again(desk, judged, watch)?;
    }
    take_media_in(desk, changes, opened, judged, watched)?;
    for _ in 0..ATTEMPTS_MAX {
        // What is nearly the same stands in no way, and is told in the report.
        judged.session.compare_texts(watch).map_err(session_error)?;
        let summary = judged.session.summary();
        if summary.refused > 0 || summary.ready + summary.drafts == 0 {
            return Ok(report(judged.session, false, None));
        }
        let of = summary.ready + summary.drafts;
        if writing(0, of).is_break() {
            return Err(Error::ImportGivenUp);
        }
        let expected = *judged.after;
        let written = changes.write(&desk.store, "import.commit", |store| {
            if store.import(opened.id)?.is_some() {
                // Asked for twice at once.
                return Err(Error::ImportNotOpen(opened.id));
            }
            if store.last_event()? != expected {
                // Posts came or went since the rows were judged: what they repeat may be another.
                return Ok(None);
            }
            if !surroundings::hold_still(store, &desk.config, judged.session.surroundings())? {
                // An account was removed, say, or prices changed.
                return Ok(None);
            }
            let not_updated =
                write(store, opened, judged.session, &|written| writing(written, of))?;
            if writing(of, of).is_break() {
                return Err(Error::ImportGivenUp);
            }
            Ok(Some(not_updated))
        })?;
        if let Some(not_updated) = written {
            let mut report = report(judged.session, false, Some(opened.id));
            report.updated -= not_updated;
            return Ok(report);
        }
        judge_again(desk, judged, watch)?;
    }
    Err(Error::Internal("other programs wrote posts all the time".to_owned()))
}

/// Takes in the files that rows name, and judges the rows anew by what became of them: one whose file
/// can't be had becomes a draft, and one that has the picture of a post which is there repeats that.
fn take_media_in(
    desk: &Desk,
    changes: &ChangeFeed,
    opened: &Opened,
    judged: &mut Judged<'_>,
    watched: Watched<'_>,
) -> Result<()> {
    let summary = judged.session.summary();
    if summary.refused > 0 {
        return Ok(());
    }
    let of = summary.ready + summary.drafts;
    let watch = || (watched.writing)(0, of);
    if let Some(taken) = media::take_in(desk, changes, opened, judged.session, &watch)? {
        let around = Surroundings { media: taken, ..judged.session.surroundings().clone() };
        judged.session.set_surroundings(around, watched.judging).map_err(session_error)?;
    }
    Ok(())
}

fn judge_again(desk: &Desk, judged: &mut Judged<'_>, watch: Watch<'_>) -> Result<()> {
    let now = desk.store.clock().now();
    let (surroundings, after) = surroundings::read(&desk.store, &desk.config, now)?;
    // What was taken in for these rows stays known.
    let media = judged.session.surroundings().media.clone();
    let surroundings = Surroundings { media, ..surroundings };
    judged.session.set_surroundings(surroundings, watch).map_err(session_error)?;
    *judged.after = after;
    *judged.at = now;
    Ok(())
}

/// Writes what is ready, and returns how many waiting posts stayed as they were. Once it is given up, no
/// further post is written; the caller takes back what was.
fn write(store: &mut Tx<'_>, opened: &Opened, session: &Session, watch: Watch<'_>) -> Result<u64> {
    let plan = session.table().defaults.plan.clone().unwrap_or_default();
    let mut updates = Vec::new();
    let mut rows = Vec::new();
    let mut made = Vec::new();
    let now = store.now();
    let mut replies = Vec::new();
    for row in session.ready() {
        match row.updates {
            Some(known) => {
                let reply = row.follow_up.clone();
                let reply = reply
                    .map(|reply| follow_ups::changed(store, known.id, &reply, PostId::new(now)));
                match reply.transpose()?.flatten() {
                    Some(Reply::Changed(update)) => replies.push(update),
                    Some(Reply::New(post)) => {
                        made.push(NewPost { import_row: Some(row.row), ..post });
                    }
                    None => {}
                }
                updates.push(update(store, known, row)?);
            }
            None => rows.push(row),
        }
    }
    updates.extend(replies);
    let ids = PostId::batch(store.now());
    let goes_on =
        |written: u32| !written.is_multiple_of(TOLD_EVERY_POSTS) || watch(written).is_continue();
    let posts = (0..)
        .zip(rows)
        .zip(ids)
        .take_while(|((written, _), _)| goes_on(*written))
        .flat_map(|((_, mut row), id)| {
            let reply = row.follow_up.take();
            let post = new_post(row, id, &plan);
            let reply = reply.map(|reply| follow_ups::new(&post, &reply, PostId::new(now)));
            std::iter::once(post).chain(reply)
        })
        .chain(made);
    let import = new_import(opened, session);
    let imported = store.import_posts(&import, &updates, posts, Actor::Person)?;
    recall::keep(store, session.table(), session.mapping())?;
    Ok(imported.not_updated.len() as u64)
}

/// Returns what a row makes of a waiting post.
fn update(store: &Tx<'_>, known: KnownPost, row: ReadyRow) -> Result<PostUpdate> {
    let KnownPost { id, status, at, key } = known;
    // One that is gone is told by the store.
    let before = store.posts_and_contents(&[id])?.pop().map(|(_, content)| content);
    // A row without a time of its own leaves its post where it is.
    let schedule = schedule(&row).filter(|it| Some(it.at) != at);
    let says_the_same = key == row.duplicate_key && row.content.fields_beyond().is_empty();
    let ReadyRow { content, account, tags, note, .. } = row;
    // A post keeps its pictures, of which a row of texts knows nothing.
    let content = over(content, &before.unwrap_or_default());
    let to = new_status(row.status, status, &content);
    let edit = Edit {
        content: Some(content).filter(|_| !says_the_same),
        account: account.map(Some),
        schedule: schedule.map(Some),
        tags: Some(tags).filter(|tags| !tags.is_empty()),
        note: note.map(Some),
        status: to,
        ..Edit::default()
    };
    Ok(PostUpdate { post: roost_store::KnownPost { id, status, at, key }, edit })
}

fn schedule(row: &ReadyRow) -> Option<Schedule> {
    row.scheduled_at.zip(row.wall_time).map(|(at, wall_time)| Schedule {
        at,
        wall_time: wall_time.to_string(),
        zone: row.zone.name().to_owned(),
    })
}

fn new_import(opened: &Opened, session: &Session) -> NewImport {
    let (summary, choices) = (session.summary(), session.choices());
    NewImport {
        id: opened.id,
        source: joint_name(&opened.sources).chars().take(NAME_CHARS_MAX).collect(),
        format: session.table().format.as_str().to_owned(),
        sha256: Some(digest(opened)),
        // A row has its own account and zone.
        account: None,
        zone: Some(summary.zone.clone()),
        options: serde_json::to_value(choices).unwrap_or_default(),
        found: summary.rows.into(),
        skipped: summary.skipped.into(),
        plan: session.table().defaults.plan.clone(),
        warnings: summary.warnings,
    }
}

/// Returns one hash of all sources: that of the file where there is one.
fn digest(opened: &Opened) -> [u8; 32] {
    let unhex = |text: &str| {
        let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
        let bytes: Option<Vec<u8>> = pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect();
        bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
    };
    if let [one] = opened.sources.as_slice()
        && let Some(hash) = unhex(&one.sha256)
    {
        return hash;
    }
    let mut hash = Sha256::new();
    for source in &opened.sources {
        hash.update(source.sha256.as_bytes());
    }
    hash.finalize().into()
}

fn new_post(row: ReadyRow, id: PostId, plan: &str) -> NewPost {
    NewPost {
        schedule: schedule(&row),
        account: row.account,
        // What could not be taken in is told at its row.
        status: if lacks_files(&row.content) { Status::Draft } else { row.status },
        import_row: Some(row.row),
        tags: row.tags,
        own_id: row
            .own_id
            .map(|id| OwnId { plan: row.plan.unwrap_or_else(|| plan.to_owned()), id }),
        note: row.note,
        ..NewPost::draft(id, row.content)
    }
}

fn lacks_files(content: &Content) -> bool {
    content.parts.iter().any(Part::has_unsendable)
}

/// Returns what an import did, or would do.
pub(super) fn report(
    session: &Session,
    dry_run: bool,
    import_id: Option<ImportId>,
) -> ImportReport {
    let summary = session.summary();
    let (errors, warnings): (Vec<_>, Vec<_>) = session
        .findings(LISTED_MAX)
        .into_iter()
        .partition(|finding| finding.severity == Severity::Error);
    let listed = |findings: Vec<Finding>| findings.into_iter().map(reported).collect();
    let made = u64::from(summary.ready + summary.drafts - summary.updated);
    ImportReport {
        rows: summary.rows.into(),
        ready: summary.ready.into(),
        imported: if import_id.is_some() { made } else { 0 },
        updated: if import_id.is_some() || dry_run { summary.updated.into() } else { 0 },
        skipped: summary.skipped.into(),
        duplicates: summary.duplicates.into(),
        past: summary.past.into(),
        drafts: summary.drafts.into(),
        cost_micros: summary.cost_micros,
        first_at: summary.first_at,
        last_at: summary.last_at,
        dry_run,
        import_id,
        errors: ReportedProblems { total: summary.errors, listed: listed(errors) },
        warnings: ReportedProblems { total: summary.warnings, listed: listed(warnings) },
    }
}

fn reported(finding: Finding) -> ReportedProblem {
    let problem = finding.problem;
    ReportedProblem {
        row: problem.row,
        line: problem.line,
        field: problem.field,
        code: problem.code,
        message: problem.message,
        fix: problem.remedy,
    }
}
