//! The live table, and the bar below it. Where stderr is no terminal, plain lines.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use roost_core::clock::UnixMillis;

use super::ledger::Create;

/// Shows posts as they arrive.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    shown: usize,
}

/// Characters of a text that a row shows.
const TEXT_WIDTH: usize = 64;

impl Progress {
    /// A table for `posts` posts.
    pub(crate) fn start(posts: usize) -> Self {
        let bar = ProgressBar::with_draw_target(
            Some(u64::try_from(posts).unwrap_or(u64::MAX)),
            ProgressDrawTarget::stderr(),
        );
        let template = "  {bar:40} {pos}/{len} posted   {msg}   {elapsed}";
        let style = ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_bar());
        bar.set_style(style);
        let progress = Self { bar, shown: 0 };
        progress.line(&format!("  {:<10}{:>9}  {}", "posted", "late", "text"));
        progress
    }

    /// Shows what the ledger decided since the last call.
    pub(crate) fn update(&mut self, creates: &[Create], due_at: impl Fn(&str) -> Option<i64>) {
        let decided = creates.iter().skip(self.shown).take_while(|create| create.is_decided());
        for create in decided {
            self.line(&row(create, due_at(&create.text)));
            self.shown += 1;
        }
        let accepted = creates.iter().filter(|create| create.accepted).count();
        self.bar.set_position(u64::try_from(accepted).unwrap_or(0));
    }

    /// What is going on besides.
    pub(crate) fn say(&self, message: &str) {
        self.bar.set_message(message.to_owned());
    }

    /// Ends the table.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self, line: &str) {
        if std::io::stderr().is_terminal() {
            self.bar.println(line);
        } else {
            eprintln!("{line}");
        }
    }
}

/// One row: when, how late, what.
fn row(create: &Create, due_at: Option<i64>) -> String {
    let time = UnixMillis(create.arrived_at).to_string();
    let time = time.get(11..19).unwrap_or(&time).to_owned();
    let late = due_at.map_or_else(String::new, |due| {
        format!(
            "{}.{:03} s",
            (create.arrived_at - due) / 1000,
            (create.arrived_at - due).abs() % 1000
        )
    });
    let mut text: String = create.text.chars().take(TEXT_WIDTH).collect();
    if create.text.chars().count() > TEXT_WIDTH {
        text.push('…');
    }
    let mark = if create.accepted { "✓" } else { "!" };
    format!("{mark} {time:<10}{late:>9}  {}", text.replace('\n', " "))
}
