//! The real window, on a desktop of its own, over a real relay and scheduler, against the X
//! sandbox. What these tests do, a person could do.

#![cfg(target_os = "linux")]

mod axe;
mod bulk;
mod calendar;
mod cut_off;
mod desk;
mod driver;
mod health;
mod import;
mod keyring;
mod media;
mod notices;
mod panel;
mod process;
mod quick_capture;
mod small_window;
mod stage;
mod tools;
mod unsaved;
mod views;

use std::env;
use std::fs;

use base64::Engine as _;
use desk::Desk;
use driver::Driver;
use panel::Panel;
use process::until;
use serde_json::json;
use stage::Stage;

const CONTROL: &str = "\u{E009}";
const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";
const QUIT_QUESTION: &str = "dialog[aria-label='Quit Roost?'] p";

/// Desktop, stage and window; none when the tools are not there.
fn open(stage: impl FnOnce(&Stage)) -> Option<(Driver, Stage, Desk)> {
    let (desk, set) = prepare()?;
    stage(&set);
    let driver = start(&desk, &set, &[]);
    Some((driver, set, desk))
}

/// Desktop and stage without a window; none when the tools are not there.
fn prepare() -> Option<(Desk, Stage)> {
    // Whoever makes a client needs a TLS provider; a second one changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if !tools::are_here() {
        return None;
    }
    Some((Desk::new(), Stage::new()))
}

/// The window on `desk`, with `more` in its environment.
fn start(desk: &Desk, stage: &Stage, more: &[(&str, &str)]) -> Driver {
    let environment = stage.environment();
    let mut words: Vec<(&str, &str)> =
        environment.iter().map(|(name, word)| (name.as_str(), word.as_str())).collect();
    words.extend(more);
    let driver = Driver::open(desk, &words);
    driver.resize(1240, 840);
    driver
}

/// The window on `desk` as the program opens it, in the size that it had last.
fn start_as_left(desk: &Desk, stage: &Stage) -> Driver {
    let environment = stage.environment();
    let words: Vec<(&str, &str)> =
        environment.iter().map(|(name, word)| (name.as_str(), word.as_str())).collect();
    Driver::open(desk, &words)
}

/// Takes a picture in both themes, when pictures are asked for.
fn picture(driver: &Driver, name: &str) {
    if env::var_os("ROOST_SCREENSHOTS").is_none() {
        return;
    }
    let folder = stage::screenshots();
    fs::create_dir_all(&folder).expect("the folder of the screenshots");
    driver.run(
        "document.head.insertAdjacentHTML('beforeend',
            '<style>* { transition: none !important; animation: none !important }</style>')",
        &[],
    );
    for theme in ["dark", "light"] {
        driver.run("document.documentElement.dataset.theme = arguments[0]", &[theme.into()]);
        driver.painted();
        let png = base64::engine::general_purpose::STANDARD.decode(driver.screenshot());
        let path = folder.join(format!("{name}-{theme}.png"));
        fs::write(path, png.expect("a screenshot")).expect("a screenshot can be kept");
    }
    driver.run("document.documentElement.dataset.theme = 'dark'", &[]);
}

#[test]
fn a_first_start_shows_an_empty_roost_and_says_where_posts_go() {
    let Some((driver, _stage, _desk)) = open(|_| ()) else { return };
    driver.wait_for("[data-empty='today']");
    assert!(driver.text("[data-empty]").contains("Welcome to Roost"));
    assert!(driver.text("[role='note']").contains("Sandbox"));
    assert!(driver.text("nav").contains("@ada"));
    assert!(driver.text("[data-coverage]").contains("This computer"));
    driver.wait_for("[data-relay='reached']");
}

#[test]
fn an_imported_file_goes_out_on_time_and_once_while_one_watches() {
    let texts: Vec<(String, u64)> = [
        "It's here. Version 1.0 is out today, free and open source: https://example.com/launch",
        "Your laptop may sleep; what you planned is written down before it is sent. 🦉",
        "We count as X does: a link is 23, an emoji is 2.",
        "A post that was cancelled never goes out. Not even when the cable is pulled.",
        "Ask us anything about time zones. We have seen things.",
        "Thank you. That was launch week.",
    ]
    .iter()
    .zip([40, 42, 44, 46, 7200, 90_000])
    .map(|(text, seconds)| ((*text).to_owned(), seconds))
    .collect();
    let prepared = open(|stage| {
        let posts: Vec<(&str, u64)> =
            texts.iter().map(|(text, seconds)| (text.as_str(), *seconds)).collect();
        stage.write_posts("launch-week.json", &posts);
    });
    let Some((driver, stage, desk)) = prepared else { return };

    driver.wait_for("[data-empty='today']");
    picture(&driver, "first-start");
    driver.click("[data-sample]");
    driver.wait_for("[data-commit]:not(:disabled)");
    assert!(driver.text("[data-commit]").contains("Import 6"));
    // Five plain ones at $0.015, one with a link at $0.20.
    assert!(driver.text("[data-sum]").contains("$0.275"));
    assert_eq!(stage.texts_on_x(), Vec::<String>::new());
    picture(&driver, "import");

    driver.click("[data-commit]");
    driver.wait_for("[data-import-done] [data-undo]");
    picture(&driver, "import-done");
    driver.press(&["g"]);
    driver.press(&["u"]);
    until("all rows are listed", || (driver.count("[data-post]") == 6).then_some(()));
    driver.wait_for("[data-row-status='queued']");
    picture(&driver, "upcoming");

    driver.press(&["g"]);
    driver.press(&["p"]);
    until("four posts are told as posted", || {
        (driver.count("[data-row-status='posted']") == 4).then_some(())
    });
    let due: Vec<&str> = texts.iter().take(4).map(|(text, _)| text.as_str()).collect();
    let mut on_x = stage.texts_on_x();
    on_x.sort_by_key(|text| due.iter().position(|due| due == text));
    assert_eq!(on_x, due, "each went out once, and nothing else did");

    driver.press(&["j"]);
    driver.wait_for("[data-receipt] [data-kind='posted']");
    picture(&driver, "receipt");
    // What went as planned is told in Roost's own list; the system is asked only where a person wants it.
    until("four notices are unread", || driver.has("[data-bell='4']").then_some(()));
    assert!(!desk.was_notified_of("on X"));
}

#[test]
fn a_post_is_written_counted_scheduled_and_withdrawn_with_the_keyboard() {
    let Some((driver, stage, _desk)) = open(|_| ()) else { return };
    driver.wait_for("[data-empty='today']");
    driver.press(&["n"]);
    driver.wait_for("[data-composer] textarea:focus");
    driver.type_text("Good morning ");
    until("a blank at the end counts", || driver.has("[data-weighted='13']").then_some(()));
    // An owl weighs 2, a link 23.
    driver.fill("textarea", "Good morning 🦉 https://example.com/a/very/long/address");
    until("emoji and link are counted as X does", || {
        driver.has("[data-weighted='39']").then_some(())
    });
    assert!(driver.text("[data-cost]").contains("$0.20"));
    driver.wait_for("[data-save-state='saved']");
    picture(&driver, "composer");
    // Its lists open above it.
    driver.click_with_mouse("[data-select='replies']");
    let choice = "dialog [role='option']:nth-of-type(2)";
    driver.wait_for(choice);
    driver.click_with_mouse(choice);
    until("the choice is taken", || {
        driver.text("[data-select='replies']").contains("you follow").then_some(())
    });
    // A click selects the time that stands there, and words are answered with the day that they mean.
    driver.click_with_mouse("[data-when]");
    driver.type_text("31 dec 18:45");
    until("the words are read", || {
        driver.text("[data-utc]").contains("31 Dec, 18:45").then_some(())
    });
    driver.press(&[ESCAPE]);
    driver.wait_for("[data-schedule]:not(:disabled)");
    driver.press(&[CONTROL, ENTER]);
    until("the composer is closed", || (!driver.has("[data-composer]")).then_some(()));

    driver.press(&["g"]);
    driver.press(&["u"]);
    driver.wait_for("[data-row-status='queued']");
    assert_eq!(driver.count("[data-post]"), 1, "the draft became the post");
    driver.press(&["j"]);
    driver.wait_for("[data-action='cancel']");
    driver.press(&["\u{E003}"]);
    driver.wait_for("[data-empty='upcoming']");
    assert!(driver.text("[data-toast]").contains("Cancel"));
    assert_eq!(stage.texts_on_x(), Vec::<String>::new());
}

#[test]
fn what_is_typed_is_a_draft_when_the_composer_is_left() {
    let Some((driver, _stage, _desk)) = open(|_| ()) else { return };
    driver.wait_for("[data-empty='today']");
    driver.press(&["n"]);
    driver.wait_for("[data-composer] textarea:focus");
    driver.type_text("Half a thought");
    driver.press(&[ESCAPE]);
    until("the composer is closed", || (!driver.has("[data-composer]")).then_some(()));
    driver.press(&["g"]);
    driver.press(&["d"]);
    driver.wait_for("[data-row-status='draft']");
    assert!(driver.text("[data-post]").contains("Half a thought"));
}

#[test]
fn a_bad_file_shows_its_rows_errors_and_changes_nothing() {
    let prepared = open(|stage| {
        stage.write(
            "bad.json",
            &json!({ "timezone": "Asia/Kolkata", "posts": [
                { "content": "Fine", "scheduledAt": "2099-03-01 09:00" },
                { "content": "x".repeat(300), "scheduledAt": "2099-03-01 10:00" },
                { "content": "No such day", "scheduledAt": "2099-02-30 10:00" },
            ] }),
        );
    });
    let Some((driver, stage, _desk)) = prepared else { return };
    driver.wait_for("[data-empty='today']");
    driver.drop_file(&stage.file("bad.json"));
    driver.wait_for("[data-row-error='2']");
    driver.wait_for("[data-row-error='3']");
    assert!(!driver.has("[data-row-error='1']"));
    assert!(driver.has("[data-commit]:disabled"));
    picture(&driver, "import-errors");
    driver.press(&[ESCAPE]);
    driver.press(&["g"]);
    driver.press(&["u"]);
    driver.wait_for("[data-empty='upcoming']");
    assert_eq!(driver.count("[data-post]"), 0);
}

#[test]
fn an_import_is_taken_back_as_a_whole() {
    let prepared = open(|stage| {
        stage.write_posts("two.json", &[("First of two", 7200), ("Second of two", 7300)]);
    });
    let Some((driver, stage, _desk)) = prepared else { return };
    driver.wait_for("[data-empty='today']");
    driver.drop_file(&stage.file("two.json"));
    driver.click("[data-commit]");
    driver.click("[data-import-done] [data-undo]");
    until("it is told as undone", || {
        driver.text("[data-import-done]").contains("taken back").then_some(())
    });
    driver.press(&["g"]);
    driver.press(&["u"]);
    driver.wait_for("[data-empty='upcoming']");
    assert_eq!(stage.texts_on_x(), Vec::<String>::new());
}

#[test]
fn an_import_outlives_a_killed_window_with_what_was_changed_in_it() {
    let prepared = open(|stage| {
        stage.write(
            "long.json",
            &json!({ "timezone": "Asia/Kolkata", "posts": [
                { "content": "Fine", "scheduledAt": "2099-03-01 09:00" },
                { "content": "x".repeat(300), "scheduledAt": "2099-03-01 10:00" },
            ] }),
        );
    });
    let Some((driver, stage, desk)) = prepared else { return };
    driver.wait_for("[data-empty='today']");
    driver.drop_file(&stage.file("long.json"));
    driver.wait_for("[data-row-error='2']");
    driver.run(
        "document.querySelector('[data-import-row=\"2\"] [data-cell=text]')
            .dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))",
        &[],
    );
    driver.fill("[data-cell-editor]", "Short enough");
    driver.wait_for("[data-import-row='2'][data-outcome='ready']");
    process::kill(tools::desktop(), &stage.data().display().to_string());
    drop(driver);
    let driver = start(&desk, &stage, &[]);
    driver.wait_for("[data-empty='today']");
    driver.press(&["g"]);
    driver.press(&["i"]);
    driver.click("[data-waiting] [data-go-on]");
    driver.wait_for("[data-import-row='2'][data-outcome='ready']");
    assert!(driver.text("[data-import-row='2']").contains("Short enough"));
    assert!(driver.text("[data-commit]").contains("Import 2"));
}

#[test]
fn closing_the_window_says_what_would_not_go_out() {
    let prepared = open(|stage| {
        stage.write_posts("one.json", &[("Only while Roost runs", 7200)]);
    });
    let Some((driver, stage, desk)) = prepared else { return };
    driver.wait_for("[data-empty='today']");
    driver.drop_file(&stage.file("one.json"));
    driver.click("[data-commit]");
    driver.wait_for("[data-import-done]");
    desk.close_window("Roost", || driver.has(QUIT_QUESTION));
    let words = driver.text(QUIT_QUESTION);
    assert!(words.contains("1 post will not go out"), "{words}");
    driver.click("dialog [data-stay]");
    driver.press(&["g"]);
    driver.press(&["u"]);
    driver.wait_for("[data-row-status='queued']");
    desk.close_window("Roost", || driver.has(QUIT_QUESTION));
    driver.click("dialog [data-quit]");
    until("the window is gone", || (!desk.has_window("Roost")).then_some(()));
}

#[test]
fn closing_the_window_quits_when_nothing_is_scheduled() {
    let Some((driver, _stage, desk)) = open(|_| ()) else { return };
    driver.wait_for("[data-empty='today']");
    desk.close_window("Roost", || !desk.has_window("Roost"));
}

#[test]
fn a_signed_out_account_is_marked_and_its_posts_are_cancelled_when_the_person_says_so() {
    let prepared = open(|stage| {
        stage.write_posts("three.json", &[("One", 7200), ("Two", 7300), ("Three", 900_000)]);
    });
    let Some((driver, stage, _desk)) = prepared else { return };
    driver.wait_for("[data-empty='today']");
    driver.drop_file(&stage.file("three.json"));
    driver.click("[data-commit]");
    driver.wait_for("[data-import-done]");
    driver.press(&["g"]);
    driver.press(&["u"]);
    driver.wait_for("[data-row-status='queued']");
    stage.sign_out("ada");
    driver.drop_file(&stage.write_posts("now.json", &[("Due", 10)]));
    driver.click("[data-commit]");
    driver.wait_for("[data-unwell='ada']");
    until("every post waits", || {
        driver.text("[data-unwell='ada']").contains("Its 4 posts wait").then_some(())
    });
    picture(&driver, "signed-out");
    driver.click("[data-cancel-account]");
    let sheet = driver.text("dialog[aria-label='Cancel the posts?']");
    assert!(sheet.contains("Cancel 4 posts of @ada?"), "{sheet}");
    assert!(sheet.contains("each can be scheduled again"), "{sheet}");
    driver.press(&[ESCAPE]);
    until("the question is gone", || (!driver.has("dialog")).then_some(()));
    driver.click("[data-cancel-account]");
    driver.wait_for("[data-cancel-all]");
    picture(&driver, "signed-out-cancel");
    driver.click("[data-cancel-all]");
    driver.press(&["g"]);
    driver.press(&["u"]);
    driver.wait_for("[data-empty='upcoming']");
    until("no post waits", || {
        driver.text("[data-unwell='ada']").contains("None of its posts waits.").then_some(())
    });
    // The one that was due was refused; that is how it came to light.
    assert_eq!(stage.texts_on_x(), ["Due"]);
    assert_eq!(stage.texts_taken_by_x(), Vec::<String>::new());
}

#[test]
fn a_damaged_store_is_said_and_left_as_it_is() {
    let damage = b"This was a database once.".repeat(400);
    let prepared = open(|stage| {
        fs::write(stage.data().join("roost.db"), &damage).expect("a file can be written");
    });
    let Some((driver, stage, _desk)) = prepared else { return };
    driver.wait_for("[data-error-screen]");
    assert!(driver.text("[data-error-screen]").contains("roost.db"));
    picture(&driver, "damaged-store");
    assert_eq!(fs::read(stage.data().join("roost.db")).expect("it is there"), damage);
}

#[test]
fn the_window_opens_where_the_tray_s_library_is_missing() {
    let Some((desk, stage)) = prepare() else { return };
    let _panel = Panel::start(desk.bus());
    let libraries = stage.file("libraries");
    fs::create_dir(&libraries).expect("a folder");
    for name in ["libayatana-appindicator3.so.1", "libappindicator3.so.1"] {
        fs::write(libraries.join(name), "no library").expect("a file");
    }
    let libraries = libraries.display().to_string();
    let driver = start(&desk, &stage, &[("LD_LIBRARY_PATH", &libraries)]);
    driver.wait_for("[data-empty='today']");
    assert!(!desk.has_tray_icon());
}

#[test]
fn a_panel_that_comes_up_later_gets_the_icon_and_one_that_goes_gives_the_window_back() {
    let Some((driver, _stage, desk)) = open(|_| ()) else { return };
    driver.wait_for("[data-empty='today']");
    assert!(!desk.has_tray_icon());
    let panel = Panel::start(desk.bus());
    until("the icon is registered", || desk.has_tray_icon().then_some(()));
    desk.close_window("Roost", || !desk.has_window("Roost"));
    drop(panel);
    until("the window is back", || desk.has_window("Roost").then_some(()));
    assert!(driver.text("nav").contains("@ada"), "it ran all the while");
}

#[test]
fn a_start_that_never_painted_is_followed_by_one_that_draws_the_other_way() {
    let Some((driver, stage, desk)) = open(|_| ()) else { return };
    driver.wait_for("[data-empty='today']");
    let file = stage.data().join("graphics.json");
    let remembered = || {
        let text = fs::read_to_string(&file).ok()?;
        serde_json::from_str::<serde_json::Value>(&text).ok()
    };
    let painted = || remembered().filter(|start| start["painted"] == true);
    let first = until("the first picture is noted", painted);
    drop(driver);
    process::end_if_running(tools::desktop(), &stage.data().display().to_string());
    let mut blank = first.clone();
    blank["painted"] = json!(false);
    fs::write(&file, blank.to_string()).expect("written");
    let driver = start(&desk, &stage, &[]);
    driver.wait_for("[data-empty='today']");
    let second = until("the second picture is noted", painted);
    assert_ne!(second["dmabuf"], first["dmabuf"]);
    assert_eq!(second["webkit"], first["webkit"]);
}
