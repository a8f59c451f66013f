//! `roost man`

use clap::CommandFactory;

use crate::args::{Cli, Man};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Exit, counted};

pub(crate) fn run(context: &Context, args: Man) -> Result<Exit, Failure> {
    let Some(folder) = args.out else {
        let mut page = Vec::new();
        let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
        rendered.map_err(|error| Failure::work("internal", error.to_string()))?;
        context.output.bytes(&page);
        return Ok(Exit::Done);
    };
    let written = std::fs::create_dir_all(&folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), &folder))
        .and_then(|()| Ok(std::fs::read_dir(&folder)?.count()));
    let pages = written.map_err(|error| {
        Failure::work("disk", format!("{} can't be written: {error}.", folder.display()))
    })? as u64;
    context.output.result(&serde_json::json!({ "folder": folder }), || {
        let pages = counted(pages, "file", "files");
        format!("Wrote the manual to {}: it holds {pages}.", folder.display())
    });
    Ok(Exit::Done)
}
