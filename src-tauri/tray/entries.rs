//! What the tray's menu offers, as data.

use roost_engine::api::{ListHistory, StepState};
use roost_engine::{Engine, Error};

/// What the menu's words depend on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Offer {
    /// Whether everything is paused.
    is_paused: bool,
    /// The accounts' handles, each with whether it is paused by itself.
    accounts: Vec<(String, bool)>,
    /// What the step is called that is undone next.
    undo: Option<String>,
}

/// An entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// A line between entries.
    Line,
    /// Something that can be chosen.
    Item {
        /// What it does.
        choice: Choice,
        /// What it says.
        words: String,
    },
}

/// What an entry does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    /// Shows the window.
    Show,
    /// Pauses everything, or goes on.
    Pause,
    /// Pauses the account of this handle, or goes on.
    PauseAccount(String),
    /// Undoes the last step.
    Undo,
    /// Quits.
    Quit,
}

const PAUSE_ACCOUNT: &str = "pause:";
/// How many of the newest steps are searched for the name of the one that is undone next.
const STEPS: u32 = 20;

impl Choice {
    /// Returns the entry's id in the menu.
    pub(super) fn id(&self) -> String {
        match self {
            Self::Show => "show".to_owned(),
            Self::Pause => "pause".to_owned(),
            Self::PauseAccount(username) => format!("{PAUSE_ACCOUNT}{username}"),
            Self::Undo => "undo".to_owned(),
            Self::Quit => "quit".to_owned(),
        }
    }

    /// Returns what the entry with an id does.
    pub(super) fn of(id: &str) -> Option<Self> {
        match id {
            "show" => Some(Self::Show),
            "pause" => Some(Self::Pause),
            "undo" => Some(Self::Undo),
            "quit" => Some(Self::Quit),
            other => {
                other.strip_prefix(PAUSE_ACCOUNT).map(|name| Self::PauseAccount(name.to_owned()))
            }
        }
    }
}

impl Offer {
    /// Returns what can be offered now.
    pub(super) async fn of(engine: &Engine) -> Result<Self, Error> {
        let is_paused = engine.sync_state().await?.paused;
        let accounts = engine.accounts().await?;
        let history =
            engine.history(ListHistory { limit: STEPS, ..ListHistory::default() }).await?;
        // Steps that can't be undone may stand before the one that is undone next.
        let undo = history.undo.map(|next| {
            let step = history.steps.iter().find(|step| step.id == next);
            let done = step.filter(|step| step.state == StepState::Done);
            done.map_or_else(|| "the last change".to_owned(), |step| step.title.clone())
        });
        let accounts =
            accounts.into_iter().map(|account| (account.username, account.paused)).collect();
        Ok(Self { is_paused, accounts, undo })
    }

    /// Returns whether an account is paused by itself, or everything.
    pub(super) fn is_paused(&self, account: Option<&str>) -> bool {
        match account {
            None => self.is_paused,
            Some(name) => self.accounts.iter().any(|(known, paused)| known == name && *paused),
        }
    }

    /// Returns the entries. One account alone has none: pausing everything pauses it.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let item = |choice, words: &str| Entry::Item { choice, words: words.to_owned() };
        let pause = if self.is_paused { "Let posts go out again" } else { "Pause all posts" };
        let mut entries = vec![item(Choice::Show, "Show Roost"), Entry::Line];
        entries.push(item(Choice::Pause, pause));
        let is_one = self.accounts.len() == 1 && self.accounts.iter().all(|(_, paused)| !paused);
        for (username, paused) in self.accounts.iter().filter(|_| !is_one) {
            let words = if *paused { "Let posts of" } else { "Pause" };
            let end = if *paused { " go out again" } else { "" };
            let choice = Choice::PauseAccount(username.clone());
            entries.push(item(choice, &format!("{words} @{username}{end}")));
        }
        if let Some(step) = &self.undo {
            entries.push(Entry::Line);
            entries.push(item(Choice::Undo, &format!("Undo: {step}")));
        }
        entries.push(Entry::Line);
        entries.push(item(Choice::Quit, "Quit"));
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::{Choice, Entry, Offer};

    fn words(offer: &Offer) -> Vec<String> {
        let entries = offer.entries().into_iter();
        entries
            .filter_map(|entry| match entry {
                Entry::Item { words, .. } => Some(words),
                Entry::Line => None,
            })
            .collect()
    }

    #[test]
    fn the_tray_pauses_everything_and_with_several_accounts_each_and_undoes_by_name() {
        let ada = ("ada".to_owned(), false);
        let one = Offer { accounts: vec![ada.clone()], ..Offer::default() };
        assert_eq!(words(&one), ["Show Roost", "Pause all posts", "Quit"]);
        let two = Offer {
            is_paused: true,
            accounts: vec![ada, ("grace".to_owned(), true)],
            undo: Some("Moved 2 posts".to_owned()),
        };
        assert_eq!(
            words(&two),
            [
                "Show Roost",
                "Let posts go out again",
                "Pause @ada",
                "Let posts of @grace go out again",
                "Undo: Moved 2 posts",
                "Quit",
            ]
        );
        assert!(two.is_paused(Some("grace")) && !two.is_paused(Some("ada")));
    }

    #[test]
    fn each_entry_is_known_again_by_its_id() {
        let account = Choice::PauseAccount("ada".to_owned());
        for choice in [Choice::Show, Choice::Pause, account, Choice::Undo, Choice::Quit] {
            assert_eq!(Choice::of(&choice.id()), Some(choice));
        }
        assert_eq!(Choice::of("other"), None);
    }
}
