//! `roost schema`

use crate::context::Context;
use crate::output::Exit;

pub(crate) fn run(context: &Context) -> Exit {
    context.output.text(roost_import::schema::json_schema());
    Exit::Done
}
