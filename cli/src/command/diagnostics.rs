//! `roost diagnostics`

use roost_engine::api::{Diagnostics, GetDiagnostics};

use crate::args::DiagnosticsArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Exit;

pub(crate) async fn run(context: &Context, args: &DiagnosticsArgs) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    let display = std::env::var("XDG_SESSION_TYPE").ok();
    let asked = GetDiagnostics { host: Some("the command line".to_owned()), display };
    let found = engine.diagnostics(asked).await;
    context.output.result(&found, || match args.markdown {
        true => found.markdown.trim_end().to_owned(),
        false => plain(&found),
    });
    Ok(Exit::Done)
}

fn plain(found: &Diagnostics) -> String {
    let mut lines = Vec::new();
    for section in &found.sections {
        lines.push(section.title.clone());
        lines.extend(section.facts.iter().map(|fact| format!("  {}: {}", fact.name, fact.value)));
    }
    lines.push("The log's last lines".to_owned());
    lines.extend(found.log.iter().map(|line| format!("  {line}")));
    lines.join("\n")
}
