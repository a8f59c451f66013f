//! `roost posts create` and `roost posts edit`

use roost_core::id::Version;
use roost_core::post::{Content, MediaRef, check_draft};
use roost_core::status::Status;
use roost_engine::api::SplitText;
use roost_engine::{Edit, Engine, FollowUpChange, NewPost};

use super::saved_post;
use crate::args::{Create, EditArgs};
use crate::command::media;
use crate::context::Context;
use crate::failure::Failure;
use crate::input;
use crate::output::Exit;

pub(super) async fn create(
    context: &Context,
    engine: &Engine,
    args: Create,
) -> Result<Exit, Failure> {
    let mut text = input::text(args.text.unwrap_or_default()).await?;
    let mut thread = args.thread;
    if args.split {
        let parts = std::iter::once(text).chain(thread).collect();
        let account = args.account.clone();
        let asked = SplitText { parts, account, numbered: args.numbered };
        let mut parts = engine.split(asked).await?.parts.into_iter().flatten();
        text = parts.next().unwrap_or_default();
        thread = parts.collect();
    }
    let beside = Beside {
        media: match args.media.media.is_empty() {
            true => None,
            false => Some(media::of_post(engine, &args.media).await?),
        },
        made_with_ai: args.made_with_ai.then_some(true),
        paid_partnership: args.paid_partnership.then_some(true),
        community: args.community,
    };
    let texts = std::iter::once(&text).chain(&thread);
    let content = (!beside.is_nothing()).then(|| beside.put(Content::of_texts(texts)));
    let post = NewPost {
        text,
        thread,
        tags: args.tag,
        wall_time: args.at,
        zone: args.zone,
        account: args.account,
        draft: args.draft,
        content,
        follow_up: follow_up(args.follow_up, args.follow_up_after),
        editing: None,
    };
    let problems = check_draft(&post.said());
    if !problems.is_empty() {
        let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let message = format!("{}\nNothing was created.", words.join("\n"));
        return Err(Failure::invalid(problems, message));
    }
    let saved = engine.create(post).await?;
    saved_post(context, engine, saved, "Created").await
}

/// Returns what the options say of the reply that follows a post; `None` where they say nothing.
fn follow_up(text: Option<String>, after_minutes: Option<u32>) -> Option<FollowUpChange> {
    let says = text.is_some() || after_minutes.is_some();
    says.then_some(FollowUpChange { text, after_minutes })
}

/// What the options give a post beside its texts; what is `None` stays.
#[derive(Default)]
struct Beside {
    media: Option<Vec<MediaRef>>,
    made_with_ai: Option<bool>,
    paid_partnership: Option<bool>,
    /// The community of the post; empty for none.
    community: Option<String>,
}

impl Beside {
    /// Returns whether the options give nothing.
    const fn is_nothing(&self) -> bool {
        let Self { media, made_with_ai, paid_partnership, community } = self;
        media.is_none()
            && made_with_ai.is_none()
            && paid_partnership.is_none()
            && community.is_none()
    }

    /// Returns the content with it. The files and the community are the first part's; each part
    /// discloses what the post does.
    fn put(self, mut content: Content) -> Content {
        for part in &mut content.parts {
            part.made_with_ai = self.made_with_ai.unwrap_or(part.made_with_ai);
            part.paid_partnership = self.paid_partnership.unwrap_or(part.paid_partnership);
        }
        if let Some(first) = content.parts.first_mut() {
            if let Some(media) = self.media {
                first.media = media;
                first.media_sources.clear();
            }
            if let Some(community) = self.community {
                first.community_id = Some(community).filter(|id| !id.trim().is_empty());
            }
        }
        content
    }
}

/// Returns what a post says with an edit's texts.
fn with_texts_of(edit: &Edit, known: Content) -> Content {
    let mut texts = known.to_texts();
    if let (Some(text), Some(first)) = (&edit.text, texts.first_mut()) {
        first.clone_from(text);
    }
    if let Some(thread) = &edit.thread {
        texts.truncate(1);
        texts.extend(thread.iter().cloned());
    }
    known.with_texts(texts)
}

pub(super) async fn edit(
    context: &Context,
    engine: &Engine,
    args: EditArgs,
) -> Result<Exit, Failure> {
    let changes_media = args.no_media || !args.media.media.is_empty();
    let mut beside = Beside {
        media: None,
        made_with_ai: args.made_with_ai,
        paid_partnership: args.paid_partnership,
        community: args.community,
    };
    let changes_beside = changes_media || !beside.is_nothing();
    let edit = Edit {
        text: match args.text {
            Some(text) => Some(input::text(text).await?),
            None => None,
        },
        wall_time: args.at,
        zone: args.zone,
        thread: (!args.thread.is_empty()).then_some(args.thread),
        account: args.account,
        restore: args.restore,
        follow_up: follow_up(args.follow_up, args.follow_up_after),
        ..Edit::default()
    };
    if edit == Edit::default() && !changes_beside {
        return Err(Failure::usage(
            "Say what to change: --text, --thread, --media, --no-media, --made-with-ai, \
             --paid-partnership, --community, --follow-up, --follow-up-after, --at, --zone, --account or \
             --restore.",
        ));
    }
    let mut edit = Edit { based_on: args.if_version.map(Version), ..edit };
    let verb = match (&edit.text, &edit.thread) {
        (Some(_), None) => match engine.post(args.id).await?.parts.len() {
            0 | 1 => "Changed".to_owned(),
            parts => {
                format!("Changed part 1 of {parts} (the others stay; --thread TEXT replaces them)")
            }
        },
        (None, Some(parts)) => format!("Changed all parts from the second on, now {}", parts.len()),
        _ => "Changed".to_owned(),
    };
    let before = engine.post(args.id).await?;
    if changes_media {
        beside.media = Some(media::of_post(engine, &args.media).await?);
    }
    if changes_beside {
        edit.content = Some(beside.put(with_texts_of(&edit, before.content)));
    }
    let before = before.row.status;
    let saved = engine.edit(args.id, edit).await?;
    let had_ended = matches!(before, Status::Failed | Status::Missed | Status::Cancelled);
    let again = if had_ended && saved.post.status == Status::Pending {
        format!("{verb}, and scheduled again")
    } else {
        verb
    };
    saved_post(context, engine, saved, &again).await
}
