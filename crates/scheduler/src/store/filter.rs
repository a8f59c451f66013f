//! Filters as the API takes them: any of the values of a name, all of the names.

use rusqlite::types::Value;

/// Conditions of a list, of messages, dead letters or events.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Filter {
    /// `column` is one of the texts.
    pub(crate) fn any_text(&mut self, column: &'static str, texts: &[String]) {
        self.push(&format!("{column} IN (SELECT value FROM json_each(?))"), json(texts));
    }

    /// `column` is one of the numbers.
    pub(crate) fn any_number(&mut self, column: &'static str, numbers: &[i64]) {
        let list = serde_json::Value::from(numbers.to_vec()).to_string();
        self.push(&format!("{column} IN (SELECT value FROM json_each(?))"), list.into());
    }

    /// The message carries one of the labels.
    pub(crate) fn any_label(&mut self, labels: &[String]) {
        self.push(
            "message.seq IN (SELECT message_seq FROM message_label
                 WHERE label IN (SELECT value FROM json_each(?)))",
            json(labels),
        );
    }

    /// `column` compared with a number, like `event.time >= ?`.
    pub(crate) fn number(&mut self, condition: &'static str, number: i64) {
        self.push(condition, number.into());
    }

    /// As [`Filter::number`], compared with two.
    pub(crate) fn numbers(&mut self, condition: &'static str, numbers: [i64; 2]) {
        self.conditions.push(condition.to_owned());
        self.values.extend(numbers.map(Value::from));
    }

    /// A condition without a value.
    pub(crate) fn only(&mut self, condition: &'static str) {
        self.conditions.push(condition.to_owned());
    }

    fn push(&mut self, condition: &str, value: Value) {
        self.conditions.push(condition.to_owned());
        self.values.push(value);
    }

    /// The condition after WHERE, and its values in order.
    pub(super) fn sql(&self) -> (String, Vec<Value>) {
        if self.conditions.is_empty() {
            return ("TRUE".into(), Vec::new());
        }
        (self.conditions.join(" AND "), self.values.clone())
    }
}

fn json(texts: &[String]) -> Value {
    serde_json::Value::from(texts.to_vec()).to_string().into()
}
