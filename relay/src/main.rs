//! `roost-relay`: the relay as a program of its own.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod cli;

fn main() -> std::process::ExitCode {
    // A second installation is refused, which is fine: there is one then.
    rustls::crypto::ring::default_provider().install_default().ok();
    cli::main()
}
