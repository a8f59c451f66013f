//! What concerns relay and scheduler: which they are, handing over, bringing results back, sign-ins.

use std::path::PathBuf;

use roost_core::id::XUserId;
use roost_relay_api::{AlarmsStatus, Grant};
use roost_store::OtherRelay;

use crate::api::{AlarmTests, DeadLetters, DeadLettersDone, Devices, ListDeadLetters};
use crate::diagnosis::{doctor, file_check, live_test};
use crate::relay::{account_sync, alarms, devices, pull, session, signing_keys};
use crate::sync::{pass, recover, removal, run_record, scheduler_refusal, uploads};
use crate::view::{
    AccountRow, Check, HandedOver, KeysAtRelay, PauseSet, SchedulerNow, SyncState, Trouble,
    UpdateReadiness,
};
use crate::{
    Detached, Endpoint, Endpoints, Engine, Error, Leaving, Result, accounts, computer_move,
    daily_backup, dead_letters, notify, pause, scheduler_setup, switch_relay, update_hold,
};

impl Engine {
    /// Tells where the services are; `None` takes them away. What follows uses them at once.
    ///
    /// # Errors
    /// When an address is none, or a key holds what no key holds.
    pub fn use_endpoints(&self, endpoints: Option<Endpoints>) -> Result<()> {
        self.state.use_endpoints(endpoints.as_ref())
    }

    /// Returns which scheduler calls the relay.
    ///
    /// # Errors
    /// When no relay is known; that it can't be reached is no error.
    pub async fn scheduler(&self) -> Result<SchedulerNow> {
        scheduler_setup::now(&self.state).await
    }

    /// Asks a scheduler for its signing keys, which tells whether its token is good, and sees to it that
    /// the relay knows them. Nothing else changes: keep the token, then call [`Engine::use_scheduler`].
    ///
    /// # Errors
    /// When the scheduler refuses the token, or scheduler or relay can't be reached.
    pub async fn try_scheduler(&self, endpoint: &Endpoint) -> Result<KeysAtRelay> {
        signing_keys::try_out(&self.state, endpoint).await
    }

    /// Returns the scheduler inside the relay, with the token that opens it.
    ///
    /// # Errors
    /// When the relay can't be reached, has none, or is of an earlier release.
    pub async fn relays_scheduler(&self) -> Result<Endpoint> {
        signing_keys::relays_own(&self.state).await
    }

    /// Takes another scheduler for the relay in use. The next pass moves what the former one has: each
    /// post is armed under a fresh revision, so that none is lost and none goes out twice.
    ///
    /// # Errors
    /// When no relay is known, or the address is none.
    pub async fn use_scheduler(&self, endpoint: &Endpoint) -> Result<()> {
        self.clear_scheduler_refusal().await?;
        self.state.use_scheduler(endpoint)
    }

    /// Forgets what the scheduler refused: the person has told another one, or another token.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn clear_scheduler_refusal(&self) -> Result<()> {
        let forget = |store: &mut roost_store::Tx<'_>| Ok(scheduler_refusal::clear(store)?);
        self.state.write("scheduler.told", forget).await
    }

    /// Takes the services away until the person has done something; everything but delivery works, and
    /// why delivery does not is said wherever it is asked for.
    pub fn suspend_services(&self, trouble: Trouble) {
        self.state.suspend_services(trouble);
    }

    /// Says in the status and, once, through the operating system, what keeps posts from going out.
    /// The services stay in use.
    ///
    /// # Errors
    /// When the store can't be written; the status says it all the same.
    pub async fn report_problem(&self, title: &str, trouble: Trouble) -> Result<()> {
        notify::trouble(&self.state, title, trouble).await
    }

    /// Sends what must be known to the relay before it may post: first contact, withdrawals,
    /// pauses. Call it before a local relay is released.
    ///
    /// # Errors
    /// When the relay can't be reached; what is to be sent stays written down.
    pub async fn flush_outbox(&self) -> Result<()> {
        pass::flush_outbox(&self.state).await
    }

    /// Asks the running loop for a pass now.
    pub fn request_sync(&self) {
        self.state.wake.notify_one();
    }

    /// Hands over what is inside the horizon and brings results back, and waits for both. Returns
    /// what became of the hand-over; single messages that the scheduler refused are in it.
    ///
    /// # Errors
    /// When relay or scheduler can't be reached; what was done stays done.
    pub async fn sync(&self) -> Result<HandedOver> {
        let handed_over = self.pass_and_removals().await?;
        let services = self.state.services()?;
        recover::ask(&self.state, &services).await?;
        pull::pull_all(&self.state, &services).await?;
        // Where no loop runs, nobody else would.
        file_check::check_if_due(&self.state).await?;
        daily_backup::wait_if_due(&self.state).await;
        Ok(handed_over)
    }

    /// Runs a sync pass, and the removals that a running loop would begin beside its passes.
    async fn pass_and_removals(&self) -> Result<HandedOver> {
        let mut handed_over = pass::run_pass(&self.state, run_record::ON_REQUEST).await;
        if handed_over.is_ok() && self.upload_what_a_loop_would().await > 0 {
            let before = handed_over;
            handed_over = pass::run_pass(&self.state, run_record::ON_REQUEST).await;
            handed_over = before.and_then(|before| Ok(before.and(handed_over?)));
        }
        if let Err(error) = removal::carry_out_due(&self.state).await {
            // It is noted beside the intention, and tried again.
            tracing::warn!(%error, "a post on X could not be replaced yet");
        }
        handed_over
    }

    /// Uploads the files that posts wait for, where no loop does. Returns for how many that is settled.
    async fn upload_what_a_loop_would(&self) -> u64 {
        if self.state.uploads().is_looked_after {
            return 0;
        }
        uploads::upload_wanted(&self.state).await.unwrap_or_else(|error| {
            // It is noted beside the file, and said at its posts by the next pass.
            tracing::warn!(%error, "files could not be uploaded yet");
            0
        })
    }

    /// Asks the relay how it is, and takes what it has to tell. That it can't be reached is no
    /// error but part of [`Engine::sync_state`].
    ///
    /// # Errors
    /// When the store can't be used, or no relay is known.
    pub async fn refresh_status(&self) -> Result<()> {
        let services = match self.state.services() {
            Err(Error::Withheld(_)) => return Ok(()),
            services => services?,
        };
        let looked = async {
            session::check_readiness(&self.state, &services).await?;
            pull::pull_all(&self.state, &services).await?;
            Ok(())
        };
        match looked.await {
            Err(Error::Relay(_)) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Has the relay try at once whatever waits for X, an app or an account, and asks the scheduler
    /// at once, whatever it said before. A pause stays a pause.
    ///
    /// # Errors
    /// When relay or scheduler can't be reached.
    pub async fn try_now(&self) -> Result<HandedOver> {
        pause::try_now(&self.state, &self.state.services()?).await?;
        let handed_over = self.pass_and_removals().await?;
        self.request_sync();
        Ok(handed_over)
    }

    /// Pauses everything, or goes on. The flag is on the relay when this returns without an error.
    ///
    /// # Errors
    /// When the relay can't be reached; it is told as soon as it can.
    pub async fn pause(&self, paused: bool) -> Result<SyncState> {
        Ok(self.set_paused(paused, None).await?.sync)
    }

    /// Pauses an account (by its handle, or its id at X), or everything; or goes on. The flag is on
    /// the relay when this returns without an error. After a resume, what the pause made later than
    /// the late policy allows was taken back from the relay first.
    ///
    /// # Errors
    /// When the relay can't be reached; it is told as soon as it can. When the relay is of a release
    /// that can't pause an account, or there is no such account.
    pub async fn set_paused(&self, paused: bool, account: Option<&str>) -> Result<PauseSet> {
        let scope = pause::scope(&self.state, account).await?;
        let report = pause::set(&self.state, scope, paused).await?;
        Ok(PauseSet { sync: self.sync_state().await?, report })
    }

    /// Makes this computer, and this data folder, the one that feeds the relay, after
    /// [`roost_core::failure::Code::OtherStore`]. Without a relay at hand the folder alone is noted.
    ///
    /// # Errors
    /// When the relay can't be reached, or the store can't be written.
    pub async fn take_over(&self) -> Result<SyncState> {
        session::take_over(&self.state).await?;
        self.request_sync();
        self.sync_state().await
    }

    /// Returns what an update of the program has to wait for; none where it may be replaced now.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn update_hold(&self) -> Result<UpdateReadiness> {
        Ok(UpdateReadiness { hold: update_hold::hold(&self.state).await? })
    }

    /// The same, after relay and scheduler were told what they have yet to know. What could not be told is
    /// part of what it waits for.
    ///
    /// # Errors
    /// When the store can't be used.
    pub async fn prepare_update(&self) -> Result<UpdateReadiness> {
        Ok(UpdateReadiness { hold: update_hold::prepare(&self.state).await? })
    }

    /// Marks the store as moved to another computer, in the sealed file `file`: from here on no process
    /// hands over for it or writes to it, until [`Engine::come_back`].
    ///
    /// # Errors
    /// When a loop runs for this store, something that only this computer knows was not told to the relay,
    /// or the store went away already.
    pub async fn leave_computer(&self, file: PathBuf) -> Result<Leaving> {
        computer_move::leave(&self.state, file).await
    }

    /// Uses this computer again after the posts were moved to another one. The relay is asked about every
    /// post before any is armed; a relay on this computer asks X about those that were due meanwhile.
    ///
    /// # Errors
    /// When they were not moved, or the store can't be written.
    pub async fn come_back(&self) -> Result<SyncState> {
        computer_move::come_back(&self.state).await?;
        self.sync_state().await
    }

    /// Returns why nothing goes out from here and nothing is written: the posts were moved to another
    /// computer.
    #[must_use]
    pub fn moved_away(&self) -> Option<Trouble> {
        self.state.moved_trouble()
    }

    /// Returns whether there was never anything of a person's in this store: no post, account or import.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn is_unused(&self) -> Result<bool> {
        self.state.read(|store| store.is_unused()).await
    }

    /// The relays that hold posts of this store, but the one named: it posts them, and nothing of
    /// theirs is handed to another.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn other_relays(&self, than: Option<String>) -> Result<Vec<OtherRelay>> {
        switch_relay::other_relays(&self.state, than).await
    }

    /// The relay in use, by its public address.
    #[must_use]
    pub fn relay_in_use(&self) -> Option<String> {
        self.state.services().ok().map(|services| services.relay_public_url)
    }

    /// Has the relay in use let go of all posts, so that another can be given them. Results are
    /// brought back first.
    ///
    /// # Errors
    /// When the relay can't be reached, or a loop runs for this store.
    pub async fn detach_relay(&self) -> Result<Detached> {
        switch_relay::detach(&self.state).await
    }

    /// Takes the person's word that a relay will never run again. Whatever it held is handed to the
    /// one in use; should it run all the same, both post.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn forget_relay(&self, relay: String) -> Result<()> {
        switch_relay::forget_relay(&self.state, relay).await
    }

    /// Returns where the relay's alarms go, and what is wrong now.
    ///
    /// # Errors
    /// When the relay can't be reached, or is of a release that has none.
    pub async fn alarms(&self) -> Result<AlarmsStatus> {
        alarms::status(&self.state).await
    }

    /// Has the relay send a test through every channel of its alarms.
    ///
    /// # Errors
    /// When the relay can't be reached; what a channel refused is in the answer.
    pub async fn test_alarms(&self) -> Result<AlarmTests> {
        Ok(AlarmTests { tests: alarms::test(&self.state).await? })
    }

    /// Returns the computers that may speak to the relay, by name.
    ///
    /// # Errors
    /// When the relay can't be reached, or is of a release that does not tell.
    pub async fn devices(&self) -> Result<Devices> {
        Ok(Devices { devices: devices::list(&self.state).await? })
    }

    /// Takes a computer's key away.
    ///
    /// # Errors
    /// When the relay can't be reached, or knows none of the name.
    pub async fn revoke_device(&self, name: &str) -> Result<()> {
        devices::revoke(&self.state, name).await
    }

    /// Gives a sign-in to the relay; it is kept nowhere else.
    ///
    /// # Errors
    /// When the relay can't be reached, or X refuses the grant.
    pub async fn connect(&self, x_user_id: XUserId, grant: Grant) -> Result<AccountRow> {
        accounts::connect(&self.state, x_user_id, grant).await
    }

    /// Takes an account's sign-in from the relay.
    ///
    /// # Errors
    /// When the relay can't be reached.
    pub async fn disconnect(&self, x_user_id: XUserId) -> Result<()> {
        accounts::disconnect(&self.state, x_user_id).await
    }

    /// Reads the accounts anew from the relay.
    ///
    /// # Errors
    /// When the relay can't be reached.
    pub async fn refresh_accounts(&self) -> Result<Vec<AccountRow>> {
        account_sync::refresh(&self.state, &self.state.services()?).await?;
        self.accounts().await
    }

    /// Returns the messages of this store that the scheduler gave up.
    ///
    /// # Errors
    /// When the scheduler can't be reached.
    pub async fn dead_letters(&self, wanted: ListDeadLetters) -> Result<DeadLetters> {
        dead_letters::list(&self.state, wanted).await
    }

    /// Publishes messages anew that the scheduler gave up. The relay answers each with what became of
    /// its post, so that nothing goes out twice.
    ///
    /// # Errors
    /// When the scheduler can't be reached, or refuses one.
    pub async fn retry_dead_letters(&self, ids: Vec<String>) -> Result<DeadLettersDone> {
        dead_letters::retry(&self.state, ids).await
    }

    /// Deletes messages that the scheduler gave up. Nothing of their posts changes.
    ///
    /// # Errors
    /// When the scheduler can't be reached.
    pub async fn delete_dead_letters(&self, ids: Vec<String>) -> Result<DeadLettersDone> {
        dead_letters::delete(&self.state, ids).await
    }

    /// Looks at everything that could be wrong.
    pub async fn doctor(&self) -> Vec<Check> {
        doctor::examine(&self.state).await
    }

    /// Sends a delivery that is no post's the whole way, through scheduler and relay and back, and has the
    /// relay prove each account's sign-in. Nothing is posted. It takes half a minute at the most where
    /// the delivery does not come.
    pub async fn test_delivery(&self) -> Vec<Check> {
        live_test::run(&self.state).await
    }
}
