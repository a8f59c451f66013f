//! What search operators ask of a post, as conditions. Values are bound, never written into the statement.

use super::conditions::Conditions;
use super::filter::Traits;

/// Adds what is asked for.
pub(super) fn ask(traits: &Traits, found: &mut Conditions) {
    let Traits { usernames, tags, has_link, is_thread, has_media, is_impossible: _ } = traits;
    if !usernames.is_empty() {
        let names: Vec<String> = usernames.iter().map(|name| name.to_lowercase()).collect();
        found.with(
            "post.account_id IN (SELECT x_user_id FROM account
                 WHERE lower(username) IN (SELECT value FROM json_each(?)))",
            serde_json::Value::from(names).to_string(),
        );
    }
    for tag in tags {
        found.with(
            "post.seq IN (SELECT seq FROM post_tag
                 WHERE tag_id = (SELECT id FROM tag WHERE name = ?) AND seq IS NOT NULL)",
            tag.trim().to_owned(),
        );
    }
    if *has_link {
        found.when("post.has_link = 1");
    }
    if *is_thread {
        found.when("EXISTS (SELECT 1 FROM post_part WHERE post_id = post.id AND position > 0)");
    }
    if *has_media {
        found.when(
            "EXISTS (SELECT 1 FROM post_part WHERE post_id = post.id
                 AND coalesce(json_array_length(beyond_text, '$.media'), 0)
                     + coalesce(json_array_length(beyond_text, '$.media_sources'), 0) > 0)",
        );
    }
}
