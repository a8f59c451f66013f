//! Everything that a host can ask of the engine, in one table. The window's `call` command, the
//! command line's `--json`, and every later interface are generated from it or thin over it.
//!
//! Requests and answers are the engine's own types, in snake_case: instants are Unix milliseconds in
//! UTC, money is micro-dollars with its unit in the name. A host never repeats a rule and never
//! renames a field.

pub(crate) mod answers;
pub(crate) mod bulk_edit;
mod cause_requests;
mod dead_letter_requests;
mod diagnostics;
mod duplicates;
mod engine;
mod failure;
pub(crate) mod history;
pub(crate) mod import_answers;
pub(crate) mod import_requests;
mod media;
pub(crate) mod post_change;
pub(crate) mod preferences;
pub(crate) mod requests;
pub(crate) mod reschedule;
pub(crate) mod rewrite;
pub(crate) mod series;
#[cfg(test)]
mod tests;
mod time_rules;
#[cfg(feature = "specta")]
mod types;
mod typescript;
pub(crate) mod undone;

use roost_relay_api::AlarmsStatus;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use answers::*;
pub use bulk_edit::*;
pub use cause_requests::*;
pub use dead_letter_requests::*;
pub use diagnostics::*;
pub use duplicates::*;
pub use failure::Failure;
pub use history::*;
pub use import_answers::*;
pub use import_requests::*;
pub use media::*;
pub use requests::*;
pub use reschedule::*;
pub use rewrite::*;
pub use series::*;
pub use time_rules::*;
#[cfg(feature = "specta")]
pub use types::types;
pub use typescript::client;

use crate::view::{
    Agenda, AgendaQuery, HandedOver, PauseSet, PostDetail, PostPage, PostQuery, SchedulerNow,
    SyncState, UnsavedKept, UpdateReadiness,
};
use crate::{Cancelled, Engine, Error, NewPost, Preferences, Saved, Target, Undone, Verdict};

/// Whether an operation changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It changes nothing: it may be asked at any time and as often as wanted.
    Read,
    /// It changes posts, settings or accounts.
    Write,
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Operation {
    /// Its name, in every host.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub description: &'static str,
    /// Whether it changes something.
    pub effect: Effect,
    /// The name of the request's type.
    pub request: &'static str,
    /// The name of the answer's type.
    pub answer: &'static str,
}

macro_rules! operations {
    ($engine:ident; $(
        $description:literal
        $effect:ident $name:ident($request:ident: $Request:ident) -> $Answer:ident = $work:expr;
    )+) => {
        /// Every operation, in the table's order.
        pub const OPERATIONS: &[Operation] = &[$(Operation {
            name: stringify!($name),
            description: $description,
            effect: Effect::$effect,
            request: stringify!($Request),
            answer: stringify!($Answer),
        }),+];

        /// Carries an operation out: `params` is its request as JSON, and its answer is returned.
        ///
        /// # Errors
        /// When there is no such operation, the request can't be read, or the engine refuses.
        pub async fn call(
            $engine: &Engine,
            operation: &str,
            params: Value,
        ) -> Result<Value, Failure> {
            match operation {
                $(stringify!($name) => {
                    let $request: $Request = read(operation, params)?;
                    // Boxed, so that the largest operation does not make every call as large.
                    let work = Box::pin(async { $work });
                    let answer: Result<$Answer, Error> = work.await;
                    write(&answer?)
                })+
                _ => Err(Failure::unknown_operation(operation)),
            }
        }

        #[cfg(feature = "specta")]
        fn register(types: specta::Types) -> specta::Types {
            types$(.register::<$Request>().register::<$Answer>())+
        }
    };
}

operations! { engine;
    "Returns what stands around every list: counts, accounts, relay, costs, settings."
    Read get_overview(_request: Nothing) -> Overview = engine.overview().await;

    "Returns a page of posts: of a view, filtered or searched."
    Read list_posts(query: PostQuery) -> PostPage = engine.posts(&query).await;

    "Returns planned posts of one account that say the same, the most often planned first."
    Read find_duplicates(request: FindDuplicates) -> Duplicates =
        engine.find_duplicates(request).await;

    "Returns all tags with the number of their posts."
    Read list_tags(_request: Nothing) -> Tags = engine.tags().await.map(|tags| Tags { tags });

    "Returns the days of a calendar, each with its counts and the first of its posts."
    Read get_agenda(query: AgendaQuery) -> Agenda = engine.agenda(&query).await;

    "Returns one post with its parts, its receipt and what can be done with it."
    Read get_post(post: OnePost) -> PostDetail = engine.post(post.id).await;

    "Counts the parts of a text as X does, for the account that is to post it, and prices them."
    Read count_text(text: CountText) -> TextCount = engine.count(text).await;

    "Splits texts that are too long for the account into the parts of a thread; saves nothing."
    Read split_text(text: SplitText) -> TextSplit = engine.split(text).await;

    "Says what is wrong with a post as it stands, and what it costs."
    Read check_post(post: NewPost) -> Verdict = engine.judge(&post).await;

    "Takes a picture or a video into the library, from a path or by its bytes."
    Write add_media(wanted: AddMedia) -> MediaAdded = engine.add_media(wanted).await;

    "Returns the pictures and videos of the library, and the room that they take."
    Read list_media(wanted: ListMedia) -> MediaLibrary = engine.list_media(wanted).await;

    "Returns which parts have a picture or a video of the library."
    Read list_media_uses(wanted: ListMediaUses) -> MediaUses =
        engine.list_media_uses(wanted).await;

    "Returns a picture of the library made small."
    Read media_thumbnail(wanted: GetThumbnail) -> MediaThumbnail =
        engine.media_thumbnail(wanted).await;

    "Removes the pictures and videos that no post uses."
    Write remove_unused_media(_request: Nothing) -> MediaRemoved =
        engine.remove_unused_media().await;

    "Returns times that are round, ahead, and free for the account."
    Read suggest_times(wanted: SuggestTimes) -> Suggestions = engine.suggest_times(wanted).await;

    "Returns the moment that a person's words mean, such as tue 9, in 3h or next slot."
    Read read_time(asked: ReadTime) -> TimeRead = engine.read_time(asked).await;

    "Makes a post or a draft."
    Write create_post(post: NewPost) -> Saved = engine.create(post).await;

    "Changes a post; what was handed over is armed anew."
    Write edit_post(edit: EditPost) -> Saved = engine.edit(edit.id, edit.change).await;

    "Keeps a change beside its post while it is written; the post goes out as it was until it is saved."
    Write keep_unsaved_edit(asked: KeepUnsavedEdit) -> UnsavedKept =
        engine.keep_unsaved_edit(asked).await;

    "Throws the change away that is kept beside a post."
    Write drop_unsaved_edit(post: OnePost) -> PostDetail = {
        engine.drop_unsaved_edit(post.id).await?;
        engine.post(post.id).await
    };

    "Schedules a failed, missed or cancelled post again; a time in the past means now."
    Write retry_post(post: Target) -> Saved = engine.retry(post).await;

    "Returns what failed, waits or was missed, by the reason that posts have in common."
    Read list_causes(_request: Nothing) -> Causes = engine.list_causes().await;

    "Tries all posts of one cause again, gives them new times, or cancels them."
    Write act_on_cause(wanted: ActOnCause) -> CauseDone = engine.act_on_cause(wanted).await;

    "Schedules the draft that keeps a change which came too late."
    Write post_too(post: OnePost) -> Saved = engine.post_too(post.id).await;

    "Deletes on X what went out before a change, and posts what the change meant."
    Write replace_post(post: OnePost) -> PostDetail = engine.replace(post.id).await;

    "Deletes on X what a post put there; it costs something, and can't be undone."
    Write delete_on_x(post: Target) -> PostDetail = engine.delete_on_x(post).await;

    "Tells what the person found out about a post that needs a check."
    Write resolve_post(found: ResolvePost) -> PostDetail =
        engine.resolve(found.post, found.finding).await;

    "Withdraws posts; they stay in the list as cancelled."
    Write cancel_posts(posts: ManyPosts) -> Cancelled = engine.cancel(&posts.posts).await;

    "Withdraws every post of an account that is still to go out."
    Write cancel_account_posts(account: OneAccount) -> Cancelled =
        engine.cancel_account(account.x_user_id).await;

    "Shows what would become of many posts with new times, and changes nothing."
    Read preview_reschedule(asked: Reschedule) -> BulkEdit =
        engine.preview_reschedule(asked).await;

    "Gives many posts new times, all or none; what was handed over is armed anew."
    Write reschedule_posts(asked: Reschedule) -> BulkEdit = engine.reschedule(asked).await;

    "Shows what would become of many posts with other words, account, tags or state."
    Read preview_rewrite(asked: Rewrite) -> BulkEdit = engine.preview_rewrite(asked).await;

    "Changes words, account, tags or state of many posts, all or none."
    Write rewrite_posts(asked: Rewrite) -> BulkEdit = engine.rewrite(asked).await;

    "Returns the posts that changed clock rules of their zones would move."
    Read list_moved_times(_request: Nothing) -> MovedTimes = engine.moved_times().await;

    "Lets posts whose clock rules changed keep their times of day or their instants."
    Write settle_moved_times(wanted: SettleMovedTimes) -> BulkEdit =
        engine.settle_moved_times(wanted).await;

    "Removes posts from the list; what the relay may hold is withdrawn first."
    Write delete_posts(posts: ManyPosts) -> Deleted = engine.delete_posts(&posts.posts).await;

    "Returns deleted posts, the one deleted last first; they stay for 30 days."
    Read list_trash(wanted: ListTrash) -> Trash = engine.trash(wanted).await;

    "Takes posts out of the trash; one whose time has passed becomes a draft."
    Write restore_posts(posts: ManyPosts) -> Restored = engine.restore_posts(&posts.posts).await;

    "Returns what the person did, step by step, newest first."
    Read list_history(wanted: ListHistory) -> History = engine.history(wanted).await;

    "Says what undoing would do, post by post."
    Read preview_undo(wanted: MoveInHistory) -> Reversal = engine.preview_undo(wanted).await;

    "Says what redoing would do, post by post."
    Read preview_redo(wanted: MoveInHistory) -> Reversal = engine.preview_redo(wanted).await;

    "Undoes the newest step, or all down to one, by commands through the ordinary rules."
    Write undo(wanted: MoveInHistory) -> Reversal = engine.undo(wanted).await;

    "Redoes the step that was undone last, or all up to one."
    Write redo(wanted: MoveInHistory) -> Reversal = engine.redo(wanted).await;

    "Opens files or texts as one import, to look at and change before anything is written."
    Write open_import(open: OpenImport) -> ImportSession = engine.open_import(open).await;

    "Returns the imports that are open, newest first; they outlive the window."
    Read list_open_imports(_request: Nothing) -> OpenImports = engine.open_imports().await;

    "Returns an open import; one whose source changed since is judged anew only when asked."
    Read get_import(reopen: ReopenImport) -> ImportSession = engine.reopen_import(reopen).await;

    "Returns rows of an open import, as they are judged now."
    Read import_rows(query: ImportRowsQuery) -> ImportRows = engine.import_rows(query).await;

    "Sets cells of an open import, and judges their rows anew."
    Write set_import_cells(set: SetImportCells) -> ImportCellsSet =
        engine.set_import_cells(set).await;

    "Says what columns of an open import are; remembered for the next file of that shape."
    Write set_import_mapping(set: SetImportMapping) -> ImportSession =
        engine.set_import_mapping(set).await;

    "Chooses defaults, policies and switches of an open import."
    Write set_import_choices(set: SetImportChoices) -> ImportSession =
        engine.set_import_choices(set).await;

    "Reads the sources of an open import in another way: another sheet or list, or within another plan."
    Write set_import_part(part: SetImportPart) -> ImportSession =
        engine.set_import_part(part).await;

    "Mends what a finding is about, in one row of an open import or in all that have it."
    Write fix_import(fix: FixImport) -> ImportFixed = engine.fix_import(fix).await;

    "Decides what becomes of single rows of an open import, or takes a decision back."
    Write decide_import_rows(decide: DecideImportRows) -> ImportCellsSet =
        engine.decide_import_rows(decide).await;

    "Looks for texts of an open import that are nearly the same, some rows at a time."
    Write compare_import_texts(open: OneSession) -> ImportSummary =
        engine.compare_import_texts(open.session).await;

    "Imports what is ready, in one transaction; nothing while an error stands in the way."
    Write commit_import(open: OneSession) -> ImportReport =
        engine.commit_import(open.session).await;

    "Returns how far something is that is being done with an import."
    Read get_import_progress(work: ImportWork) -> ImportProgressNow =
        Ok(engine.import_progress(&work));

    "Gives up what is being done with an import; nothing of it is kept."
    Write give_up_import(work: ImportWork) -> ImportProgressNow = Ok(engine.give_up_import(&work));

    "Closes an open import; nothing of it is imported."
    Write drop_import(open: OneSession) -> OpenImports = engine.drop_import(open.session).await;

    "Writes the rows that are left out or refused into a file, each with its reason."
    Write save_import_rejects(save: SaveImportRejects) -> RejectsFile =
        engine.save_import_rejects(save).await;

    "Returns a file of posts to fill in, or writes it; its times lie ahead."
    Write get_import_template(template: GetImportTemplate) -> ImportTemplate =
        engine.get_import_template(template).await;

    "Returns words that make a language model write a file which an import takes."
    Read get_import_prompt(prompt: GetImportPrompt) -> ImportPrompt =
        engine.get_import_prompt(prompt).await;

    "Writes posts into a file."
    Write export_posts(export: ExportPosts) -> ExportedFile = engine.export_posts(export).await;

    "Returns the imports, newest first."
    Read list_imports(_request: Nothing) -> Imports =
        engine.imports().await.map(|imports| Imports { imports });

    "Says what taking an import back would do, to each post."
    Read preview_undo_import(import: OneImport) -> Undone =
        engine.preview_undo_import(import.id).await;

    "Takes a whole import back."
    Write undo_import(import: OneImport) -> Undone = engine.undo_import(import.id).await;

    "Returns the weekly posting times of an account."
    Read get_slots(account: GetSlots) -> AccountSlots = engine.slots(account.x_user_id).await;

    "Sets the weekly posting times of an account, which rows without a time take."
    Write set_slots(set: SetSlots) -> AccountSlots = engine.set_slots(set).await;

    "Says what a post that repeats would do: its next times, its cost, what is wrong with it."
    Read preview_series(asked: NewSeries) -> SeriesPreview = engine.preview_series(asked).await;

    "Makes a post that repeats by a rule; each of its times is a post of its own."
    Write create_series(asked: NewSeries) -> SeriesSaved = engine.create_series(asked).await;

    "Returns the posts that repeat, newest first."
    Read list_series(wanted: ListSeries) -> SeriesList = engine.list_series(wanted).await;

    "Returns a post that repeats, with the posts that it made."
    Read get_series(series: OneSeries) -> SeriesDetail = engine.series(series.id).await;

    "Changes a post that repeats: all that wait, or one and those that follow."
    Write edit_series(edit: EditSeries) -> SeriesSaved = engine.edit_series(edit).await;

    "Leaves one time of a post that repeats out."
    Write skip_occurrence(skip: SkipOccurrence) -> SeriesSaved = engine.skip_occurrence(skip).await;

    "Ends a post that repeats; what waits of it is cancelled, unless it is kept."
    Write end_series(end: EndSeries) -> SeriesSaved = engine.end_series(end).await;

    "Pauses everything or one account, or goes on; says what became of what is late."
    Write set_paused(wanted: SetPaused) -> PauseSet =
        engine.set_paused(wanted.paused, wanted.account.as_deref()).await;

    "Tries at once whatever waits for X, an account or the scheduler."
    Write try_now(_request: Nothing) -> HandedOver = engine.try_now().await;

    "Hands over what is due soon, and brings results back."
    Write sync_now(_request: Nothing) -> HandedOver = engine.sync().await;

    "Returns the messages of this store that the scheduler gave up."
    Read list_dead_letters(wanted: ListDeadLetters) -> DeadLetters =
        engine.dead_letters(wanted).await;

    "Publishes messages anew that the scheduler gave up; what went out does not go out again."
    Write retry_dead_letters(letters: ManyDeadLetters) -> DeadLettersDone =
        engine.retry_dead_letters(letters.ids).await;

    "Deletes messages that the scheduler gave up; nothing of their posts changes."
    Write delete_dead_letters(letters: ManyDeadLetters) -> DeadLettersDone =
        engine.delete_dead_letters(letters.ids).await;

    "Returns the newest runs of handing over and of recovery, newest first."
    Read list_sync_runs(wanted: ListSyncRuns) -> SyncRuns = engine.sync_runs(wanted).await;

    "Returns what X charged on each of the last days, newest first."
    Read list_daily_costs(wanted: ListDailyCosts) -> DailyCosts = engine.daily_costs(wanted).await;

    "Returns the accounts known here."
    Read list_accounts(_request: Nothing) -> Accounts =
        engine.accounts().await.map(|accounts| Accounts { accounts });

    "Reads the accounts anew from the relay."
    Write refresh_accounts(_request: Nothing) -> Accounts =
        engine.refresh_accounts().await.map(|accounts| Accounts { accounts });

    "Takes an account's sign-in from the relay; its posts wait."
    Write disconnect_account(account: OneAccount) -> Accounts = {
        engine.disconnect(account.x_user_id).await?;
        engine.accounts().await.map(|accounts| Accounts { accounts })
    };

    "Returns what the person prefers."
    Read get_settings(_request: Nothing) -> Preferences = engine.preferences().await;

    "Changes what the person prefers; what is left out stays."
    Write change_settings(change: ChangeSettings) -> Preferences = engine.change_settings(change).await;

    "Returns the name of every time zone."
    Read list_zones(_request: Nothing) -> Zones = Ok(Zones::all());

    "Returns the newest notices, newest first."
    Read list_notices(wanted: ListNotices) -> Notices = engine.list_notices(wanted).await;

    "Notes that the person read a notice and all older ones."
    Write read_notices(read: ReadNotices) -> Notices = {
        engine.notices_read(read.up_to).await?;
        engine.list_notices(ListNotices::default()).await
    };

    "Looks at everything that could be wrong; with `live`, a test delivery goes the whole way as well."
    Read check_health(look: CheckHealthOf) -> Checks = {
        let mut checks = engine.doctor().await;
        if look.live {
            checks.extend(engine.test_delivery().await);
        }
        Ok(Checks::of(checks))
    };

    "Returns versions, sizes, states and log lines, without texts, handles or secrets."
    Read get_diagnostics(asked: GetDiagnostics) -> Diagnostics =
        Ok(engine.diagnostics(asked).await);

    "Writes a whole, checked copy of the store."
    Write back_up(backup: BackUp) -> BackupFile = engine.backup(backup.to).await.map(Into::into);

    "Returns the backups beside the store, newest first."
    Read list_backups(_request: Nothing) -> Backups = engine.backups().await;

    "Makes this computer, and this data folder, the one that feeds the relay."
    Write take_over(_request: Nothing) -> SyncState = engine.take_over().await;

    "Uses this computer again after its posts were moved to another one; those must not be in use there."
    Write come_back(_request: Nothing) -> SyncState = engine.come_back().await;

    "Says whether Roost's program may be replaced by a newer one now, and what that waits for."
    Read get_update_hold(_request: Nothing) -> UpdateReadiness = engine.update_hold().await;

    "Returns the relays, other than the one in use, that hold posts of this store."
    Read list_other_relays(_request: Nothing) -> Relays = engine.relays_left_behind().await;

    "Takes the person's word that a relay will never run again; what it held goes elsewhere."
    Write forget_relay(relay: OneRelay) -> Relays = {
        engine.forget_relay(relay.relay).await?;
        engine.relays_left_behind().await
    };

    "Returns where the relay's alarms go, and what is wrong now."
    Read get_alarms(_request: Nothing) -> AlarmsStatus = engine.alarms().await;

    "Has the relay send a test through every channel of its alarms."
    Write test_alarms(_request: Nothing) -> AlarmTests = engine.test_alarms().await;

    "Returns the computers that may speak to the relay, by name."
    Read list_devices(_request: Nothing) -> Devices = engine.devices().await;

    "Returns which scheduler calls the relay when posts are due."
    Read get_scheduler(_request: Nothing) -> SchedulerNow = engine.scheduler().await;

    "Takes a computer's key away: the relay does not hear it any more."
    Write revoke_device(device: OneDevice) -> Devices = {
        engine.revoke_device(&device.name).await?;
        engine.devices().await
    };
}

fn read<T: DeserializeOwned>(operation: &str, params: Value) -> Result<T, Failure> {
    // What takes nothing may be asked without params.
    let params = if params.is_null() { Value::Object(serde_json::Map::new()) } else { params };
    serde_json::from_value(params).map_err(|error| Failure::bad_request(operation, &error))
}

fn write(answer: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(answer).map_err(|error| Error::Internal(error.to_string()).into())
}
