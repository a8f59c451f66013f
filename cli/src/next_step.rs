//! The commands by which a person takes the next step: the only place that knows them all.

use roost_engine::NextStep;

/// Returns a step as a sentence that names its command.
pub(crate) fn sentence(step: &NextStep) -> String {
    match step {
        NextStep::SignIn { username: None } => "`roost login` signs in.".to_owned(),
        NextStep::SignIn { username: Some(username) } => {
            format!("`roost login` signs in: do it as @{username}.")
        }
        NextStep::ChooseAccount => "`roost posts edit ID --account HANDLE` chooses one.".to_owned(),
        NextStep::ShowNeedsYou => {
            "`roost posts list --view needs-you` shows them, with what to do.".to_owned()
        }
        NextStep::ShowUpcoming => {
            "`roost posts list --view upcoming` shows what waits, and why.".to_owned()
        }
        NextStep::RetryPost { post } => format!(
            "`roost posts retry {post}` schedules it again; so does `--restore` with the change."
        ),
        NextStep::TryNow => "`roost sync --try-now` tries at once.".to_owned(),
        NextStep::SyncNow => "`roost sync` does it now.".to_owned(),
        NextStep::KeepRunning => "`roost sync --watch`, or the window, does it.".to_owned(),
        NextStep::Resume => "`roost resume` goes on.".to_owned(),
        NextStep::ResumeAccount { username } => {
            format!("`roost resume --account {username}` goes on with it.")
        }
        NextStep::Pair => "`roost pair` pairs this computer: paste the link there. `roost pair \
                           --key-in-file` keeps its key in a file."
            .to_owned(),
        NextStep::TakeOver => {
            "`roost take-over` makes this computer the one that posts go out from.".to_owned()
        }
        NextStep::ComeBack => {
            "`roost move back` uses this computer again, and says what that risks.".to_owned()
        }
        NextStep::ForgetRelay { .. } => {
            "`roost sync --old-relay-is-gone` says that it is gone.".to_owned()
        }
        NextStep::KeepSchedulerToken => "`roost pair --qstash` keeps it.".to_owned(),
        NextStep::KeepTimesOfDay => {
            "`roost posts time-rules` shows them, and `roost posts time-rules --keep wall-time` \
             keeps the times of day."
                .to_owned()
        }
        NextStep::KeepInstants => {
            "`roost posts time-rules --keep instant` keeps the instants.".to_owned()
        }
        NextStep::RestoreBackup => {
            "`roost backups` lists them, and `roost restore BACKUP` puts one back.".to_owned()
        }
    }
}

/// Returns words with the steps behind them.
pub(crate) fn with_steps(words: &str, steps: &[NextStep]) -> String {
    let sentences = steps.iter().map(sentence);
    let all: Vec<String> = std::iter::once(words.trim_end().to_owned()).chain(sentences).collect();
    all.join(" ").trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Cli;

    /// What a person would write where a command has a placeholder.
    fn filled(word: &str) -> &str {
        match word {
            "ID" => "01890a5d-ac96-774b-bcce-b302099a8057",
            "HANDLE" => "ada",
            "BACKUP" => "latest",
            word => word,
        }
    }

    #[test]
    fn each_next_step_names_commands_that_exist() {
        for step in NextStep::one_of_each() {
            let sentence = sentence(&step);
            let quoted: Vec<&str> = sentence.split('`').skip(1).step_by(2).collect();
            let commands = quoted.iter().filter(|words| words.starts_with("roost "));
            let mut count = 0;
            for command in commands {
                let words = command.split(' ').map(filled);
                assert!(Cli::try_parse_from(words).is_ok(), "{step:?}: {command}");
                count += 1;
            }
            assert!(count > 0, "{step:?}: {sentence}");
        }
    }
}
