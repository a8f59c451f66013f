//! What a running `roost sync --watch` follows beside the posts: what is in the way, and a pairing
//! that another process made.

use std::time::Duration;

use roost_core::failure::Code;
use roost_engine::view::{Blocker, BlockerKind};
use roost_engine::{Engine, view::Trouble};
use roost_pairing::{Credentials, PairingWatch};
use tokio::time::Instant;

use crate::context::{Context, KEYRING_PATIENCE};
use crate::{format, next_step};

/// A pairing that could not be read is tried again after this.
const AGAIN: Duration = Duration::from_secs(10);

/// What was said of what is in the way, so that only news is said.
#[derive(Debug, Default)]
pub(crate) struct Told(Vec<Blocker>);

impl Told {
    /// Returns what to say: each new blocker once, and each that is over.
    pub(crate) fn news(&mut self, now: &[Blocker]) -> Vec<String> {
        let is_in = |list: &[Blocker], one: &Blocker| list.iter().any(|it| it.key() == one.key());
        let mut lines: Vec<String> =
            now.iter().filter(|one| !is_in(&self.0, one)).map(format::blocker).collect();
        lines.extend(self.0.iter().filter(|one| !is_in(now, one)).map(over));
        self.0 = now.to_vec();
        lines
    }
}

fn over(blocker: &Blocker) -> String {
    let whose = blocker.account.as_ref().map(|name| format!(" (@{name})")).unwrap_or_default();
    let what = match blocker.kind {
        BlockerKind::Withheld | BlockerKind::RelayRefuses => "the relay takes this computer again",
        BlockerKind::RelayUnreachable => "the relay answers again",
        BlockerKind::RelayLostStore => "the relay was told anew",
        BlockerKind::RelayNotReady => "the relay delivers again",
        BlockerKind::RelayClock | BlockerKind::OwnClock => "the clocks agree again",
        BlockerKind::SchedulerRefuses => "the scheduler takes messages again",
        BlockerKind::NotHandedOver => "what was due is handed over",
        BlockerKind::Withdrawing => "the relay acknowledged the changes",
        BlockerKind::WithoutAccount => "no post waits for an account",
        BlockerKind::AccountSignedOut | BlockerKind::AccountSuspended => "the account can post",
        BlockerKind::AppHeld => "X takes the app's posts again",
        BlockerKind::XUnreachable => "X is reached again",
        BlockerKind::SignInsHeld => "X renews sign-ins again",
        BlockerKind::NoLongerFits => "all posts fit their accounts",
        BlockerKind::WillBeMissed => "no post waits in vain",
        BlockerKind::Paused | BlockerKind::AccountPaused => "posts go out again",
        BlockerKind::TimeRules => "the times of posts are settled",
    };
    format!("Settled: {what}{whose}.")
}

/// The pairing of the data folder, watched for another process's `roost pair` and `roost unpair`.
#[derive(Debug)]
pub(crate) struct Pairing {
    watch: PairingWatch,
    again_at: Option<Instant>,
}

impl Pairing {
    pub(crate) fn new(context: &Context) -> Self {
        Self { watch: PairingWatch::new(&context.data), again_at: None }
    }

    /// Goes on with another pairing as soon as there is one, and says so. Without any it hands over
    /// nothing more: the relay that was left must not be given posts again.
    pub(crate) async fn follow(&mut self, context: &Context, engine: &Engine) {
        let again = self.again_at.is_some_and(|at| Instant::now() >= at);
        if !self.watch.changed() && !again {
            return;
        }
        self.again_at = None;
        if context.is_this_computer() {
            let paired = roost_pairing::paired(&context.data);
            if matches!(paired, Ok(None)) {
                return;
            }
            context.output.say(
                "This data folder was paired with a relay. Stop this command and start it again to \
                 use that one; until then posts go out from here.",
            );
            return;
        }
        let data = context.data.clone();
        let found =
            tokio::task::spawn_blocking(move || roost_pairing::find(&data, KEYRING_PATIENCE));
        match found.await {
            Ok(Ok(Some(remote))) => match remote.credentials {
                Credentials::Ready(endpoints) => {
                    if let Err(error) = engine.use_endpoints(Some(endpoints)) {
                        context.output.say(&error.to_string());
                        return;
                    }
                    let relay = remote.relay_url;
                    context.output.say(&format!("Paired anew with {relay}; going on with it."));
                    engine.request_sync();
                }
                Credentials::Locked { refusal, .. } => {
                    let message = format!("{refusal} {}", refusal.remedy("it goes on by itself"));
                    engine.suspend_services(Trouble::new(Code::KeyringUnavailable, message));
                    self.again_at = Some(Instant::now() + AGAIN);
                }
            },
            Ok(Ok(None)) => {
                let message = "This data folder is not paired any more, so nothing is handed over \
                               from here. Stop this command and start it again: then posts go out \
                               from this computer.";
                let trouble = Trouble::new(Code::RelayUnknown, message).with_steps([]);
                engine.suspend_services(trouble);
            }
            Ok(Err(error)) => {
                let words = next_step::with_steps(&error.to_string(), &error.next_steps());
                context.output.say(&words);
                self.again_at = Some(Instant::now() + AGAIN);
            }
            Err(error) => context.output.say(&error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocker(kind: BlockerKind, posts: u64) -> Blocker {
        Blocker {
            kind,
            code: Code::RelayUnauthorized,
            message: "The relay refuses.".to_owned(),
            remedy: "Pair again.".to_owned(),
            next_steps: Vec::new(),
            said: None,
            posts,
            account: None,
            first_due: None,
            since: None,
            next_try: None,
            needs_this_computer: false,
            needs_person: true,
        }
    }

    #[test]
    fn what_is_in_the_way_is_said_once_and_its_end_is_said_too() {
        let mut told = Told::default();
        let refuses = |posts| blocker(BlockerKind::RelayRefuses, posts);
        assert_eq!(told.news(&[refuses(1)]), ["The relay refuses. Pair again."]);
        assert_eq!(told.news(&[refuses(2)]), Vec::<String>::new(), "a number is no news");
        let clock = blocker(BlockerKind::RelayClock, 0);
        assert_eq!(told.news(&[refuses(2), clock.clone()]).len(), 1);
        assert_eq!(told.news(&[clock]), ["Settled: the relay takes this computer again."]);
    }
}
