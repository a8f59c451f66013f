//! The media routes: in one call, or in pieces.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Path, Query, Request, State};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Route, serve};
use crate::answer::Answer;
use crate::database::Scope;
use crate::fault::On;
use crate::media::{Media, Unfit};
use crate::problem::{self, Refusal};
use crate::sandbox::Sandbox;
use crate::wire::parse_id;

/// A GIF of 15 MB as base64 in JSON fits.
const UPLOAD_LIMIT: usize = 24 * 1024 * 1024;
const CATEGORIES: &[&str] = &[
    "amplify_video",
    "tweet_gif",
    "tweet_image",
    "tweet_video",
    "dm_gif",
    "dm_image",
    "dm_video",
    "subtitles",
];
const ALT_TEXT_LIMIT: usize = 1000;

pub(super) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/2/media/upload", post(upload).get(status))
        .route("/2/media/upload/initialize", post(initialize))
        .route("/2/media/upload/{id}/append", post(append))
        .route("/2/media/upload/{id}/finalize", post(finalize))
        .route("/2/media/metadata", post(describe))
        .layer(DefaultBodyLimit::max(UPLOAD_LIMIT))
}

const fn route(name: &'static str, max: usize) -> Route {
    Route { on: On::Media, name, scopes: &["media.write"], max }
}

fn wrong(name: &str, what: &str) -> Refusal {
    problem::invalid(&[(&format!("$.{name}: {what}"), name, "")])
}

fn data(value: &Value) -> Answer {
    Answer::ok(&json!({ "data": value }))
}

/// The fields of a form or of a JSON object; JSON holds bytes as base64.
async fn fields(request: Request) -> Result<HashMap<String, Bytes>, Refusal> {
    let is_json = request
        .headers()
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/json"));
    if is_json {
        let body = Bytes::from_request(request, &())
            .await
            .map_err(|rejection| wrong("media", &rejection.body_text()))?;
        let object: serde_json::Map<String, Value> =
            serde_json::from_slice(&body).map_err(|error| wrong("", &error.to_string()))?;
        return object
            .into_iter()
            .map(|(name, value)| {
                let bytes = match value {
                    Value::String(text) if name == "media" => {
                        STANDARD.decode(text).map_err(|error| wrong("media", &error.to_string()))?
                    }
                    Value::String(text) => text.into_bytes(),
                    other => other.to_string().into_bytes(),
                };
                Ok((name, bytes.into()))
            })
            .collect();
    }
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| wrong("media", &rejection.body_text()))?;
    let mut fields = HashMap::new();
    while let Some(field) =
        form.next_field().await.map_err(|error| wrong("media", &error.body_text()))?
    {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|error| wrong(&name, &error.body_text()))?;
        fields.insert(name, bytes);
    }
    Ok(fields)
}

fn only(fields: &HashMap<String, Bytes>, known: &[&str]) -> Result<(), Refusal> {
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(wrong(name, "is not defined in the schema")),
        None => Ok(()),
    }
}

fn text(fields: &HashMap<String, Bytes>, name: &str) -> Option<String> {
    fields.get(name).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

/// `POST /2/media/upload`
async fn upload(State(sandbox): State<Sandbox>, headers: HeaderMap, request: Request) -> Answer {
    let fields = fields(request).await;
    serve(sandbox, headers, route("media upload", 500), |sandbox, bearer, _| async move {
        let read = fields.and_then(|fields| {
            only(&fields, &["media", "media_category", "additional_owners"])?;
            let category = text(&fields, "media_category")
                .filter(|category| CATEGORIES[1..].contains(&category.as_str()))
                .ok_or_else(|| wrong("media_category", "is required, and one of the enum"))?;
            let media = fields.get("media").ok_or_else(|| wrong("media", "is required"))?;
            Ok((category, media.clone()))
        });
        let (category, media) = match read {
            Ok(read) => read,
            Err(refusal) => return Ok(refusal.answer),
        };
        let (now, config) = (sandbox.now().0, sandbox.config.clone());
        let store = move |scope: &mut Scope<'_>| {
            let length = i64::try_from(media.len()).unwrap_or(i64::MAX);
            let kind = "application/octet-stream";
            let id = Media::begin(scope, bearer.account.id, &category, kind, length, now)?;
            Media::append(scope, id, 0, &media)?;
            finish(scope, &config, id, now)
        };
        sandbox.database.write("sandbox.media", store).await
    })
    .await
}

fn finish(
    scope: &Scope<'_>,
    config: &crate::config::Config,
    id: i64,
    now: i64,
) -> Result<Answer, crate::database::Error> {
    let Some(media) = Media::by_id(scope, id)? else { return Ok(absent()) };
    if let Err(unfit) = media.finalize(scope, config, now)? {
        let what = match unfit {
            Unfit::Incomplete => "Segments do not add up to provided total file size.",
            Unfit::TooLarge => "File size exceeds the limit of the media category.",
            Unfit::WrongType => "media type unrecognized.",
        };
        return Ok(wrong("media", what).answer);
    }
    let media = Media::by_id(scope, id)?;
    Ok(media.map_or_else(absent, |media| data(&media.wire(now))))
}

fn absent() -> Answer {
    problem::plain(400, "Bad Request", "Your media IDs are invalid.")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Initialize {
    media_category: Option<String>,
    media_type: Option<String>,
    total_bytes: i64,
    #[serde(default, rename = "shared")]
    _shared: Option<bool>,
    #[serde(default, rename = "additional_owners")]
    _additional_owners: Option<Vec<String>>,
}

/// `POST /2/media/upload/initialize`
async fn initialize(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Answer {
    serve(sandbox, headers, route("media pieces", 1875), |sandbox, bearer, _| async move {
        let begin: Initialize = match serde_json::from_slice(&body) {
            Ok(begin) => begin,
            Err(error) => return Ok(wrong("", &error.to_string()).answer),
        };
        let category = begin.media_category.unwrap_or_else(|| "tweet_image".into());
        if !CATEGORIES.contains(&category.as_str()) {
            return Ok(wrong("media_category", "is not one of the enum").answer);
        }
        if !(0..=17_179_869_184).contains(&begin.total_bytes) {
            return Ok(wrong("total_bytes", "is not between 0 and 17179869184").answer);
        }
        let now = sandbox.now().0;
        let store = move |scope: &mut Scope<'_>| {
            let kind = begin.media_type.unwrap_or_else(|| "application/octet-stream".into());
            let account = bearer.account.id;
            let id = Media::begin(scope, account, &category, &kind, begin.total_bytes, now)?;
            Media::by_id(scope, id)
        };
        let media = sandbox.database.write("sandbox.media", store).await?;
        Ok(media.map_or_else(absent, |media| data(&media.wire(now))))
    })
    .await
}

/// `POST /2/media/upload/{id}/append`
async fn append(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let fields = fields(request).await;
    serve(sandbox, headers, route("media pieces", 1875), |sandbox, bearer, _| async move {
        let read = fields.and_then(|fields| {
            only(&fields, &["media", "segment_index"])?;
            let index = text(&fields, "segment_index")
                .and_then(|index| index.parse::<u16>().ok())
                .filter(|index| *index <= 999)
                .ok_or_else(|| wrong("segment_index", "is not between 0 and 999"))?;
            let media = fields.get("media").ok_or_else(|| wrong("media", "is required"))?;
            Ok((index, media.clone()))
        });
        let (index, bytes) = match read {
            Ok(read) => read,
            Err(refusal) => return Ok(refusal.answer),
        };
        let account = bearer.account.id;
        let store = move |scope: &mut Scope<'_>| {
            let Some(media) = own(scope, &id, account)? else { return Ok(absent()) };
            if media.finalized_at.is_some() {
                return Ok(absent());
            }
            Media::append(scope, media.id, index, &bytes)?;
            Ok(data(&json!({ "expires_at": media.expires_at / 1000 })))
        };
        sandbox.database.write("sandbox.media", store).await
    })
    .await
}

/// `POST /2/media/upload/{id}/finalize`
async fn finalize(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Answer {
    serve(sandbox, headers, route("media pieces", 1875), |sandbox, bearer, _| async move {
        let (now, config) = (sandbox.now().0, sandbox.config.clone());
        let account = bearer.account.id;
        let store = move |scope: &mut Scope<'_>| match own(scope, &id, account)? {
            Some(media) => finish(scope, &config, media.id, now),
            None => Ok(absent()),
        };
        sandbox.database.write("sandbox.media", store).await
    })
    .await
}

/// `GET /2/media/upload?command=STATUS&media_id=`
async fn status(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Query(parameters): Query<HashMap<String, String>>,
) -> Answer {
    serve(sandbox, headers, route("media status", 1000), |sandbox, bearer, _| async move {
        if parameters.get("command").is_some_and(|command| command != "STATUS") {
            return Ok(wrong("command", "is not STATUS").answer);
        }
        let id = parameters.get("media_id").cloned().unwrap_or_default();
        let (now, account) = (sandbox.now().0, bearer.account.id);
        let read = move |scope: &mut Scope<'_>| own(scope, &id, account);
        let media = sandbox.database.write("sandbox.read", read).await?;
        Ok(media.map_or_else(absent, |media| data(&media.wire(now))))
    })
    .await
}

fn own(scope: &Scope<'_>, id: &str, account: i64) -> Result<Option<Media>, crate::database::Error> {
    let Some(id) = parse_id(id) else { return Ok(None) };
    Ok(Media::by_id(scope, id)?.filter(|media| media.account_id == account))
}

#[derive(Deserialize)]
struct Describe {
    id: String,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    alt_text: Option<AltText>,
}

#[derive(Deserialize)]
struct AltText {
    text: String,
}

/// `POST /2/media/metadata`
async fn describe(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Answer {
    serve(sandbox, headers, route("media metadata", 500), |sandbox, bearer, _| async move {
        let describe: Describe = match serde_json::from_slice(&body) {
            Ok(describe) => describe,
            Err(error) => return Ok(wrong("", &error.to_string()).answer),
        };
        let alt_text = describe.metadata.alt_text.map(|alt_text| alt_text.text);
        if alt_text.as_ref().is_some_and(|text| text.chars().count() > ALT_TEXT_LIMIT) {
            return Ok(wrong("metadata.alt_text.text", "is over 1000 characters").answer);
        }
        let account = bearer.account.id;
        let store = move |scope: &mut Scope<'_>| {
            let Some(media) = own(scope, &describe.id, account)? else { return Ok(absent()) };
            Media::describe(scope, media.id, alt_text.as_deref())?;
            let metadata = json!({ "alt_text": { "text": alt_text.unwrap_or_default() } });
            Ok(data(&json!({ "id": describe.id, "associated_metadata": metadata })))
        };
        sandbox.database.write("sandbox.media", store).await
    })
    .await
}

/// A picture, for the page of people.
pub(super) async fn picture(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Answer {
    let id = parse_id(&id).unwrap_or(-1);
    let read = move |scope: &mut Scope<'_>| Media::content(scope, id);
    match sandbox.database.write("sandbox.read", read).await {
        Ok(Some((media_type, bytes))) => {
            let mut answer = Answer::json(StatusCode::OK, &Value::Null);
            answer.headers = vec![
                ("content-type".into(), media_type),
                ("x-content-type-options".into(), "nosniff".into()),
            ];
            answer.body = bytes.into();
            answer
        }
        Ok(None) => problem::plain(404, "Not Found", "There is no such picture."),
        Err(error) => Answer::broken(&error),
    }
}
