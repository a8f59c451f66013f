//! What is built for others names its commit.

include!("../relay/commit.rs");

fn main() {
    println!("cargo:rerun-if-changed=../relay/commit.rs");
    println!("cargo:rustc-env=ROOST_VERSION={}", version());
}
