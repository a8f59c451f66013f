//! Failures of the shell, in the API's shape.

use roost_core::failure::Code;
use roost_engine::api::Failure;

/// A failure of the shell itself, which no code of the engine says better.
pub(crate) fn of_the_shell(message: impl Into<String>) -> Failure {
    Failure::new(Code::ShellFailed, message)
}

/// A sign-in that did not come to its end.
pub(crate) fn of_a_sign_in(error: &roost_sign_in::Error) -> Failure {
    let code = error.code().parse().unwrap_or(Code::SignInIncomplete);
    Failure::new(code, error.to_string())
}
