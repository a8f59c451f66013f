//! What is shipped can't be told to die.

use std::path::PathBuf;

/// Each armed program holds the name of this variable.
const NEEDLE: &[u8] = b"CRASH_POINTS_";

#[test]
fn a_shipped_program_holds_nothing_of_the_crash_points() {
    let Some(folder) = std::env::var_os("ROOST_BIN_DIR").map(PathBuf::from) else {
        println!("skipped: ROOST_BIN_DIR names no folder of built programs");
        return;
    };
    for name in ["roost", "roost-relay", "qstash-local"] {
        let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        let bytes = std::fs::read(&program).expect("a built program");
        let armed = bytes.windows(NEEDLE.len()).any(|window| window == NEEDLE);
        assert!(!armed, "{name} was built with crash points");
    }
}
