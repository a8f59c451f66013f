//! `roost schema`

use roost_core::clock::{Clock as _, SystemClock};
use roost_core::zone::Zone;
use roost_engine::api::GetImportPrompt;
use roost_import::format::Format;
use roost_import::schema::json_schema;

use crate::args::{Schema, TemplateArg};
use crate::context::Context;
use crate::failure::Failure;
use crate::file;
use crate::output::Exit;

pub(crate) async fn run(context: &Context, args: Schema) -> Result<Exit, Failure> {
    if let Some(path) = &args.output {
        file::may_overwrite(path, args.force, &context.output)?;
    }
    let bytes = match args.template {
        Some(format) => {
            let engine = context.plain_engine().await?;
            engine.import_template(format.into(), args.zone, args.account).await?.bytes
        }
        None if args.prompt => {
            let asked = GetImportPrompt { zone: args.zone, account: args.account };
            let engine = context.plain_engine().await?;
            format!("{}\n", engine.get_import_prompt(asked).await?.text.trim_end()).into_bytes()
        }
        None => schema(args.zone)?.into_bytes(),
    };
    let Some(path) = args.output else {
        context.output.bytes(&bytes);
        return Ok(Exit::Done);
    };
    file::replace(&path, &bytes)?;
    let document = serde_json::json!({ "file": path });
    context.output.result(&document, || format!("Wrote {}.", path.display()));
    Ok(Exit::Done)
}

/// Returns the schema, for which no store is opened: its example stands on the clocks of the zone that is
/// named, or of this computer.
fn schema(zone: Option<String>) -> Result<String, Failure> {
    let zone = match zone {
        Some(name) => Zone::parse(&name).map_err(|unknown| Failure::usage(unknown.to_string()))?,
        None => {
            let own = roost_engine::system_zone().and_then(|name| Zone::parse(&name).ok());
            own.unwrap_or_default()
        }
    };
    Ok(json_schema(SystemClock.now(), &zone))
}

impl From<TemplateArg> for Format {
    fn from(format: TemplateArg) -> Self {
        match format {
            TemplateArg::Json => Self::Json,
            TemplateArg::Csv => Self::Csv,
            TemplateArg::Xlsx => Self::Xlsx,
            TemplateArg::Text => Self::Text,
            TemplateArg::Markdown => Self::Markdown,
        }
    }
}
