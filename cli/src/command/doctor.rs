//! `roost doctor`

use roost_engine::view::CheckHealth;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Exit, Table};

pub(crate) async fn run(context: &Context) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    let checks = engine.doctor().await;
    let worst = checks.iter().map(|check| check.health).max().unwrap_or(CheckHealth::Good);
    context.output.result(&serde_json::json!({ "checks": checks, "health": worst }), || {
        let mut table = Table::new(["", "check", "finding"]);
        for check in &checks {
            let mark = match check.health {
                CheckHealth::Good => "ok",
                CheckHealth::Warning => "look",
                CheckHealth::Bad => "BAD",
            };
            let remedy = check.remedy.as_ref().map_or_else(String::new, |text| format!(" {text}"));
            table.row([mark.to_owned(), check.name.clone(), format!("{}{remedy}", check.finding)]);
        }
        table.render()
    });
    if worst == CheckHealth::Bad {
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}
