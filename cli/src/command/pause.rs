//! `roost pause` and `roost resume`

use roost_engine::Error;
use roost_engine::view::PauseReport;

use crate::args::PauseArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Exit, counted};

pub(crate) async fn run(
    context: &Context,
    args: &PauseArgs,
    paused: bool,
) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    let report = match engine.set_paused(paused, args.account.as_deref()).await {
        Ok(set) => Some(set.report),
        // The wish is written down; the process with the relay inside tells it.
        Err(Error::NoServices) if context.is_this_computer() => None,
        Err(error @ (Error::UnknownAccount { .. } | Error::AccountPauseUnknown)) => {
            return Err(error.into());
        }
        Err(error) => {
            let mut failure = Failure::from(error);
            let wish = if paused { "pause" } else { "end of the pause" };
            failure.message = format!(
                "{} The {wish} is written down, and the relay is told as soon as it can be: by \
                 `roost sync` or the window.",
                failure.message
            );
            return Err(failure);
        }
    };
    let held = match &report {
        Some(report) => report.handed_over,
        None => engine.sync_state().await?.handed_over,
    };
    let fenced = report.as_ref().map_or(0, |report| held - report.sending);
    let document = serde_json::json!({
        "paused": paused,
        "account": args.account.as_deref().map(|handle| handle.trim_start_matches('@')),
        "confirmed": report.is_some(),
        "handed_over": held,
        "handed_over_confirmed": fenced,
        "late": report.as_ref().map(|report| report.late),
    });
    let words = Words { paused, account: args.account.as_deref(), held, fenced };
    context.output.result(&document, || match &report {
        Some(report) => words.confirmed(report),
        None => words.written_down(),
    });
    Ok(Exit::Done)
}

/// What was wanted, and how many posts the relay holds of it.
struct Words<'a> {
    paused: bool,
    account: Option<&'a str>,
    held: u64,
    fenced: u64,
}

impl Words<'_> {
    fn confirmed(&self, report: &PauseReport) -> String {
        let posts = counted(self.held, "post", "posts");
        let (what, fenced) = (self.what(), self.fenced);
        if self.paused {
            let sending = match report.sending {
                0 => String::new(),
                sending => format!(" {} being sent already.", counted(sending, "is", "are")),
            };
            let resume = match self.account {
                Some(account) => format!("roost resume --account {account}"),
                None => "roost resume".to_owned(),
            };
            return format!(
                "Paused{what}: the relay confirmed it for {fenced} of {posts} that it \
                 holds.{sending} Nothing of it goes out until `{resume}`."
            );
        }
        let mut lines = vec![format!(
            "Resumed{what}: the relay confirmed it for {fenced} of {posts} that it holds."
        )];
        if report.still_paused {
            lines.push("Everything is paused all the same: `roost resume` ends that.".to_owned());
        }
        lines.extend(late(report));
        lines.join("\n")
    }

    fn written_down(&self) -> String {
        let (word, what) = (if self.paused { "Paused" } else { "Resumed" }, self.what());
        let last = if self.paused { "before it posts anything" } else { "when it is started" };
        format!(
            "{word}{what}; 0 of {} confirmed yet. The window or `roost sync --watch` tells its \
             relay: at once when it runs, else {last}.",
            counted(self.held, "post", "posts")
        )
    }

    fn what(&self) -> String {
        self.account
            .map_or_else(String::new, |handle| format!(" @{}", handle.trim_start_matches('@')))
    }
}

/// Returns what became of the posts whose time passed during the pause.
fn late(report: &PauseReport) -> Option<String> {
    let late = report.late;
    (late.posts > 0).then(|| {
        format!(
            "The time of {} passed meanwhile; the relay gave back {} of them: {} missed and wait \
             for you (`roost posts list --view needs-you`), {} out all the same.",
            counted(late.posts, "post", "posts"),
            late.confirmed,
            counted(late.missed, "is", "are"),
            counted(late.goes_out, "goes", "go"),
        )
    })
}
