//! Faults on purpose: armed by tests and people, struck by the next request that fits.
//!
//! Armed faults live in memory: a sandbox that was killed comes back without them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::database::Error;
use crate::problem;

/// Which requests a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// Creating a post.
    Create,
    /// Deleting one.
    Delete,
    /// Reading a timeline.
    Timeline,
    /// Reading posts by id.
    Lookup,
    /// Reading the token's own account.
    Me,
    /// The media routes.
    Media,
    /// Trading a refresh token.
    Refresh,
    /// Trading an authorization code.
    Code,
    /// Revoking a token.
    Revoke,
    /// Every one of these.
    Any,
}

/// What a fault does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Answers with `status`, `body` and `headers`.
    Status,
    /// Answers with the refusal of the catalogue that `name` tells.
    Named,
    /// Cuts the connection, having done nothing.
    CutBefore,
    /// Does what was asked and cuts the connection before the first byte of the answer.
    CutAfter,
    /// Does what was asked and cuts the connection after `bytes` bytes of the answer.
    CutDuring,
    /// Waits `millis`, then does what was asked and answers; with `processed`, does it first.
    Slow,
    /// Timelines and look-ups show posts only `millis` after they were made; struck on
    /// [`On::Create`], a reply to a younger post is refused as if that were gone.
    Lag,
    /// Does what was asked and answers with success and half a JSON document.
    Malformed,
    /// Does what was asked and answers with success, the id left out.
    NoId,
}

/// A fault to be armed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which requests it strikes.
    pub on: On,
    /// What it does.
    pub kind: FaultKind,
    /// The refusal's name, for [`FaultKind::Named`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The status, for [`FaultKind::Status`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The body, for [`FaultKind::Status`]: a text is sent as it is, all else as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// More headers, for [`FaultKind::Status`] and [`FaultKind::Named`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// For statuses and slowness: what was asked is done before the fault strikes.
    #[serde(default)]
    pub processed: bool,
    /// After how many bytes, for [`FaultKind::CutDuring`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// How long, for [`FaultKind::Slow`] and [`FaultKind::Lag`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub millis: Option<u64>,
    /// How many requests it strikes; 0: all, until it is disarmed. One when absent, but all for
    /// [`FaultKind::Lag`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// How many fitting requests it lets pass first.
    #[serde(default)]
    pub after: u32,
    /// Only requests of this account: handle or id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Only requests whose text contains this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Fault {
    /// A fault that strikes the next fitting request.
    #[must_use]
    pub const fn new(on: On, kind: FaultKind) -> Self {
        Self {
            on,
            kind,
            name: None,
            status: None,
            body: None,
            headers: BTreeMap::new(),
            processed: false,
            bytes: None,
            millis: None,
            count: None,
            after: 0,
            account: None,
            text: None,
        }
    }

    /// A refusal of the catalogue for the next fitting request.
    #[must_use]
    pub fn named(on: On, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..Self::new(on, FaultKind::Named) }
    }

    /// A bare status for the next fitting request.
    #[must_use]
    pub const fn status(on: On, status: u16) -> Self {
        let mut fault = Self::new(on, FaultKind::Status);
        fault.status = Some(status);
        fault
    }

    fn check(&self) -> Result<(), Error> {
        let missing = match self.kind {
            FaultKind::Status if self.status.is_none() => "status",
            FaultKind::Named if self.name.is_none() => "name",
            FaultKind::CutDuring if self.bytes.is_none() => "bytes",
            FaultKind::Slow | FaultKind::Lag if self.millis.is_none() => "millis",
            _ => "",
        };
        if !missing.is_empty() {
            return Err(Error::Invalid(format!("this kind of fault needs \"{missing}\"")));
        }
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err(Error::Invalid("a status lies between 200 and 599".into()));
        }
        match self.name.as_deref() {
            Some(name) if problem::named(name).is_none() => Err(Error::Invalid(format!(
                "no refusal is named \"{name}\"; there are: {}",
                problem::catalogue().join(", ")
            ))),
            _ => Ok(()),
        }
    }

    fn remaining(&self) -> Option<u32> {
        match (self.count, self.kind) {
            (Some(0), _) | (None, FaultKind::Lag) => None,
            (count, _) => Some(count.unwrap_or(1)),
        }
    }

    fn fits(&self, on: On, subject: &Subject) -> bool {
        let account = self.account.as_deref().is_none_or(|wanted| {
            let of = |name: &Option<String>| {
                name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(wanted))
            };
            of(&subject.username) || of(&subject.account_id)
        });
        let text = self
            .text
            .as_deref()
            .is_none_or(|wanted| subject.text.as_deref().is_some_and(|text| text.contains(wanted)));
        (self.on == on || self.on == On::Any) && account && text
    }

    /// What the ledger writes down.
    fn label(&self) -> String {
        let kind = serde_json::to_value(self.kind).ok();
        let kind = kind.as_ref().and_then(Value::as_str).unwrap_or_default();
        match (&self.name, self.status) {
            (Some(name), _) => format!("{kind} {name}"),
            (None, Some(status)) => format!("{kind} {status}"),
            (None, None) => kind.to_owned(),
        }
    }

    /// The answer in the place of the true one.
    fn answer(&self) -> Answer {
        let mut answer = match (self.name.as_deref().and_then(problem::named), self.status) {
            (Some(refusal), _) => refusal.answer,
            (None, status) => {
                let status = status.and_then(|code| StatusCode::from_u16(code).ok());
                let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                match &self.body {
                    Some(Value::String(text)) => {
                        let mut answer = Answer::json(status, &Value::Null);
                        answer.headers = vec![("content-type".into(), "text/html".into())];
                        answer.body = text.clone().into();
                        answer
                    }
                    Some(body) => Answer::json(status, body),
                    None => problem::plain(
                        status.as_u16(),
                        status.canonical_reason().unwrap_or_default(),
                        status.canonical_reason().unwrap_or_default(),
                    ),
                }
            }
        };
        for (name, value) in &self.headers {
            answer = answer.header(name, value);
        }
        answer
    }
}

/// A fault that is armed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arming {
    /// Its number, by which it is disarmed.
    pub id: u64,
    /// The fault.
    pub fault: Fault,
    /// How many requests it will still strike; none: all.
    pub remaining: Option<u32>,
    /// How many fitting requests it still lets pass.
    pub to_pass: u32,
    /// How many it has struck.
    pub struck: u64,
}

/// Whom a request is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Subject {
    pub(crate) account_id: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) text: Option<String>,
}

/// All that is armed.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Armory>);

#[derive(Debug, Default)]
struct Armory {
    armed: Vec<Arming>,
    last_id: u64,
}

impl Faults {
    fn lock(&self) -> MutexGuard<'_, Armory> {
        // A list of plain values: whoever panicked left it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn arm(&self, fault: Fault) -> Result<Arming, Error> {
        fault.check()?;
        let mut armory = self.lock();
        armory.last_id += 1;
        let arming = Arming {
            id: armory.last_id,
            remaining: fault.remaining(),
            to_pass: fault.after,
            struck: 0,
            fault,
        };
        armory.armed.push(arming.clone());
        Ok(arming)
    }

    /// What is armed, the spent ones too: they tell how often they struck.
    pub(crate) fn list(&self) -> Vec<Arming> {
        self.lock().armed.clone()
    }

    /// Disarms one fault, or all.
    pub(crate) fn disarm(&self, id: Option<u64>) {
        self.lock().armed.retain(|arming| id.is_some_and(|id| id != arming.id));
    }

    /// The fault that strikes this request: the first that fits and has let enough pass.
    fn take(&self, on: On, subject: &Subject) -> Option<Fault> {
        let mut armory = self.lock();
        for arming in &mut armory.armed {
            if arming.remaining == Some(0) || !arming.fault.fits(on, subject) {
                continue;
            }
            if arming.to_pass > 0 {
                arming.to_pass -= 1;
                continue;
            }
            arming.remaining = arming.remaining.map(|left| left - 1);
            arming.struck += 1;
            return Some(arming.fault.clone());
        }
        None
    }
}

/// What came of a request.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) answer: Answer,
    /// What was asked was looked at and decided.
    pub(crate) processed: bool,
    /// The caller hears what was decided.
    pub(crate) is_true: bool,
    /// The fault that struck.
    pub(crate) fault: Option<String>,
}

/// Runs `process` under whatever fault strikes. It is given how far X lags behind what was
/// created.
pub(crate) async fn perform<F, W>(faults: &Faults, on: On, subject: &Subject, process: F) -> Verdict
where
    F: FnOnce(Duration) -> W,
    W: Future<Output = Answer>,
{
    let Some(fault) = faults.take(on, subject) else {
        let answer = process(Duration::ZERO).await;
        return Verdict { answer, processed: true, is_true: true, fault: None };
    };
    let label = Some(fault.label());
    let verdict = |answer, processed, is_true| Verdict { answer, processed, is_true, fault: label };
    let wait = Duration::from_millis(fault.millis.unwrap_or(0));
    match fault.kind {
        FaultKind::Status | FaultKind::Named if !fault.processed => {
            verdict(fault.answer(), false, true)
        }
        FaultKind::Status | FaultKind::Named => {
            process(Duration::ZERO).await;
            verdict(fault.answer(), true, false)
        }
        FaultKind::CutBefore => verdict(Answer::nothing(), false, false),
        FaultKind::CutAfter | FaultKind::CutDuring => {
            let mut answer = process(Duration::ZERO).await;
            answer.cut_after = Some(fault.bytes.unwrap_or(0));
            verdict(answer, true, false)
        }
        FaultKind::Slow if fault.processed => {
            let answer = process(Duration::ZERO).await;
            tokio::time::sleep(wait).await;
            verdict(answer, true, true)
        }
        FaultKind::Slow => {
            tokio::time::sleep(wait).await;
            verdict(process(Duration::ZERO).await, true, true)
        }
        FaultKind::Lag => verdict(process(wait).await, true, true),
        FaultKind::Malformed => {
            let mut answer = process(Duration::ZERO).await;
            answer.body = "{\"data\":{\"id\":\"".into();
            verdict(answer, true, false)
        }
        FaultKind::NoId => {
            let mut answer = process(Duration::ZERO).await;
            answer.body = without_id(&answer.body).to_string().into();
            verdict(answer, true, false)
        }
    }
}

fn without_id(body: &[u8]) -> Value {
    let mut body: Value = serde_json::from_slice(body).unwrap_or_else(|_| json!({}));
    for name in ["access_token", "data"] {
        match body.get_mut(name) {
            Some(Value::Object(data)) => drop(data.remove("id")),
            Some(_) => drop(body.as_object_mut().and_then(|body| body.remove(name))),
            None => {}
        }
    }
    body
}
