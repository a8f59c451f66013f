//! Migrations are embedded at compile time: a new file must rebuild the crate. What is built for
//! others names its commit.

include!("commit.rs");

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=commit.rs");
    println!("cargo:rustc-env=ROOST_RELAY_VERSION={}", version());
}
