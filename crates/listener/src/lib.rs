//! Serves a router to the world: connections are counted, slow and idle ones end, and TLS is spoken
//! from certificate files or through ACME.
//!
//! A client that opens connections and says nothing can hold no other up. Every connection waits for a
//! header, works on a request, or rests between two; when as many are open as there may be, the one
//! that waited longest makes room for the next. File descriptors for everything else that the program
//! does stay free.

mod connections;
mod limits;
mod serve;
mod stream;
mod tls;

pub use limits::{Limits, raise_open_files};
pub use serve::{Listener, serve};
pub use tls::{
    Acme, CertificateFiles, CertificateState, CertificateStatus, SelfSigned, Tls, TlsError,
    is_self_signed, make_self_signed, pin_of,
};
