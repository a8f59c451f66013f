//! The API's client in TypeScript: one function for each operation, over any way to call them.

use std::fmt::Write as _;

use roost_core::failure::Code;
use roost_core::status::Status;
use roost_import::field::Field;

use super::OPERATIONS;
use crate::NextStep;

/// The request that takes nothing.
const NOTHING: &str = "Nothing";

/// Returns the client as TypeScript; the types that it names are those of the API.
#[must_use]
pub fn client() -> String {
    let mut text = HEAD.to_owned();
    for operation in OPERATIONS {
        let super::Operation { name, description, request, answer, .. } = operation;
        let (takes, gives) = match *request {
            NOTHING => (String::new(), "{}"),
            request => (format!("request: {request}"), "request"),
        };
        // A string takes everything.
        let _ = write!(
            text,
            "    /** {description} */\n    {name}: ({takes}) => call(\"{name}\", {gives}) as \
             Promise<{answer}>,\n"
        );
    }
    text.push_str("  };\n}\n\n");
    text.push_str(&labels());
    text.push_str(&steps());
    text.push_str(&fields());
    text
}

const HEAD: &str = "\
/** A way to reach the engine: the window's shell, or a server in a test. */
export type Call = (operation: string, params: unknown) => Promise<unknown>;

/** The engine's operations, each by its name. What `call` rejects with is passed on. */
export function client(call: Call) {
  return {
";

/// Returns what the statuses are called and what they mean, for every place that shows one.
fn labels() -> String {
    let mut text = "/** What a person reads for a status, and what it means. */\n\
                    export const STATUS_WORDS: Record<Status, { label: string; meaning: string }> = {\n"
        .to_owned();
    for status in Status::ALL {
        let (name, label, meaning) = (status.as_str(), status.label(), status.meaning());
        let _ = writeln!(text, "  {name}: {{ label: {label:?}, meaning: {meaning:?} }},");
    }
    text.push_str("};\n");
    text
}

/// Returns what the buttons of the next steps say, and which steps follow from a code alone.
fn steps() -> String {
    let mut text = "\n/** What a button says that takes a next step. */\n\
                    export const STEP_LABELS: Record<NextStep[\"step\"], string> = {\n"
        .to_owned();
    for step in NextStep::one_of_each() {
        let _ = writeln!(text, "  {}: {:?},", step.name(), step.label());
    }
    text.push_str(
        "};\n\n/** What the person can do about a code, where nothing more is known. */\n",
    );
    text.push_str("export const STEPS_OF: Partial<Record<Code, NextStep[]>> = {\n");
    for code in Code::ALL {
        let steps = NextStep::of(*code);
        if let (false, Ok(json)) = (steps.is_empty(), serde_json::to_string(&steps)) {
            let _ = writeln!(text, "  {code}: {json},");
        }
    }
    text.push_str("};\n");
    text
}

/// Returns what the fields of an import are called.
fn fields() -> String {
    let mut text = "\n/** What a person reads for a field of an import. */\n\
                    export const FIELD_LABELS: Record<Field, string> = {\n"
        .to_owned();
    for field in Field::ALL {
        // The word that the API writes.
        let Ok(serde_json::Value::String(name)) = serde_json::to_value(field) else { continue };
        let _ = writeln!(text, "  {name}: {:?},", field.label());
    }
    text.push_str("};\n");
    text
}
