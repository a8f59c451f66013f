//! `roost schema`

use roost_core::clock::{Clock as _, SystemClock};
use roost_core::zone::Zone;

use crate::context::Context;
use crate::output::Exit;

pub(crate) fn run(context: &Context) -> Exit {
    let zone = roost_engine::system_zone().and_then(|name| Zone::parse(&name).ok());
    context
        .output
        .text(&roost_import::schema::json_schema(SystemClock.now(), &zone.unwrap_or_default()));
    Exit::Done
}
