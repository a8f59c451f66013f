//! The commands that a page shows: what a person who follows it types.

use anyhow::{Context as _, Result, ensure};

use crate::project;

/// Where a command is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// On the server, as root: `#`.
    Server,
    /// On a person's computer: `$`.
    Computer,
}

/// One command of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// The heading above it.
    pub(super) heading: String,
    pub(super) place: Place,
    /// All its lines.
    pub(super) command: String,
    /// The line of the page on which it begins, from 1.
    pub(super) line: usize,
}

/// Returns the commands of a page of the project.
pub(super) fn steps(page: &str) -> Result<Vec<Step>> {
    let path = project::root().join(page);
    let text = std::fs::read_to_string(&path).with_context(|| format!("{page} can't be read"))?;
    let steps = steps_of(&text);
    ensure!(!steps.is_empty(), "{page} shows no command");
    Ok(steps)
}

fn steps_of(text: &str) -> Vec<Step> {
    let (mut heading, mut is_inside) = (String::new(), false);
    let mut steps: Vec<Step> = Vec::new();
    // What a command goes on until: a line without a backslash at its end, or the end of its document.
    let (mut goes_on, mut document_end) = (false, None::<String>);
    for (number, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            is_inside = line == "```console" && !is_inside;
            continue;
        }
        if !is_inside {
            if line.starts_with('#') {
                line.trim_start_matches('#').trim().clone_into(&mut heading);
            }
            continue;
        }
        if goes_on || document_end.is_some() {
            if let Some(step) = steps.last_mut() {
                step.command.push('\n');
                step.command.push_str(line);
            }
            if document_end.as_deref() == Some(line) {
                document_end = None;
            }
            goes_on = document_end.is_none() && line.ends_with('\\');
            continue;
        }
        let place = match line.get(..2) {
            Some("# ") => Place::Server,
            Some("$ ") => Place::Computer,
            // What a command prints.
            _ => continue,
        };
        let command = line[2..].trim().to_owned();
        goes_on = command.ends_with('\\');
        document_end = command
            .split_once("<<'")
            .and_then(|(_, end)| end.split_once('\''))
            .map(|(end, _)| end.to_owned());
        steps.push(Step { heading: heading.clone(), place, command, line: number + 1 });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_all_their_lines_and_what_they_print_is_none() {
        let page = "# A page\n\n## One\n\n```console\n# a \\\n    b\nprinted\n$ c <<'END'\n# d\nEND\n```\n\
                    ```toml\n# e\n```\n";
        let steps = steps_of(page);
        let found: Vec<_> = steps.iter().map(|it| (it.place, it.command.as_str())).collect();
        let wanted = [(Place::Server, "a \\\n    b"), (Place::Computer, "c <<'END'\n# d\nEND")];
        assert_eq!(found, wanted);
        assert!(steps.iter().all(|it| it.heading == "One"));
        assert_eq!(steps[1].line, 9);
    }
}
