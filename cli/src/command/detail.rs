//! One post with all that is known of it, for people.

use roost_engine::NextStep;
use roost_engine::view::{Action, LateEdit, LivePart, PostDetail, Reach, ReceiptEvent, TiedPost};

use crate::format;
use crate::next_step;
use crate::output::{Table, lines, money, one_line, shortened};

/// The texts: a thread's parts one after the other, each with its length.
fn texts(post: &PostDetail) -> Vec<String> {
    let [_, _, ..] = post.parts.as_slice() else {
        return vec![lines(&post.row.text), String::new()];
    };
    let count = post.parts.len();
    let part = |(number, part): (usize, &String)| {
        let length = roost_core::text::weigh(part).weighted_length;
        let limit = post.length.limit;
        format!("Part {number} of {count} ({length} of {limit} characters)\n{}\n", lines(part))
    };
    (1..).zip(&post.parts).map(part).collect()
}

pub(crate) fn detail(post: &PostDetail, relay: &Reach) -> String {
    let row = &post.row;
    let mut lines = texts(post);
    let mut add = |name: &str, value: String| lines.push(format!("{name:<10} {value}"));
    add("id", row.id.to_string());
    add("state", format::state(row, relay));
    add("time", format::when(row));
    if let Some(at) = row.scheduled_at {
        add("in UTC", format::instant(at));
    }
    if let Some(username) = &row.username {
        add("account", format!("@{username}"));
    }
    let longest = if post.parts.len() > 1 { " (the longest part)" } else { "" };
    add("length", format!("{} of {}{longest}", post.length.weighted, post.length.limit));
    add("cost", money(row.cost_micros));
    if let Some(reason) = &row.reason {
        let words = format!("{} {}", reason.message, reason.remedy);
        add("because", next_step::with_steps(&words, &NextStep::of(reason.code)));
        if let Some(said) = &reason.said {
            add("", format!("In detail: {}", one_line(said)));
        }
    }
    for words in media_lines(post) {
        add("with", words);
    }
    for words in disclosed_lines(post) {
        add("with", words);
    }
    for (name, words) in tied_lines(post) {
        add(name, words);
    }
    for (name, words) in on_x_lines(post) {
        add(name, words);
    }
    for words in late_edit(post) {
        add("too late", words);
    }
    if let Some(message) = &post.qstash_message_id {
        add("message", message.clone());
    }
    lines.push(String::new());
    let mut receipt = Table::new(["when", "what happened", ""]);
    for event in &post.receipt {
        receipt.row([
            format::instant(event.at),
            match event.told_at {
                Some(told) => format!("{} (told at {})", event.title, format::instant(told)),
                None => event.title.clone(),
            },
            shortened(&words(event), 70),
        ]);
    }
    lines.push(receipt.render());
    lines.push(hints(post));
    lines.join("\n")
}

/// The pictures and videos, each with what it shows.
fn media_lines(post: &PostDetail) -> Vec<String> {
    let is_thread = post.content.parts.len() > 1;
    let mut said = Vec::new();
    for (number, part) in (1..).zip(&post.content.parts) {
        let of_part = if is_thread { format!(" (part {number})") } else { String::new() };
        for media in &part.media {
            let kind = media.file.map_or("a file that is not here", |file| file.kind.mime());
            let shows = media.alt_text.as_deref().map_or("no description".to_owned(), one_line);
            said.push(format!("{kind}{of_part}: {shows}"));
        }
        for source in &part.media_sources {
            said.push(format!("{}{of_part}: not fetched", one_line(&source.source)));
        }
    }
    said
}

/// The post that it replies to, and the replies that follow it.
fn tied_lines(post: &PostDetail) -> Vec<(&'static str, String)> {
    let words = |it: &TiedPost| {
        let text = shortened(&one_line(&it.text), 40);
        format!("\"{text}\" ({}), {} min, {}", it.status.label(), it.after_minutes, it.id)
    };
    let parent = post.parent.iter().map(|it| ("replies to", words(it)));
    parent.chain(post.follow_ups.iter().map(|it| ("followed by", words(it)))).collect()
}

/// What it discloses, and the community that it goes to.
fn disclosed_lines(post: &PostDetail) -> Vec<String> {
    let disclosed = post.content.disclosing();
    let mut said = Vec::new();
    if disclosed.made_with_ai {
        said.push("made with AI, disclosed".to_owned());
    }
    if disclosed.paid_partnership {
        said.push("a paid partnership, disclosed".to_owned());
    }
    let community = post.content.parts.iter().find_map(|part| part.community_id.as_deref());
    said.extend(community.map(|id| format!("the community {}", one_line(id))));
    said
}

/// Where it is on X: its address, or that of each part of a thread.
fn on_x_lines(post: &PostDetail) -> Vec<(&'static str, String)> {
    if let Some(at) = post.row.gone_from_x_at {
        return vec![("on X", format!("deleted there at {}", format::instant(at)))];
    }
    if post.deleting_on_x {
        return vec![("on X", "being deleted there".to_owned())];
    }
    if post.parts.len() < 2 {
        return post.row.tweet_url.iter().map(|url| ("on X", url.clone())).collect();
    }
    let count = post.parts.len();
    let part = |part: &LivePart| {
        ("on X", format!("part {} of {count}: {} ({})", part.part, part.url, part.tweet_id))
    };
    post.live.iter().map(part).collect()
}

/// What came too late, and what there is to do about it.
fn late_edit(post: &PostDetail) -> Vec<String> {
    let Some(late) = &post.late_edit else { return Vec::new() };
    let mut said = Vec::new();
    if late.meant != late.sent {
        said.push(format!("you meant: {}", one_line(&late.meant.join(" / "))));
        said.push(format!("sent was: {}", one_line(&late.sent.join(" / "))));
    }
    said.extend(late.account.iter().map(|account| format!("you had chosen @{account}")));
    said.extend(late.moved_to.iter().map(|time| format!("you had moved it to {time}")));
    if let Some(draft) = late.draft {
        let state = late.draft_status.map_or("deleted since", |status| status.label());
        said.push(format!("kept as {draft} ({state})"));
    }
    if late.replacing {
        said.push("what is on X is being deleted; the draft goes out in its place".to_owned());
    }
    said
}

/// The commands that make sense now.
fn hints(post: &PostDetail) -> String {
    let (actions, id) = (&post.actions, post.row.id);
    let price = |of: fn(&LateEdit) -> i64| post.late_edit.as_ref().map_or(0, of);
    let hint = |action: &Action| match action {
        Action::Edit => Some(format!("roost posts edit {id} --text …")),
        Action::Cancel => Some(format!("roost posts cancel {id}")),
        Action::Retry | Action::PostNow => Some(format!("roost posts retry {id}")),
        Action::Verify => Some(format!("roost posts resolve {id} --verify")),
        Action::WentOut => Some(format!("roost posts resolve {id} --went-out URL")),
        Action::SendAgain => Some(format!("roost posts resolve {id} --send-again")),
        Action::Delete => Some(format!("roost posts delete {id}")),
        Action::PostToo => Some(format!(
            "roost posts post-too {id}   ({})",
            money(price(|late| late.post_too_cost_micros))
        )),
        Action::Replace => Some(format!(
            "roost posts replace {id}   ({})",
            money(price(|late| late.replace_cost_micros))
        )),
        Action::DeleteOnX => Some(format!(
            "roost posts delete-on-x {id}   ({})",
            money(post.delete_on_x_cost_micros.unwrap_or_default())
        )),
        Action::OpenOnX => None,
    };
    let hints: Vec<String> = actions.iter().filter_map(hint).map(|it| format!("  {it}")).collect();
    if hints.is_empty() { String::new() } else { format!("You can:\n{}", hints.join("\n")) }
}

/// What else is known of an event, with the other side's own words.
fn words(event: &ReceiptEvent) -> String {
    let words: Vec<&str> = event.detail.iter().chain(&event.said).map(String::as_str).collect();
    words.join(" ")
}
