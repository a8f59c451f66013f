//! The shapes in which X says no: problem documents, lists of errors, OAuth errors, or nothing.

use serde_json::Value;

use crate::failure::Parameter;

/// How many of X's listed errors are looked at.
const ERRORS: usize = 20;

/// What could be read out of a body; all of it may be absent.
#[derive(Debug, Default)]
pub(crate) struct Problem {
    pub(crate) title: Option<String>,
    pub(crate) detail: Option<String>,
    /// The last path segment of `type`: the host before it is api.twitter.com or api.x.com.
    pub(crate) kind: Option<String>,
    pub(crate) period: Option<String>,
    pub(crate) reset_date: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) error_description: Option<String>,
    pub(crate) errors: Vec<Listed>,
}

/// One entry of `errors`.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub(crate) code: Option<i64>,
    pub(crate) message: Option<String>,
    pub(crate) parameters: Vec<String>,
}

impl Problem {
    /// Reads a body; HTML, nothing and other surprises give an empty problem.
    pub(crate) fn read(body: &[u8]) -> Self {
        let Ok(value) = serde_json::from_slice::<Value>(body) else { return Self::default() };
        let entries = value.get("errors").and_then(Value::as_array);
        Self {
            title: text(&value, "title"),
            detail: text(&value, "detail"),
            kind: text(&value, "type").and_then(|kind| last_segment(&kind)),
            period: text(&value, "period"),
            reset_date: text(&value, "reset_date"),
            error: text(&value, "error"),
            error_description: text(&value, "error_description"),
            errors: entries
                .map(|entries| entries.iter().take(ERRORS).map(Listed::read).collect())
                .unwrap_or_default(),
        }
    }

    /// Whether the body is X's at all: a page or nothing is of something between it and us.
    pub(crate) const fn is_empty(&self) -> bool {
        self.title.is_none()
            && self.detail.is_none()
            && self.kind.is_none()
            && self.error.is_none()
            && self.errors.is_empty()
    }

    /// What X said, in the place where it said most.
    pub(crate) fn said(&self) -> Option<&str> {
        let listed = self.errors.iter().find_map(|listed| listed.message.as_deref());
        let general = self.detail.as_deref();
        // "One or more parameters to your request was invalid" says less than the list.
        let listed_first = self.kind.as_deref() == Some("invalid-request");
        if listed_first { listed.or(general) } else { general.or(listed) }
            .or(self.error_description.as_deref())
            .or(self.error.as_deref())
    }

    /// The parameters that X named.
    pub(crate) fn parameters(&self) -> Vec<Parameter> {
        self.errors
            .iter()
            .flat_map(|listed| {
                let message = listed.message.clone().unwrap_or_default();
                let names = match listed.parameters.as_slice() {
                    [] => vec![String::new()],
                    names => names.to_vec(),
                };
                names.into_iter().map(move |name| Parameter {
                    name: crate::failure::shorten(&name),
                    message: crate::failure::shorten(&message),
                })
            })
            .collect()
    }
}

impl Listed {
    fn read(value: &Value) -> Self {
        let parameters = value.get("parameters").and_then(Value::as_object);
        Self {
            code: value.get("code").and_then(Value::as_i64),
            message: text(value, "message").or_else(|| text(value, "detail")),
            parameters: parameters
                .map(|parameters| parameters.keys().cloned().collect())
                .or_else(|| text(value, "parameter").map(|name| vec![name]))
                .unwrap_or_default(),
        }
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn last_segment(kind: &str) -> Option<String> {
    let segment = kind.trim_end_matches('/').rsplit('/').next()?;
    (!segment.is_empty() && segment != "about:blank").then(|| segment.to_owned())
}
