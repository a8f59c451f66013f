//! The page on which a person lets an app in: `GET` asks, `POST` decides.

use std::collections::HashMap;
use std::fmt::Write as _;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use rusqlite::params;
use serde::{Deserialize, Serialize};
use url::Url;

use super::page::{document, escape};
use crate::account::Account;
use crate::config::Config;
use crate::database::{Error, Scope};
use crate::sandbox::Sandbox;
use crate::token;

const SCOPES: &[&str] =
    &["tweet.read", "tweet.write", "users.read", "media.write", "offline.access"];
const STATE_LIMIT: usize = 500;

/// What an app sends a person with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Ask {
    #[serde(default)]
    response_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    code_challenge: String,
    #[serde(default = "plain")]
    code_challenge_method: String,
}

fn plain() -> String {
    "plain".into()
}

/// What the person decided: an account, or none.
#[derive(Debug, Deserialize)]
pub(super) struct Decide {
    #[serde(flatten)]
    ask: Ask,
    #[serde(default)]
    account: Option<String>,
}

/// `GET /i/oauth2/authorize`
pub(super) async fn ask(State(sandbox): State<Sandbox>, Query(ask): Query<Ask>) -> Response {
    if let Err(why) = ask.check(&sandbox.config) {
        return refuse(&why);
    }
    let accounts = match sandbox.database.write("sandbox.read", |s| Account::all(s)).await {
        Ok(accounts) => accounts,
        Err(error) => return crate::answer::Answer::broken(&error).into_response(),
    };
    match accounts.first() {
        Some(first) if sandbox.config.auto_approve => {
            approve(&sandbox, ask, first.username.clone()).await
        }
        _ => document(&page(&ask, &accounts)),
    }
}

/// `POST /i/oauth2/authorize`
pub(super) async fn decide(
    State(sandbox): State<Sandbox>,
    Form(decide): Form<HashMap<String, String>>,
) -> Response {
    let decide: Decide = match serde_json::to_value(decide).and_then(serde_json::from_value) {
        Ok(decide) => decide,
        Err(_) => return refuse("The form was not understood."),
    };
    if let Err(why) = decide.ask.check(&sandbox.config) {
        return refuse(&why);
    }
    match decide.account.filter(|account| !account.is_empty()) {
        Some(account) => approve(&sandbox, decide.ask, account).await,
        None => decide.ask.send_back(&[("error", "access_denied")]),
    }
}

async fn approve(sandbox: &Sandbox, ask: Ask, username: String) -> Response {
    let (now, config) = (sandbox.now().0, sandbox.config.clone());
    let asked = ask.clone();
    let code = sandbox
        .database
        .write("sandbox.consent", move |scope| {
            let Some(account) = Account::by_username(scope, &username)? else {
                return Ok(None);
            };
            asked.store(scope, &config, account.id, now).map(Some)
        })
        .await;
    match code {
        Ok(Some(code)) => ask.send_back(&[("code", &code)]),
        Ok(None) => refuse("There is no such account."),
        Err(error) => crate::answer::Answer::broken(&error).into_response(),
    }
}

impl Ask {
    /// X shows its own error page for these, and sends nobody back.
    fn check(&self, config: &Config) -> Result<(), String> {
        let app = config.app(&self.client_id).ok_or("There is no app with this client_id.")?;
        let fits = if app.redirect_uris.is_empty() {
            is_here(&self.redirect_uri)
        } else {
            app.redirect_uris.contains(&self.redirect_uri)
        };
        if !fits {
            return Err("The redirect_uri is not one that the app registered, character by \
                        character; without registered ones it must be on 127.0.0.1."
                .into());
        }
        if self.response_type != "code" {
            return Err("response_type must be \"code\".".into());
        }
        if self.state.is_empty() || self.state.chars().count() > STATE_LIMIT {
            return Err("state must have 1 to 500 characters.".into());
        }
        if self.code_challenge.is_empty() {
            return Err("code_challenge is missing.".into());
        }
        if !["S256", "plain"].contains(&self.code_challenge_method.as_str()) {
            return Err("code_challenge_method must be S256 or plain.".into());
        }
        let unknown = self.scope.split(' ').find(|scope| !SCOPES.contains(scope));
        match unknown {
            Some(scope) => Err(format!("The scope \"{scope}\" is not one that the sandbox knows.")),
            None => Ok(()),
        }
    }

    fn store(
        &self,
        scope: &Scope<'_>,
        config: &Config,
        account_id: i64,
        now: i64,
    ) -> Result<String, Error> {
        let code = token::fresh()?;
        scope.db.execute(
            "INSERT INTO authorization_code (hash, account_id, client_id, scope, redirect_uri,
                 challenge, challenge_method, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                token::hash(&code),
                account_id,
                self.client_id,
                self.scope,
                self.redirect_uri,
                self.code_challenge,
                self.code_challenge_method,
                now + token::millis(config.code_lifetime)
            ],
        )?;
        Ok(code)
    }

    fn send_back(&self, answer: &[(&str, &str)]) -> Response {
        let Ok(mut url) = Url::parse(&self.redirect_uri) else {
            return refuse("The redirect_uri is no address.");
        };
        url.query_pairs_mut().append_pair("state", &self.state).extend_pairs(answer);
        match HeaderValue::try_from(url.as_str()) {
            Ok(location) => (StatusCode::FOUND, [(LOCATION, location)]).into_response(),
            Err(_) => refuse("The redirect_uri is no address."),
        }
    }
}

fn is_here(redirect_uri: &str) -> bool {
    Url::parse(redirect_uri).is_ok_and(|url| {
        url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost"))
    })
}

fn refuse(why: &str) -> Response {
    let body = format!(
        "<header><h1>Something went wrong</h1></header><p>You weren't able to give access to the \
         App. {}</p>",
        escape(why)
    );
    let mut response = document(&body);
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

fn page(ask: &Ask, accounts: &[Account]) -> String {
    let mut html = format!(
        "<header><h1>\"{}\" wants to access an account</h1><p>X sandbox: nothing here is on X. It \
         asks for: {}</p></header><form method=\"post\" action=\"/i/oauth2/authorize\">",
        escape(&ask.client_id),
        escape(&ask.scope),
    );
    let fields = serde_json::to_value(ask).unwrap_or_default();
    for (name, value) in fields.as_object().into_iter().flatten() {
        let value = escape(value.as_str().unwrap_or_default());
        // Writing to a String cannot fail.
        let _ = write!(html, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    }
    for account in accounts {
        let name = escape(&account.username);
        let _ =
            write!(html, "<button name=\"account\" value=\"{name}\">Authorize as @{name}</button>");
    }
    html.push_str("<button name=\"account\" value=\"\">Cancel</button></form>");
    html
}
