//! `roost-relay`: the relay as a program of its own.

mod cli;

fn main() -> std::process::ExitCode {
    // A second installation is refused, which is fine: there is one then.
    rustls::crypto::ring::default_provider().install_default().ok();
    cli::main()
}
