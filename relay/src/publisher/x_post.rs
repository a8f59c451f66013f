//! A part in X's words.

use roost_core::post::{Part, Poll, ReplySettings};
use roost_x_api::CreatePost;

/// Returns the body of the call that creates a part on X, with X's ids of its media. Every field of a part is named here, so that
/// a new one is sent or left to [`super::unsupported`] on purpose.
pub(super) fn body(part: &Part, media_ids: Vec<String>, reply_to: Option<String>) -> CreatePost {
    let Part {
        text,
        poll,
        reply_settings,
        made_with_ai,
        paid_partnership,
        community_id,
        media: _,
        media_sources: _,
    } = part;
    CreatePost {
        text: text.clone(),
        media_ids,
        reply_to,
        poll: poll.as_ref().map(poll_of),
        reply_settings: reply_settings.map(replies_of),
        made_with_ai: *made_with_ai,
        paid_partnership: *paid_partnership,
        community_id: community_id.clone(),
        ..CreatePost::default()
    }
}

fn poll_of(poll: &Poll) -> roost_x_api::Poll {
    roost_x_api::Poll { options: poll.options.clone(), duration_minutes: poll.duration_minutes }
}

const fn replies_of(replies: ReplySettings) -> roost_x_api::ReplySettings {
    use roost_x_api::ReplySettings as X;
    match replies {
        ReplySettings::Following => X::Following,
        ReplySettings::MentionedUsers => X::MentionedUsers,
        ReplySettings::Subscribers => X::Subscribers,
        ReplySettings::Verified => X::Verified,
    }
}
