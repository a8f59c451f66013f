//! `roost completions`

use clap::CommandFactory;

use crate::args::{Cli, Completions};
use crate::context::Context;
use crate::output::Exit;

pub(crate) fn run(context: &Context, args: &Completions) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "roost", &mut script);
    context.output.bytes(&script);
    Exit::Done
}
