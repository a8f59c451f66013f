//! What holds posts of all accounts at once: an X app without credits, an X that is not reached or that
//! renews no sign-ins. It is one state of the whole, counted by cause, and told once, not post by post.

use roost_core::failure::Code;
use roost_store::{Error as StoreError, NewNotification, Read, Tx};

use crate::Result;
use crate::diagnosis::counted::counted;
use crate::view::WaitingCount;

/// The setting that names the states which the person was told of, and which are not over.
const TOLD: &str = "holds_told";

/// Whether X refuses an app as a whole for this reason: only the person ends it.
pub(crate) const fn is_of_the_app(code: Code) -> bool {
    matches!(
        code,
        Code::CreditsDepleted
            | Code::SpendCapReached
            | Code::UsageCapped
            | Code::AppNotEnrolled
            | Code::AppSuspended
    )
}

/// Whether X as a whole is in trouble: it passes by itself.
pub(crate) const fn is_of_x(code: Code) -> bool {
    matches!(code, Code::XUnreachable | Code::XUnavailable)
}

/// Whether X renews no sign-ins: it passes by itself, unless they are lost.
pub(crate) const fn is_of_sign_ins(code: Code) -> bool {
    matches!(code, Code::SignInDoubtful | Code::RefreshRefused)
}

/// Whether this holds posts of all accounts at once.
pub(crate) const fn is_of_the_whole(code: Code) -> bool {
    is_of_the_app(code) || is_of_x(code) || is_of_sign_ins(code)
}

/// Returns what posts wait for on the relay, by cause.
///
/// # Errors
/// When SQLite cannot read.
pub(crate) fn waiting(store: &Read<'_>) -> std::result::Result<Vec<WaitingCount>, StoreError> {
    let held = store.held()?.into_iter().map(|held| {
        let code = held.code.and_then(|word| word.parse().ok()).unwrap_or(Code::Internal);
        WaitingCount {
            code,
            message: code.text().to_owned(),
            posts: held.posts,
            next_try: held.next,
            said: held.said.filter(|said| said != code.text()),
        }
    });
    Ok(held.collect())
}

/// Tells of a state of the whole that began, once until it is over. `got_through` says that X took a
/// post since: what was is over then. Returns whether there is something new to tell.
pub(crate) fn follow(store: &mut Tx<'_>, got_through: bool) -> Result<bool> {
    let told: Vec<Code> = store.setting(TOLD)?.unwrap_or_default();
    let whole: Vec<WaitingCount> =
        waiting(store)?.into_iter().filter(|waiting| is_of_the_whole(waiting.code)).collect();
    let mut known = told.clone();
    if got_through {
        known.retain(|code| whole.iter().any(|waiting| waiting.code == *code));
    }
    let mut news = false;
    for waiting in whole.iter().filter(|waiting| !told.contains(&waiting.code)) {
        known.push(waiting.code);
        news |= store.notify(&notice(waiting, store.now().0))?;
    }
    if known != told {
        store.save_setting(TOLD, &known)?;
    }
    Ok(news)
}

fn notice(waiting: &WaitingCount, now: i64) -> NewNotification {
    let posts = counted(waiting.posts, "post waits", "posts wait");
    let next = waiting.next_try.map(|next| format!(" The next try is at {next}."));
    NewNotification {
        key: format!("hold:{}:{now}", waiting.code),
        kind: "relay".to_owned(),
        post_id: None,
        account: None,
        cause: None,
        title: waiting.message.trim_end_matches('.').to_owned(),
        body: format!("{posts} for it. {}{}", waiting.code.remedy(), next.unwrap_or_default()),
    }
}
