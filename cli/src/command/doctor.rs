//! `roost doctor`

use roost_engine::api::Checks;
use roost_engine::view::{Check, CheckHealth};

use crate::args::Doctor;
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::next_step;
use crate::output::{Exit, Table};

pub(crate) async fn run(context: &Context, args: &Doctor) -> Result<Exit, Failure> {
    let checks = match context.plain_engine().await {
        Ok(engine) => {
            let mut checks = engine.doctor().await;
            if args.live {
                checks.extend(engine.test_delivery().await);
            }
            checks
        }
        Err(failure) => without_store(context, failure),
    };
    let found = Checks::of(checks);
    context.output.result(&found, || {
        let mut table = Table::new(["", "check", "finding"]);
        for check in &found.checks {
            let mark = match check.health {
                CheckHealth::Good => "ok",
                CheckHealth::Warning => "look",
                CheckHealth::Bad => "BAD",
            };
            let words = next_step::with_steps(&sentence(check), &check.next_steps);
            table.row([mark.to_owned(), check.name.clone(), words]);
        }
        table.render()
    });
    if found.health == CheckHealth::Bad {
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}

/// Returns finding and remedy, with a full stop between them.
fn sentence(check: &Check) -> String {
    let finding = check.finding.trim_end();
    match check.remedy.as_deref().filter(|remedy| !remedy.is_empty()) {
        None => finding.to_owned(),
        Some(remedy) if finding.ends_with(['.', '!', '?']) => format!("{finding} {remedy}"),
        Some(remedy) => format!("{finding}. {remedy}"),
    }
}

/// Backups that are named; the newest come first.
const NAMED_MAX: usize = 5;

/// What can be looked at when the store does not open: why, and what can be put in its place.
fn without_store(context: &Context, failure: Failure) -> Vec<Check> {
    let store = Check {
        name: "store".to_owned(),
        health: CheckHealth::Bad,
        finding: failure.message,
        remedy: None,
        next_steps: Vec::new(),
    };
    let path = context.store();
    let found: Vec<String> = roost_store::backups(&path)
        .unwrap_or_default()
        .iter()
        .take(NAMED_MAX)
        .map(|backup| format!("{} ({})", backup.path.display(), format::instant(backup.made_at)))
        .collect();
    let remedy =
        "Close Roost; `roost restore latest` puts the newest back and keeps what is there \
                  aside."
            .to_owned();
    let backups = Check {
        name: "backups".to_owned(),
        health: if found.is_empty() { CheckHealth::Warning } else { CheckHealth::Good },
        finding: if found.is_empty() { "there are none".to_owned() } else { found.join(", ") },
        remedy: (!found.is_empty()).then_some(remedy),
        next_steps: Vec::new(),
    };
    vec![store, backups]
}
