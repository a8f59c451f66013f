//! A post is asked for: written down, judged, created.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use roost_core::clock::UnixMillis;
use serde_json::json;
use unicode_normalization::UnicodeNormalization as _;

use super::draft::{self, Draft};
use super::rules::{self, Passed};
use super::{bearer_token, subject};
use crate::answer::Answer;
use crate::config::Config;
use crate::database::{Error, Scope, next_id};
use crate::fault::{On, Verdict, perform};
use crate::ledger::{self, Decision, Outcome};
use crate::problem::{Refusal, refusal};
use crate::rates::{Verdict as Rates, Window};
use crate::sandbox::Sandbox;
use crate::token::{self, Bearer};
use crate::tweet::Tweet;
use crate::wire::parse_id;
use crate::wire::text::shown;

/// `POST /2/tweets`. Runs to its end even when the caller hangs up, as X does.
pub(super) async fn create(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let task = tokio::spawn(async move { Answer::from(run(sandbox, &headers, body).await) });
    task.await.unwrap_or_else(|_| Answer::broken(&Error::Closed))
}

async fn run(sandbox: Sandbox, headers: &HeaderMap, body: Bytes) -> Result<Answer, Error> {
    let arrived_at = sandbox.now().0;
    let token = bearer_token(headers).unwrap_or_default();
    let text = draft::text_of(&body);
    let draft = draft::read(&body);
    let (request, bearer) = {
        let text = text.clone();
        let arrive = move |scope: &mut Scope<'_>| {
            let bearer = token::bearer(scope, &token, arrived_at)?;
            let account = bearer.as_ref().map(|bearer| bearer.account.id);
            let request = ledger::arrive(scope, arrived_at, account, text.as_deref(), &body)?;
            Ok((request, bearer))
        };
        sandbox.database.write("sandbox.arrive", arrive).await?
    };
    let mut subject = subject(bearer.as_ref());
    subject.text = text;
    let faults = std::sync::Arc::clone(&sandbox.faults);
    let judge = Judge { sandbox: sandbox.clone(), request, bearer, draft };
    let verdict = perform(&faults, On::Create, &subject, |lag| judge.run(lag)).await;
    if let Some(fault) = &verdict.fault {
        record_fault(&sandbox, request, fault.clone(), &verdict).await?;
    }
    Ok(verdict.answer)
}

/// Writes down what a fault did to a request.
async fn record_fault(
    sandbox: &Sandbox,
    request: i64,
    fault: String,
    verdict: &Verdict,
) -> Result<(), Error> {
    let now = sandbox.now().0;
    let (processed, is_true) = (verdict.processed, verdict.is_true);
    let status = verdict.answer.status;
    sandbox
        .database
        .write("sandbox.fault", move |scope| {
            if !processed {
                let (outcome, status) = match status {
                    _ if !is_true => (Outcome::Lost, None),
                    status if status.is_client_error() => (Outcome::Refused, Some(status)),
                    status => (Outcome::Failed, Some(status)),
                };
                let decision = Decision {
                    status: status.map(|status| status.as_u16()),
                    reason: Some("a fault".into()),
                    ..Decision::default()
                };
                ledger::decide(scope, request, outcome, &decision, now)?;
            }
            ledger::strike(scope, request, &fault, is_true)
        })
        .await
}

/// A request on its way through the rules.
struct Judge {
    sandbox: Sandbox,
    request: i64,
    bearer: Option<Bearer>,
    draft: Result<Draft, Refusal>,
}

/// What the rules came to.
struct Judgement {
    result: Result<Tweet, Refusal>,
    windows: Vec<Window>,
    counted: bool,
}

impl Judge {
    /// `lag`: replies see only posts that are older than this.
    async fn run(self, lag: Duration) -> Answer {
        let Self { sandbox, request, bearer, draft } = self;
        let now = sandbox.now();
        let config = std::sync::Arc::clone(&sandbox.config);
        let decide = move |scope: &mut Scope<'_>| {
            let judgement = judge(scope, &config, bearer.as_ref(), draft, lag, now)?;
            record(scope, request, &judgement, now)?;
            Ok(judgement)
        };
        match sandbox.database.write("sandbox.decide", decide).await {
            Ok(judgement) => judgement.answer(),
            Err(error) => Answer::broken(&error),
        }
    }
}

fn judge(
    scope: &mut Scope<'_>,
    config: &Config,
    bearer: Option<&Bearer>,
    draft: Result<Draft, Refusal>,
    lag: Duration,
    now: UnixMillis,
) -> Result<Judgement, Error> {
    let refused = |name, windows| Judgement { result: Err(name), windows, counted: false };
    let Some(bearer) = bearer else { return Ok(refused(refusal("unauthorized"), Vec::new())) };
    let account = &bearer.account;
    let rates = scope.rates.ask(&config.limits, account.id, account.subscription(), now);
    if rates.limited {
        return Ok(refused(refusal("rate_limited"), rates.windows));
    }
    // From here on the request counts, whatever becomes of it.
    scope.rates.count(account.id, now);
    scope.rates.forget_before(UnixMillis(now.0 - i64::from(config.limits.memory_seconds()) * 1000));
    let result = admit(scope, config, bearer, draft, &rates, lag, now)?;
    Ok(Judgement { result, windows: after_this(rates.windows), counted: true })
}

/// The rules one after the other, and the post when none objects.
fn admit(
    scope: &mut Scope<'_>,
    config: &Config,
    bearer: &Bearer,
    draft: Result<Draft, Refusal>,
    rates: &Rates,
    lag: Duration,
    now: UnixMillis,
) -> Result<Result<Tweet, Refusal>, Error> {
    let checked = draft.and_then(|draft| rules::account(bearer).map(|()| draft));
    let draft = match checked {
        Ok(draft) => draft,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let passed = match rules::content(scope, config, bearer, &draft, lag, now.0)? {
        Ok(passed) => passed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if rates.over_daily {
        return Ok(Err(refusal("daily_limit")));
    }
    let tweet = make(scope, bearer, draft, passed, now);
    tweet.insert(scope)?;
    for (position, media) in tweet.media.iter().enumerate() {
        media.attach(scope, tweet.id, position)?;
    }
    Ok(Ok(tweet))
}

fn make(
    scope: &mut Scope<'_>,
    bearer: &Bearer,
    draft: Draft,
    passed: Passed,
    now: UnixMillis,
) -> Tweet {
    let id = next_id(scope, now.0);
    let own = bearer.account.id;
    let parent = passed.parent;
    let lead = match &parent {
        Some(parent) if parent.account_id != own => format!("@{} ", parent.username),
        _ => String::new(),
    };
    let poll = draft.poll.map(|poll| {
        json!({ "options": poll.options, "duration_minutes": poll.duration_minutes }).to_string()
    });
    Tweet {
        id,
        account_id: own,
        username: bearer.account.username.clone(),
        // X composes and trims what it is given.
        text: draft.text.trim().nfc().collect(),
        lead,
        reply_to: parent.as_ref().map(|parent| parent.id),
        reply_to_user: parent.as_ref().map(|parent| parent.account_id),
        quote_of: draft.quote_tweet_id.as_deref().and_then(parse_id),
        conversation_id: parent.as_ref().map_or(id, |parent| parent.conversation_id),
        poll,
        reply_settings: draft
            .reply_settings
            .map_or("everyone", super::draft::ReplySettings::as_str)
            .to_owned(),
        created_at: now.0,
        media: passed.media,
    }
}

fn record(
    scope: &Scope<'_>,
    request: i64,
    judgement: &Judgement,
    now: UnixMillis,
) -> Result<(), Error> {
    let (outcome, decision) = match &judgement.result {
        Ok(tweet) => (
            Outcome::Accepted,
            Decision { status: Some(201), tweet_id: Some(tweet.id), ..Decision::default() },
        ),
        Err(refusal) => (
            Outcome::Refused,
            Decision {
                status: Some(refusal.answer.status.as_u16()),
                reason: Some(refusal.name.to_owned()),
                ..Decision::default()
            },
        ),
    };
    let decision = Decision { counted: judgement.counted, ..decision };
    ledger::decide(scope, request, outcome, &decision, now.0)
}

/// The windows as they are once this request is counted.
fn after_this(mut windows: Vec<Window>) -> Vec<Window> {
    for window in &mut windows {
        window.remaining = window.remaining.saturating_sub(1);
    }
    windows
}

impl Judgement {
    fn answer(self) -> Answer {
        let answer = match self.result {
            Ok(tweet) => {
                let id = tweet.id.to_string();
                let data = json!({
                    "id": id, "text": shown(&tweet).0.text, "edit_history_tweet_ids": [id],
                });
                Answer::json(StatusCode::CREATED, &json!({ "data": data }))
            }
            Err(refusal) => refusal.answer,
        };
        answer.windows(&self.windows)
    }
}
