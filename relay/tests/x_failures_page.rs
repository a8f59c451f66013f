//! `docs/x-failures.md` is the relay's table of failures, in words. `ROOST_WRITE_DOCS=1` writes it
//! anew.

use std::fmt::Write as _;
use std::path::Path;

use roost_relay::failure_policy::{
    Condition, Disposition, Example, Operation, Row, Scope, TABLE, Until,
};

const HEAD: &str = "\
# What the relay does when X says no

Every way in which X fails a call, what becomes of the post, and of its account and its app. The
relay acts by this very table, and a law meets every row of it at the sandbox. What each code means
to a person is in [failures.md](failures.md).

\"Nothing created\" means that the post may be sent again; \"unknown\" that X may have created it, so
that nothing is sent before the account's timeline was read. A post that waits keeps its deadline
(six hours after its time, unless the desktop says otherwise): when it passes, the post is *missed*,
says what it waited for, and goes out by one press.

This page is written by `ROOST_WRITE_DOCS=1 cargo test -p roost-relay --test x_failures_page`.

| X says | outcome | the post | tried again | account and app |
| --- | --- | --- | --- | --- |
";

const TAIL: &str = "
## Images and videos

The files of a post go to X before its first part does, some minutes ahead of its time
(`media_ahead_seconds`), and the post goes out with X's ids of all of them or not at all. A call that
fails on the way creates no post, whatever came of it, so that it is made again: what is *unknown* in
the table, a media route that is out of order or its limit waits as `media_unavailable`, after seconds,
doubled up to minutes, and holds up no post without those files. While X works on a video its post waits
as `media_processing`. A file that X does not take, or can't process, refuses the post as
`invalid_media`, with X's words. What concerns the app or the account as a whole holds its other posts as
the table says. An id lives for a day; one that is over is replaced before X sees it.

## An unknown outcome

The relay reads the account's timeline 10 seconds, 1, 5 and 30 minutes after the call
(`looks_seconds`). Only a post with the same text, the same parent and a time that fits makes it
posted. What no look finds is *parked*: a person decides. With `resend_once = true` in the relay's
configuration it is sent once more by itself, at most once, after one more look; the receipt says
so.

A look that X refuses is none: it waits as the table says, and what concerns the app or the account
as a whole holds its other posts, too. What may have gone out before, and can't be looked for until
a day past its deadline (`look_patience_seconds`), is parked.

## A refused sign-in

A 401 disconnects nobody. The token is refreshed once and the post sent once more; when X does not
accept the fresh token either, X is out of order and the post waits.

An account is disconnected when X refuses to renew its sign-in *and* renews that of another account
of the same app at this moment; that X accepts a living token says nothing of the part that renews.
When X refused several accounts within ten minutes, each is believed only when it is refused again a
minute later, beside one that is renewed. An account without another to ask is disconnected at once.

Otherwise it may be X that is out of order: the posts wait as `sign_in_doubtful`, the account and the
person are told at once that signing in again would heal it, and the relay tries again each minute.
The doubt is kept on disk; when it lasted for three hours (`doubt_seconds`), X is believed.

Any other refusal of a refresh (a 400 that names no token, 403, 429, 5xx, or half an answer) is
`refresh_refused`: the posts wait, and the relay tries again each minute. `x_unreachable` is an X
that gave no answer at all. What waits goes on as soon as the sign-in is renewed.
";

fn said(said: &Example) -> String {
    match (said.status, said.words) {
        (None, words) => words.to_owned(),
        (Some(status), "") => status.to_string(),
        (Some(status), words) => format!("{status} \"{words}\""),
    }
}

fn what_x_says(row: &Row) -> String {
    let said: Vec<String> = row.examples.iter().map(said).collect();
    let during = match row.operation {
        Operation::Create if row.kind == "turned_away" => {
            ", or another 4xx, with a page or nothing"
        }
        Operation::Create => "",
        Operation::Refresh => " (refreshing the sign-in)",
        Operation::SignIn => " (signing in)",
        Operation::Media => " (media)",
    };
    format!("{}{during}", said.join("; "))
}

fn post(disposition: Disposition) -> String {
    match disposition {
        Disposition::Refused(code) => format!("refused, `{}`", code.as_str()),
        Disposition::Waits { code, .. } => format!("waits, `{}`", code.as_str()),
        Disposition::Renewed => "is sent once more with a fresh token".to_owned(),
        Disposition::Disconnected => "waits, `sign_in_needed`".to_owned(),
        Disposition::Suspended(code) => format!("waits, `{}`", code.as_str()),
        Disposition::Lost => "is looked for, `outcome_unknown`".to_owned(),
        Disposition::SignInOnly => "none is concerned".to_owned(),
    }
}

fn tried_again(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Refused(_) => "no",
        Disposition::Waits { until, .. } => match until {
            Until::Backoff => "after seconds, doubled up to minutes",
            Until::Catchup => "after seconds, doubled at each of five tries",
            Until::Minute => "after a minute",
            Until::Windows => {
                "when the latest empty window ends, after 25 hours at the latest; after 15 minutes \
                 if X names none"
            }
            Until::Day => "when the account's day ends, if X tells it; after hours otherwise",
            Until::Probe => "every few minutes",
            Until::Cycle => "on the day that X names; after hours if it names none",
            Until::Rest => "after hours",
        },
        Disposition::Renewed => "once, at once",
        Disposition::Disconnected => "after a new sign-in",
        Disposition::Suspended(_) => "after \"Resume\", or a new sign-in",
        Disposition::Lost => "no; see below",
        Disposition::SignInOnly => "the sign-in begins anew",
    }
}

fn concerned(row: &Row, disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Waits { holds: Scope::Account, .. } if row.kind == "rate_limited" => {
            "the account waits; all the app's accounts, when only the app's window is empty"
        }
        Disposition::Waits { holds: Scope::Account, .. } => "the account waits",
        Disposition::Waits { holds: Scope::App, .. } => "all the app's accounts wait",
        Disposition::Disconnected => "the account is disconnected; see below",
        Disposition::Suspended(_) => "the account is marked suspended and waits",
        Disposition::Waits { holds: Scope::Post, .. }
        | Disposition::Refused(_)
        | Disposition::Renewed
        | Disposition::Lost
        | Disposition::SignInOnly => "go on",
    }
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for row in TABLE {
        let outcome =
            if row.disposition == Disposition::Lost { "unknown" } else { "nothing created" };
        let mut words = (post(row.disposition), tried_again(row.disposition).to_owned());
        if let Some((when, disposition)) = row.exception {
            let when = match when {
                Condition::MayBeOut => "where the post may be out already",
                Condition::SecondTime => "the second time",
                Condition::FreshToken => "with the fresh token",
                Condition::NewMediaIds => "where it has media, which are uploaded anew, twice",
                Condition::NewOwnParent => {
                    "where it answers a part of its own thread that X created moments ago"
                }
            };
            write!(words.0, "; {when}: {}", post(disposition)).expect("a string takes everything");
            write!(words.1, "; {when}: {}", tried_again(disposition))
                .expect("a string takes everything");
        }
        let (post, again) = words;
        let concerned = concerned(row, row.disposition);
        writeln!(page, "| {} | {outcome} | {post} | {again} | {concerned} |", what_x_says(row))
            .expect("a string takes everything");
    }
    page + TAIL
}

#[test]
fn the_page_of_x_s_failures_lists_every_row() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/x-failures.md");
    if std::env::var_os("ROOST_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).expect("the page is written");
    }
    let written = std::fs::read_to_string(&path).expect("docs/x-failures.md");
    assert_eq!(written, page(), "write it anew as its head says");
}
