//! Signing in with X: OAuth 2 authorization code with PKCE, for a window and a command line alike.
//!
//! [`SignIn::begin`] makes the page to open in the person's browser. The answer comes back by
//! itself to a port of this computer ([`SignIn::browser_returned`]), or the person pastes the
//! address that the browser ended on. [`SignIn::complete`] trades it for a [`Grant`], which the
//! caller hands to the relay and forgets.
//!
//! An X sandbox asks nobody: [`sandbox_account`] has it make an account.
//!
//! Nothing here opens a browser, prints, or keeps a token.
//!
//! [`Grant`]: roost_relay_api::Grant

mod app;
mod error;
mod exchange;
mod loopback;
mod network;
mod redirect;
mod sandbox;
mod session;

pub use app::App;
pub use error::Error;
pub use loopback::{REDIRECT_PORTS, redirect_uris};
pub use redirect::check_address;
pub use sandbox::{SandboxError, sandbox_account};
pub use session::{ExpectedAccount, SCOPES, SignIn, SignedIn};
