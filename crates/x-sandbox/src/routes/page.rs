//! The page for people: what the sandbox's accounts have posted.

use std::fmt::Write as _;

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use http::header::{CONTENT_SECURITY_POLICY, HeaderName};
use roost_core::clock::UnixMillis;

use crate::answer::Answer;
use crate::sandbox::Sandbox;
use crate::tweet::{Range, Tweet, timeline};

const STYLE: &str = include_str!("page.css");

/// `GET /`
pub(super) async fn page(State(sandbox): State<Sandbox>) -> Response {
    let posts =
        sandbox.database.write("sandbox.read", |scope| timeline(scope, None, &Range::ALL)).await;
    match posts {
        Ok(posts) => document(&body(&posts)),
        Err(error) => Answer::broken(&error).into_response(),
    }
}

/// A whole document: its own style, no scripts, nothing from elsewhere.
pub(super) fn document(body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>X sandbox</title>\
         <style>{STYLE}</style></head><body>{body}</body></html>"
    );
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; \
                  frame-ancestors 'none'";
    let headers: [(HeaderName, &str); 1] = [(CONTENT_SECURITY_POLICY, policy)];
    (headers, Html(html)).into_response()
}

fn body(posts: &[Tweet]) -> String {
    let mut html = String::from(
        "<meta http-equiv=\"refresh\" content=\"5\"><header><h1>X sandbox</h1>\
         <p>Nothing here is on X. The newest 100 posts of all accounts.</p></header><main>",
    );
    if posts.is_empty() {
        html.push_str("<p class=\"empty\">No posts yet.</p>");
    }
    for post in posts {
        let time = crate::wire::rfc3339(UnixMillis(post.created_at));
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<article id=\"{}\"><h2>@{} <time datetime=\"{time}\">{time}</time></h2><p>{}</p>",
            post.id,
            escape(&post.username),
            escape(&format!("{}{}", post.lead, post.text)),
        );
        if let Some(parent) = post.reply_to {
            let _ = write!(html, "<small>replies to <a href=\"#{parent}\">{parent}</a></small>");
        }
        for media in &post.media {
            let alt = media.alt_text.as_deref().unwrap_or("no description");
            let (alt, kind) = (escape(alt), escape(&media.media_type));
            if media.size.is_some() {
                let id = media.id;
                let _ = write!(html, "<img src=\"/_sandbox/media/{id}\" alt=\"{alt}\">");
            }
            let _ = write!(html, "<small>{kind}: {alt}</small>");
        }
        html.push_str("</article>");
    }
    html.push_str("</main>");
    html
}

/// A text as HTML shows it.
pub(super) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}
