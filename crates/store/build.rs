//! Migrations are embedded by a macro; without these lines cargo would not see a new one.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
    println!("cargo:rerun-if-changed=build.rs");
}
