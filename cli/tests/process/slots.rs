//! Weekly posting times of an account.

use serde_json::json;

use crate::roost::Roost;
use crate::sandbox::X;

#[test]
fn posting_times_are_set_shown_and_taken_away() {
    let x = X::new();
    let roost = Roost::new();
    roost.json(&["login", "--sandbox", &x.url(), "--handle", "ada"]);
    let none = roost.run(&["slots"]);
    assert_eq!((none.code, none.stdout.trim()), (0, "@ada has no posting times."), "{none:?}");
    // The only account need not be named.
    let set = roost.json(&["slots", "set", "Mon-Fri 9, 6pm; Sat 10:30", "--zone", "Europe/Berlin"]);
    assert_eq!(set["text"], "Mon-Fri 9:00, 18:00; Sat 10:30");
    let shown = roost.json(&["slots", "ada"]);
    assert_eq!(shown["accounts"], json!([set]));
    // Other times keep the zone.
    let other = roost.json(&["slots", "ada", "set", "Sun 8"]);
    assert_eq!((&other["text"], &other["zone"]), (&json!("Sun 8:00"), &json!("Europe/Berlin")));
    let cleared = roost.json(&["slots", "ada", "clear"]);
    assert_eq!(cleared["slots"], json!([]));
    assert_eq!(roost.json(&["slots"])["accounts"], json!([cleared]));
}

#[test]
fn posting_times_that_cannot_be_read_change_nothing() {
    let x = X::new();
    let roost = Roost::new();
    for handle in ["ada", "bea"] {
        roost.json(&["login", "--sandbox", &x.url(), "--handle", handle]);
    }
    let kept = roost.json(&["slots", "ada", "set", "Mon 9"]);
    for (arguments, code, said) in [
        (&["slots", "ada", "set", "Mun 9"][..], 2, "\"Mun\" is no day and no time."),
        (&["slots", "ada", "set", "Mon 25"], 2, "\"25\" is no time: hours go"),
        (&["slots", "ada", "set", "Mon 9", "--zone", "Mars/Olympus"], 1, "Mars/Olympus"),
        (&["slots", "set", "Mon 10"], 2, "There are @ada, @bea."),
        (&["slots", "clear"], 2, "There are @ada, @bea."),
        (&["slots", "eve", "set", "Mon 9"], 1, "choose one of @ada, @bea."),
    ] {
        let ended = roost.run(arguments);
        assert_eq!(ended.code, code, "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(said), "{arguments:?}: {}", ended.stderr);
    }
    assert_eq!(roost.json(&["slots", "ada"])["accounts"], json!([kept]));
}
