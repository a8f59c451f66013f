//! Importing a file: parsed by the core, committed in one transaction, undone as a whole.

use roost_core::duplicate::DuplicateKey;
use roost_core::id::{ImportId, PostId, XUserId};
use roost_core::limits::{Limits, Plan, Subscription};
use roost_core::post::PastPolicy;
use roost_core::status::{Actor, Status};
use roost_core::zone::Zone;
use roost_import::strict::{self, KnownAccount, KnownPosts, Options, Parsed, Row};
use roost_store::{
    Error as StoreError, Filter, Label, List, NewImport, NewPost, Page, Read, Schedule, Tx,
};
use sha2::{Digest, Sha256};

use crate::cancel::remove;
use crate::compose::is_out;
use crate::preferences::{X_API_BASE, is_sandbox};
use crate::state::{EngineState, blocking};
use crate::view::ImportRow;
use crate::{Error, FileReport, ImportOptions, LeftOut, Result, Undone, preferences};

/// Rows left out that a report names; all are counted.
const LEFT_OUT_MAX: usize = 20;

/// Imports a file, or rehearses it. Row errors stand in the report; then nothing was written.
pub(crate) async fn import(
    engine: &EngineState,
    bytes: Vec<u8>,
    asked: ImportOptions,
    dry_run: bool,
) -> Result<FileReport> {
    let zone = match &asked.zone {
        Some(name) => Zone::parse(name)?,
        None => preferences::zone(engine).await?,
    };
    let (store, changes, now) = (engine.store.clone(), engine.changes.clone(), engine.now());
    let imported = blocking(move || {
        let options = store.read(|store| options(store, &asked, zone, now))?;
        let parsed = match parse(&store, &bytes, options)? {
            Ok(parsed) => parsed,
            Err(report) => return Ok(FileReport { source: asked.source, dry_run, ..*report }),
        };
        let mut report = report(&asked, &parsed, dry_run);
        if dry_run || !parsed.errors.is_empty() || parsed.rows.is_empty() {
            return Ok(report);
        }
        let import = new_import(&bytes, &asked, &parsed, ImportId::new(now));
        report.import_id = Some(import.id);
        changes.write(&store, "import.commit", |store| commit(store, &import, parsed.rows))?;
        Ok(report)
    })
    .await?;
    if imported.import_id.is_some() {
        engine.wake.notify_one();
    }
    Ok(imported)
}

fn options(
    store: &Read<'_>,
    asked: &ImportOptions,
    zone: Zone,
    now: roost_core::clock::UnixMillis,
) -> std::result::Result<Options, StoreError> {
    let mut options = Options::new(now);
    options.zone = zone;
    options.account.clone_from(&asked.account);
    options.past = asked.past;
    options.duplicates = asked.duplicates;
    if store.setting::<String>(X_API_BASE)?.as_deref().is_some_and(is_sandbox) {
        options.limits = Limits::of(Plan::Demo);
    }
    options.accounts = store
        .accounts()?
        .into_iter()
        .map(|account| KnownAccount {
            subscription: Subscription::from_x(account.subscription_type.as_deref()),
            limits: account.limits,
            id: account.x_user_id,
            username: account.username,
        })
        .collect();
    if asked.past == PastPolicy::NextSlot {
        add_times(store, &mut options.known)?;
    }
    Ok(options)
}

/// The times already taken, for "next free slot".
fn add_times(store: &Read<'_>, known: &mut KnownPosts) -> std::result::Result<(), StoreError> {
    let filter = Filter { list: Some(List::Upcoming), ..Filter::default() };
    let mut page = Page { limit: 1000, ..Page::default() };
    loop {
        let found = store.posts(&filter, &page)?;
        for post in found.posts {
            let at = post.schedule.map(|schedule| schedule.at);
            known.add(post.account.as_ref(), post.duplicate_key, at);
        }
        let Some(next) = found.next else { return Ok(()) };
        page.after = Some(next);
    }
}

type Refused = Box<FileReport>;

/// Parses; and once more with what is there already, when some of it is there already.
fn parse(
    store: &roost_store::Store,
    bytes: &[u8],
    mut options: Options,
) -> Result<std::result::Result<Parsed, Refused>> {
    let parsed = match strict::parse(bytes, &options) {
        Ok(parsed) => parsed,
        Err(error) => {
            let mut report = FileReport::nothing(&options.zone);
            report.errors.add(1, || error.problem());
            return Ok(Err(Box::new(report)));
        }
    };
    let known = store.read(|store| known_rows(store, &parsed.rows))?;
    if known.is_empty() {
        return Ok(Ok(parsed));
    }
    for (account, key) in known {
        options.known.add(account.as_ref(), key, None);
    }
    strict::parse(bytes, &options).map(Ok).map_err(|error| Error::Internal(error.to_string()))
}

type Known = (Option<XUserId>, DuplicateKey);

fn known_rows(store: &Read<'_>, rows: &[Row]) -> std::result::Result<Vec<Known>, StoreError> {
    let mut accounts: Vec<&Option<XUserId>> = rows.iter().map(|row| &row.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let mut known = Vec::new();
    for account in accounts {
        let of_account = rows.iter().filter(|row| row.account == *account);
        let keys: Vec<_> = of_account.map(|row| row.duplicate_key).collect();
        let found = store.known_duplicate_keys(account.as_ref(), &keys)?;
        known.extend(found.into_iter().map(|key| (account.clone(), key)));
    }
    Ok(known)
}

fn new_import(bytes: &[u8], asked: &ImportOptions, parsed: &Parsed, id: ImportId) -> NewImport {
    NewImport {
        id,
        source: asked.source.chars().take(1000).collect(),
        format: "json".to_owned(),
        sha256: Some(Sha256::digest(bytes).into()),
        // A row has its own account and zone.
        account: None,
        zone: Some(parsed.zone.name().to_owned()),
        options: serde_json::json!({ "past": asked.past, "duplicates": asked.duplicates }),
        found: u64::from(parsed.total),
        skipped: parsed.skipped.len() as u64,
        plan: None,
        warnings: parsed.warnings.total,
    }
}

fn commit(store: &mut Tx<'_>, import: &NewImport, rows: Vec<Row>) -> Result<()> {
    let now = store.now();
    let ids = PostId::batch(now);
    let posts = rows.into_iter().zip(ids).map(|(row, id)| new_post(row, id));
    store.import_posts(import, &[], posts, Actor::Person)?;
    Ok(())
}

fn new_post(row: Row, id: PostId) -> NewPost {
    NewPost {
        account: row.account,
        schedule: row.scheduled_at.zip(row.wall_time).map(|(at, wall_time)| Schedule {
            at,
            wall_time: wall_time.to_string(),
            zone: row.zone.name().to_owned(),
        }),
        status: row.status,
        import_row: Some(row.row),
        tags: row.tags,
        ..NewPost::draft(id, row.content)
    }
}

fn report(asked: &ImportOptions, parsed: &Parsed, dry_run: bool) -> FileReport {
    let count = |status| parsed.rows.iter().filter(|row| row.status == status).count() as u64;
    let duplicates =
        parsed.skipped.iter().filter(|skipped| skipped.reason != strict::SkipReason::Past).count()
            as u64;
    let with_link = |row: &&Row| row.content.has_link();
    FileReport {
        source: asked.source.clone(),
        import_id: None,
        dry_run,
        rows: u64::from(parsed.total),
        scheduled: count(Status::Pending),
        drafts: count(Status::Draft),
        skipped: parsed.skipped.len() as u64,
        duplicates,
        left_out: parsed.skipped.iter().take(LEFT_OUT_MAX).map(left_out).collect(),
        with_link: parsed.rows.iter().filter(with_link).count() as u64,
        cost_micros: parsed.cost.0,
        first_at: parsed.first_at,
        last_at: parsed.last_at,
        zone: parsed.zone.name().to_owned(),
        errors: parsed.errors.clone(),
        warnings: parsed.warnings.clone(),
    }
}

fn left_out(skipped: &strict::Skipped) -> LeftOut {
    LeftOut { row: skipped.row, reason: skipped.reason.to_string() }
}

/// Takes a whole import back: what never left is gone at once, what was handed over with the
/// relay's acknowledgement, what is on X stays.
pub(crate) async fn undo(engine: &EngineState, id: ImportId) -> Result<Undone> {
    let undone = engine
        .write("import.undo", move |store| {
            store.label(Label::UndoImport);
            if store.import(id)?.is_none() {
                return Err(Error::NoSuchImport(id));
            }
            let undone = store.undo_import(id, Actor::Person)?;
            let mut cancelling = 0;
            let mut kept = 0;
            for (post, status) in undone.kept {
                let post = store.expect_post(post)?;
                if is_out(status) || remove(store, &post).is_err() {
                    kept += 1;
                } else {
                    cancelling += 1;
                }
            }
            Ok(Undone { removed: undone.removed, cancelling, kept })
        })
        .await?;
    engine.wake.notify_one();
    Ok(undone)
}

/// All imports, newest first.
pub(crate) async fn list(engine: &EngineState) -> Result<Vec<ImportRow>> {
    engine
        .read(|store| {
            let imports = store.imports()?;
            imports
                .into_iter()
                .map(|import| {
                    let of = |list| Filter {
                        import: Some(import.id),
                        list: Some(list),
                        ..Filter::default()
                    };
                    Ok(ImportRow {
                        posted: store.count_posts(&of(List::Posted))?,
                        open: store.count_posts(&of(List::Upcoming))?,
                        id: import.id,
                        number: import.number,
                        source: import.source,
                        imported_at: import.created_at,
                        posts: import.imported,
                        undone_at: import.undone_at,
                    })
                })
                .collect()
        })
        .await
}
