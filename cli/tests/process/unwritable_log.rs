//! A log that can't be written ends no run.

use std::process::Stdio;

use crate::roost::{Roost, text};
use crate::sandbox::{X, calendar, expected, finish};

#[test]
fn a_watch_that_can_not_write_its_log_goes_on_and_all_posts_go_out() {
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let full = || Stdio::from(std::fs::File::options().write(true).open("/dev/full").unwrap());
    let kinds: &[&dyn Fn() -> Stdio] =
        if cfg!(target_os = "linux") { &[&full, &closed] } else { &[&closed] };
    for log in kinds {
        let (x, roost) = (X::new(), Roost::new());
        roost.json(&["login", "--sandbox", &x.url()]);
        let file = calendar(&roost, 6, 2, 100);
        roost.json(&["import", text(&file)]);
        let mut command = roost.command(&["sync", "--watch", "--until-done"]);
        command.args(["--overdue-spacing", "0", "--late", "post"]);
        command.env("X_API_BASE", x.url()).env("RUST_LOG", "trace");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log());
        assert!(finish(&roost, &mut command.spawn().unwrap()), "it ends done");
        assert_eq!(x.texts(), expected(6));
    }
}
