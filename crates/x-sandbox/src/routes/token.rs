//! The token endpoint: codes and refresh tokens are traded, tokens revoked.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderMap;
use rusqlite::{OptionalExtension as _, params};
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use crate::answer::Answer;
use crate::config::{App, Config};
use crate::database::{Error, Scope};
use crate::fault::{On, Subject, perform};
use crate::problem::{self, refusal};
use crate::sandbox::Sandbox;
use crate::token::{self, Consent, Pair};

type Form = HashMap<String, String>;

/// `POST /2/oauth2/token`
pub(super) async fn token(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let form: Form = url::form_urlencoded::parse(&body).into_owned().collect();
    let is_refresh = form.get("grant_type").is_some_and(|kind| kind == "refresh_token");
    let on = if is_refresh { On::Refresh } else { On::Code };
    run(sandbox, on, headers, form, trade).await
}

/// `POST /2/oauth2/revoke`
pub(super) async fn revoke(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let form: Form = url::form_urlencoded::parse(&body).into_owned().collect();
    run(sandbox, On::Revoke, headers, form, |scope, _, app, form, now| {
        let Some(token) = form.get("token") else { return Ok(missing("token")) };
        token::revoke(scope, &app.client_id, token, now)?;
        Ok(Answer::ok(&json!({ "revoked": true })))
    })
    .await
}

/// Runs to its end even when the caller hangs up, as X does.
async fn run<F>(sandbox: Sandbox, on: On, headers: HeaderMap, form: Form, work: F) -> Answer
where
    F: FnOnce(&Scope<'_>, &Config, &App, &Form, i64) -> Result<Answer, Error> + Send + 'static,
{
    let task = tokio::spawn(async move {
        let app = client(&sandbox.config, &headers, &form);
        let faults = Arc::clone(&sandbox.faults);
        let subject = Subject::default();
        let verdict = perform(&faults, on, &subject, |_| async move {
            let app = match app {
                Ok(app) => app,
                Err(answer) => return answer,
            };
            let (now, config) = (sandbox.now().0, Arc::clone(&sandbox.config));
            let body = move |scope: &mut Scope<'_>| work(scope, &config, &app, &form, now);
            Answer::from(sandbox.database.write("sandbox.token", body).await)
        });
        verdict.await.answer
    });
    let answer = task.await.unwrap_or_else(|_| Answer::broken(&Error::Closed));
    answer.header("cache-control", "no-store")
}

/// Which app asks: confidential ones prove it with Basic, public ones name themselves.
fn client(config: &Config, headers: &HeaderMap, form: &Form) -> Result<App, Answer> {
    let basic = headers
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|encoded| STANDARD.decode(encoded.trim()).ok())
        .and_then(|pair| String::from_utf8(pair).ok());
    if let Some((id, secret)) = basic.as_deref().and_then(|pair| pair.split_once(':')) {
        let (id, secret) = (unescape(id), unescape(secret));
        let app = config.app(&id).filter(|app| {
            app.client_secret
                .as_deref()
                .is_some_and(|known| bool::from(known.as_bytes().ct_eq(secret.as_bytes())))
        });
        return app.cloned().ok_or_else(|| refusal("invalid_client").answer);
    }
    match form.get("client_id").map(|id| config.app(id)) {
        None => Err(refusal("missing_authorization").answer),
        Some(None) => Err(refusal("invalid_client").answer),
        Some(Some(app)) if app.client_secret.is_some() => {
            Err(refusal("missing_authorization").answer)
        }
        Some(Some(app)) => Ok(app.clone()),
    }
}

/// Ids and secrets are form-encoded before they are joined (RFC 6749 §2.3.1).
fn unescape(text: &str) -> String {
    let encoded = format!("x={text}");
    url::form_urlencoded::parse(encoded.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn trade(
    scope: &Scope<'_>,
    config: &Config,
    app: &App,
    form: &Form,
    now: i64,
) -> Result<Answer, Error> {
    match form.get("grant_type").map(String::as_str) {
        Some("refresh_token") => {
            let Some(token) = form.get("refresh_token") else {
                return Ok(missing("refresh_token"));
            };
            let pair = token::rotate(scope, config, &app.client_id, token, now)?;
            Ok(pair.map_or_else(|| refusal("token_invalid").answer, |pair| granted(&pair)))
        }
        Some("authorization_code") => trade_code(scope, config, app, form, now),
        Some(_) => Ok(problem::oauth(
            400,
            "unsupported_grant_type",
            "Value passed for the grant_type was invalid.",
        )),
        None => Ok(missing("grant_type")),
    }
}

struct Code {
    consent: Consent,
    redirect_uri: String,
    challenge: String,
    challenge_method: String,
    expires_at: i64,
    used_at: Option<i64>,
}

fn trade_code(
    scope: &Scope<'_>,
    config: &Config,
    app: &App,
    form: &Form,
    now: i64,
) -> Result<Answer, Error> {
    for name in ["code", "redirect_uri", "code_verifier"] {
        if !form.contains_key(name) {
            return Ok(missing(name));
        }
    }
    let hash = token::hash(&form["code"]);
    let Some(code) = find_code(scope, &hash)? else { return Ok(refusal("code_invalid").answer) };
    let usable =
        code.used_at.is_none() && now < code.expires_at && code.consent.client_id == app.client_id;
    if !usable {
        return Ok(refusal("code_invalid").answer);
    }
    if code.redirect_uri != form["redirect_uri"] {
        return Ok(refusal("redirect_mismatch").answer);
    }
    let verifier = &form["code_verifier"];
    let shown = match code.challenge_method.as_str() {
        "S256" => URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())),
        _ => verifier.clone(),
    };
    if shown != code.challenge {
        return Ok(refusal("verifier_mismatch").answer);
    }
    scope.db.execute(
        "UPDATE authorization_code SET used_at = ?2 WHERE hash = ?1",
        params![hash, now],
    )?;
    Ok(granted(&token::issue(scope, config, &code.consent, now)?))
}

fn find_code(scope: &Scope<'_>, hash: &str) -> Result<Option<Code>, Error> {
    let found = scope
        .db
        .query_row(
            "SELECT account_id, client_id, scope, redirect_uri, challenge, challenge_method,
                 expires_at, used_at
             FROM authorization_code WHERE hash = ?1",
            [hash],
            |row| {
                Ok(Code {
                    consent: Consent {
                        account_id: row.get(0)?,
                        client_id: row.get(1)?,
                        scope: row.get(2)?,
                        family: hash.to_owned(),
                    },
                    redirect_uri: row.get(3)?,
                    challenge: row.get(4)?,
                    challenge_method: row.get(5)?,
                    expires_at: row.get(6)?,
                    used_at: row.get(7)?,
                })
            },
        )
        .optional()?;
    Ok(found)
}

fn granted(pair: &Pair) -> Answer {
    let mut body = json!({
        "token_type": "bearer",
        "expires_in": pair.expires_in,
        "access_token": pair.access,
        "scope": pair.scope,
    });
    if let Some(refresh) = &pair.refresh {
        body["refresh_token"] = refresh.clone().into();
    }
    Answer::ok(&body)
}

fn missing(name: &str) -> Answer {
    problem::oauth(400, "invalid_request", &format!("Missing required parameter [{name}]."))
}
