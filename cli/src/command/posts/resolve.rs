//! `roost posts resolve`

use roost_core::failure::Code;
use roost_core::id::{TweetId, Version};
use roost_core::status::Status;
use roost_engine::{Engine, Error, Finding, Target};

use crate::args::Resolve;
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::output::Exit;

pub(super) async fn resolve(
    context: &Context,
    engine: &Engine,
    args: Resolve,
) -> Result<Exit, Failure> {
    let finding = match (args.verify, args.went_out, args.send_again) {
        (true, ..) => Finding::Verify,
        (_, Some(tweet), _) => {
            TweetId::from_address(&tweet).map_err(|error| Failure::usage(format!("{error}.")))?;
            Finding::WentOut { tweet }
        }
        (.., true) => Finding::SendAgain,
        _ => return Err(Failure::usage("Say one of --verify, --went-out URL, --send-again.")),
    };
    let id = args.id;
    let before = engine.post(id).await?;
    if !matches!(before.row.status, Status::Unknown | Status::Partial) {
        let status = before.row.status.label();
        return Err(Failure::work(
            Code::ChangeNotAllowed.as_str(),
            format!("Post {id} needs no check: it is \"{status}\". Nothing was changed."),
        ));
    }
    let target = Target { id, based_on: args.if_version.map(Version) };
    let post = match engine.resolve(target, finding).await {
        Ok(post) => post,
        // The decision is written down; the process with the relay inside carries it out.
        Err(Error::NoServices) if context.is_this_computer() => {
            context.output.result(&before, || {
                format!(
                    "{id}: written down. The window or `roost sync --watch` carries it out: at \
                     once when it runs, else when it is started."
                )
            });
            return Ok(Exit::Done);
        }
        Err(error) => return Err(error.into()),
    };
    let relay = engine.sync_state().await?.relay;
    context.output.result(&post, || format!("{id}: {}.", format::state(&post.row, &relay)));
    Ok(Exit::Done)
}
