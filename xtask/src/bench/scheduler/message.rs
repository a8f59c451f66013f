//! The messages that everybody delivers: a body that says which one it is and when it is due.

use serde_json::{Value, json};

use crate::bench::load;

/// About as long as what says which post is due.
const TEXT: &str = "An ordinary message names a post, a revision and an epoch, and says little \
                    more than that; this one is as long as such a message is with its names.";

/// Messages, and where they go.
#[derive(Debug, Clone)]
pub(super) struct Load {
    /// Where they are delivered.
    pub(super) url: String,
    pub(super) count: usize,
    /// When the first is due, Unix seconds.
    pub(super) at: i64,
    /// Whether each following one is due a second later; else all are due at once.
    pub(super) spread: bool,
}

impl Load {
    fn at(&self, number: usize) -> i64 {
        let later = if self.spread { i64::try_from(number).unwrap_or(i64::MAX) } else { 0 };
        self.at.saturating_add(later)
    }

    fn body(&self, number: usize) -> String {
        let due = self.at(number).saturating_mul(1000);
        json!({ "due": due, "number": number, "text": TEXT }).to_string()
    }

    /// Requests that publish these messages to a scheduler, one in each.
    pub(super) fn singles(&self, host: &str, token: &str) -> Vec<Vec<u8>> {
        let path = format!("/v2/publish/{}", self.url);
        let request = |number| {
            let headers = [
                format!("Authorization: Bearer {token}"),
                format!("Upstash-Not-Before: {}", self.at(number)),
            ];
            load::post(&path, host, &headers, self.body(number).as_bytes())
        };
        (0..self.count).map(request).collect()
    }

    /// As [`Load::singles`], `size` in each.
    pub(super) fn batches(&self, host: &str, token: &str, size: usize) -> Vec<Vec<u8>> {
        let element = |number| {
            json!({
                "destination": self.url,
                "headers": {
                    "Content-Type": "application/json",
                    "Upstash-Not-Before": self.at(number).to_string(),
                },
                "body": self.body(number),
            })
        };
        let numbers: Vec<usize> = (0..self.count).collect();
        let authorization = [format!("Authorization: Bearer {token}")];
        let batch = |numbers: &[usize]| {
            let body: Value = numbers.iter().copied().map(element).collect();
            load::post("/v2/batch", host, &authorization, body.to_string().as_bytes())
        };
        numbers.chunks(size).map(batch).collect()
    }

    /// Requests that post the bodies themselves to the receiver.
    pub(super) fn posts(&self, host: &str) -> Vec<Vec<u8>> {
        (0..self.count).map(|n| load::post("/", host, &[], self.body(n).as_bytes())).collect()
    }
}

/// The value of `"name":123` in a body, without reading the rest.
pub(super) fn number_in(body: &[u8], name: &str) -> Option<i64> {
    let name = format!("\"{name}\":");
    let at = body.windows(name.len()).position(|window| window == name.as_bytes())?;
    let digits = body[at + name.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_says_which_message_it_is_and_when_it_is_due() {
        let load = Load { url: String::new(), count: 5, at: 1_800_000_000, spread: true };
        let body = load.body(4);
        assert_eq!(number_in(body.as_bytes(), "number"), Some(4));
        assert_eq!(number_in(body.as_bytes(), "due"), Some(1_800_000_004_000));
        assert_eq!(number_in(body.as_bytes(), "else"), None);
    }

    #[test]
    fn every_message_is_in_one_batch() {
        let load = Load { url: "http://x".into(), count: 5, at: 1, spread: false };
        let batches = load.batches("h", "t", 2);
        assert_eq!(batches.len(), 3);
        let elements = |batch: &Vec<u8>| {
            let text = String::from_utf8(batch.clone()).expect("text");
            let (_, body) = text.split_once("\r\n\r\n").expect("a head");
            serde_json::from_str::<Vec<Value>>(body).expect("a list").len()
        };
        assert_eq!(batches.iter().map(elements).collect::<Vec<_>>(), [2, 2, 1]);
    }
}
