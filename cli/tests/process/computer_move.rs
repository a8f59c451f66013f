//! `roost move`: everything goes to a new computer in one sealed file, once.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use roost_core::clock::{Clock, SystemClock, UnixMillis};
use roost_core::zone::{Zone, wall_time_of};

use crate::roost::{Ended, Roost, text};
use crate::sandbox::{X, calendar, expected, finish};
use crate::server::Server;

const PASSPHRASE: &str = "canary correct horse battery";
const PATIENCE: Duration = Duration::from_secs(60);

fn export(roost: &Roost, file: &Path) -> Ended {
    roost.run_with_input(&["move", "export", text(file)], format!("{PASSPHRASE}\n").as_bytes())
}

fn import(roost: &Roost, file: &Path, passphrase: &str) -> Ended {
    let arguments = ["move", "import", text(file), "--key-in-file"];
    roost.run_with_input(&arguments, format!("{passphrase}\n").as_bytes())
}

/// A file beside the data folder, which is not there yet.
fn place(roost: &Roost) -> PathBuf {
    roost.data().with_file_name("roost.move")
}

fn create(roost: &Roost, words: &str, seconds: u64, more: &[&str]) {
    let due = UnixMillis::from_seconds(SystemClock.now().seconds_rounded_up());
    let due = due.plus(Duration::from_secs(seconds));
    let at = wall_time_of(due, &Zone::parse("UTC").unwrap()).to_string();
    roost.json(&[&["posts", "create", words, "--at", &at, "--zone", "UTC"], more].concat());
}

fn media(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/media/tests/files");
    text(&folder.join(name)).to_owned()
}

fn statuses(roost: &Roost) -> BTreeSet<(String, String)> {
    let word = |post: &serde_json::Value, name: &str| post[name].as_str().unwrap().to_owned();
    roost.posts().iter().map(|post| (word(post, "text"), word(post, "status"))).collect()
}

/// The data folder as a list of its files.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path);
        }
    }
    found
}

/// What a frozen store answers: it is read, and neither changed nor handed over.
fn refuses(roost: &Roost) {
    let before = statuses(roost);
    for arguments in [
        &["posts", "create", "not here", "--at", "2099-03-01 09:00", "--zone", "UTC"][..],
        &["settings", "--zone", "Europe/Berlin"],
        &["sync"],
        &["sync", "--watch", "--until-done"],
        &["take-over"],
        &["move", "export", "elsewhere.move"],
        &["restore", "--new-store"],
    ] {
        let refused = roost.run_with_input(arguments, format!("{PASSPHRASE}\n").as_bytes());
        assert_eq!(refused.code, 1, "{arguments:?}: {refused:?}");
        assert!(refused.stderr.contains("moved to another computer"), "{arguments:?}: {refused:?}");
    }
    for arguments in [&["status"][..], &["doctor"]] {
        let told = roost.run(arguments);
        assert!(told.stdout.contains("moved to another computer"), "{arguments:?}: {told:?}");
        assert!(told.stdout.contains("roost move back"), "{arguments:?}: {told:?}");
    }
    assert_eq!(statuses(roost), before);
}

#[test]
fn a_new_computer_goes_on_with_the_relay_and_the_old_one_refuses() {
    let x = X::new();
    let server = Server::new(&x.url(), true);
    let old = Roost::new();
    let paired = old.run_with_input(&["pair", "--key-in-file", "--yes"], server.link().as_bytes());
    assert_eq!(paired.code, 0, "{paired:?}");
    old.json(&["login", "--sandbox", &x.url(), "--handle", "ada"]);
    let video = media("short.mp4");
    create(&old, "handed over, due on the way", 4, &[]);
    create(&old, "handed over with a video", 12, &["--media", &video, "--alt", "A bell rings."]);
    old.json(&["sync"]);
    create(&old, "planned and not handed over", 12, &["--media", &video, "--alt", "The same."]);
    old.json(&["posts", "create", "a draft"]);
    let file = place(&old);
    let moved = export(&old, &file);
    assert_eq!(moved.code, 0, "{moved:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let sealed = std::fs::read(&file).unwrap();
    assert!(sealed.starts_with(b"age-encryption.org/v1\n"), "any `age` opens it");
    refuses(&old);

    let new = Roost::new();
    let arrived = import(&new, &file, PASSPHRASE);
    assert_eq!(arrived.code, 0, "{arrived:?}");
    assert!(arrived.stdout.contains("roost sync"), "{arrived:?}");
    let mut run = new.command(&["sync", "--watch", "--until-done", "--late", "post"]);
    run.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(finish(&new, &mut run.spawn().unwrap()), "{:?}", new.run(&["posts", "list"]).stdout);
    let posted =
        ["handed over with a video", "handed over, due on the way", "planned and not handed over"];
    assert_eq!(x.texts(), posted);
    let ends = statuses(&new);
    assert_eq!(ends.len(), 4, "{ends:?}");
    for words in posted {
        assert!(ends.contains(&(words.to_owned(), "posted".to_owned())), "{ends:?}");
    }
    assert!(ends.contains(&("a draft".to_owned(), "draft".to_owned())), "{ends:?}");
    assert_eq!(new.json(&["media", "list"])["files"], 1);

    refuses(&old);
    let asked = old.run(&["move", "back"]);
    assert_eq!(asked.code, 2, "{asked:?}");
    assert!(asked.stderr.contains("both would post"), "the risk is said: {asked:?}");
    assert_eq!(old.run(&["move", "back", "--yes"]).code, 0);
    // What the new computer had posted is learned before anything is handed over.
    old.json(&["sync"]);
    assert_eq!(statuses(&old), ends);
    assert_eq!(x.texts(), posted);
    let none = old.run(&["move", "back", "--yes"]);
    assert_eq!(none.code, 1, "{none:?}");
}

#[test]
fn what_this_computer_itself_was_to_post_goes_out_from_the_new_one_once() {
    let (x, old) = (X::new(), Roost::new());
    old.json(&["login", "--sandbox", &x.url()]);
    let file = calendar(&old, 12, 2, 1_000);
    old.json(&["import", text(&file)]);
    let mut run = old.command(&["sync", "--watch", "--exit-with-stdin", "--late", "post"]);
    run.args(["--overdue-spacing", "0"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut run = run.stderr(Stdio::null()).spawn().unwrap();
    let end = Instant::now() + PATIENCE;
    while x.texts().is_empty() {
        assert!(Instant::now() < end, "nothing was posted");
        std::thread::sleep(Duration::from_millis(50));
    }
    let sealed = place(&old);
    let busy = export(&old, &sealed);
    assert_eq!(busy.code, 1, "{busy:?}");
    assert!(busy.stderr.contains("stop it first"), "{busy:?}");
    assert!(!sealed.exists());
    drop(run.stdin.take());
    run.wait().unwrap();
    assert_eq!(export(&old, &sealed).code, 0);
    refuses(&old);

    let new = Roost::new();
    let arrived = import(&new, &sealed, PASSPHRASE);
    assert_eq!(arrived.code, 0, "{arrived:?}");
    // The sign-in came along: nothing is asked of the person.
    let mut run = new.command(&["sync", "--watch", "--until-done", "--late", "post"]);
    run.args(["--overdue-spacing", "0"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let ended = finish(&new, &mut run.stderr(Stdio::null()).spawn().unwrap());
    assert!(ended, "{:?}", new.run(&["posts", "list"]).stdout);
    assert_eq!(x.texts(), expected(12));
    assert!(statuses(&new).iter().all(|(_, status)| status == "posted"), "{:?}", statuses(&new));
    refuses(&old);
}

#[test]
fn whatever_is_wrong_with_the_file_is_said_and_leaves_nothing_half_done() {
    let old = Roost::new();
    old.json(&["posts", "create", "mine", "--media", &media("short.mp4")]);
    let file = place(&old);
    let short = old.run_with_input(&["move", "export", text(&file)], b"short\n");
    assert!(short.stderr.contains("fewer than 10 characters"), "{short:?}");
    let none = old.run_with_input(&["move", "export", text(&file)], b"\n");
    assert_eq!(none.code, 2, "{none:?}");
    let nowhere = export(&old, &old.data().join("no/such/folder/roost.move"));
    assert_eq!(nowhere.code, 1, "{nowhere:?}");
    old.json(&["posts", "create", "still in use"]);
    std::fs::write(&file, "somebody's").unwrap();
    assert!(export(&old, &file).stderr.contains("is there already"));
    assert_eq!(std::fs::read(&file).unwrap(), b"somebody's");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(export(&old, &file).code, 0);

    let new = Roost::new();
    let wrong = import(&new, &file, "another passphrase");
    assert_eq!(wrong.code, 1, "{wrong:?}");
    assert!(wrong.stderr.contains("does not open the file"), "{wrong:?}");
    let after_nothing = files(&new.data());
    let sealed = std::fs::read(&file).unwrap();
    let changed_at = |at: usize| {
        let mut bytes = sealed.clone();
        bytes[at] ^= 1;
        bytes
    };
    let cut = |length: usize| sealed[..length].to_vec();
    let whole = sealed.len();
    for (bytes, words) in [
        (cut(whole - 1), "cut off"),
        (cut(whole / 2), "cut off"),
        (cut(70_000), "cut off"),
        (cut(0), "cut off"),
        (changed_at(whole - 10), "damaged"),
        (changed_at(whole / 2), "damaged"),
        ([&sealed[..], b"more"].concat(), "damaged"),
        (b"age-encryption.org/v9\n-> x\n--- AAAA\n".to_vec(), "Nothing was changed"),
        (b"posts, but not sealed".to_vec(), "no file that Roost"),
    ] {
        let bad = new.file("bad.move", bytes);
        let refused = import(&new, &bad, PASSPHRASE);
        assert_eq!(refused.code, 1, "{words}: {refused:?}");
        assert!(refused.stderr.contains(words), "{words}: {refused:?}");
        assert_eq!(files(&new.data()), after_nothing, "{words}");
    }
    let missing = import(&new, &new.data().join("none.move"), PASSPHRASE);
    assert!(missing.stderr.contains("can't be read"), "{missing:?}");

    let other = Roost::new();
    other.json(&["posts", "create", "of somebody else"]);
    let full = import(&other, &file, PASSPHRASE);
    assert!(full.stderr.contains("in use already"), "{full:?}");
    assert_eq!(other.posts()[0]["text"], "of somebody else");

    assert_eq!(import(&new, &file, PASSPHRASE).code, 0);
    let arrived: BTreeSet<String> = statuses(&new).into_iter().map(|(words, _)| words).collect();
    assert_eq!(arrived, ["mine".to_owned(), "still in use".to_owned()].into());
    assert_eq!(new.json(&["media", "list"])["files"], 1);
    assert!(!new.data().join("moving-in").exists());
}

/// The most memory that a process had, in kB, once it has ended well.
fn most_memory(mut command: Command) -> u64 {
    use std::io::Write as _;
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::inherit());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSPHRASE}").unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    loop {
        let told = std::fs::read_to_string(&status).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        most = most.max(kilobytes.and_then(|it| it.trim().parse().ok()).unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            return most;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_large_video_takes_no_more_memory_than_none() {
    let run = |bytes: u64| {
        let (old, new) = (Roost::new(), Roost::new());
        old.json(&["posts", "create", "mine"]);
        let folder = old.data().join("media/aa");
        std::fs::create_dir_all(&folder).unwrap();
        let video = std::fs::File::create(folder.join("b".repeat(62))).unwrap();
        video.set_len(bytes).unwrap();
        let file = place(&old);
        let out = most_memory(old.command(&["move", "export", text(&file)]));
        assert!(std::fs::metadata(&file).unwrap().len() > bytes);
        (out, most_memory(new.command(&["move", "import", text(&file)])))
    };
    let (small, large) = (run(0), run(160 << 20));
    for (small, large) in [(small.0, large.0), (small.1, large.1)] {
        assert!(small > 0 && large < small + 16 * 1024, "{large} kB instead of {small}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_nothing_is_moved_and_nothing_is_lost() {
    let (old, new) = (Roost::new(), Roost::new());
    old.json(&["posts", "create", "mine"]);
    let folder = old.data().join("media/aa");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::File::create(folder.join("c".repeat(62))).unwrap().set_len(24 << 20).unwrap();
    let on_small_disk = |roost: &Roost, arguments: &[&str], disk: &Path| {
        std::fs::create_dir_all(disk).unwrap();
        let script = format!(
            "mount -t tmpfs -o size=8m none \"{}\" && \"$0\" \"$@\"; code=$?; find \"{0}\" -name \
             '*.move*' -o -name 'moving*'; exit $code",
            disk.display()
        );
        let plain = roost.command(arguments);
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", &script]).arg(plain.get_program());
        command.args(plain.get_args()).env("TZ", "UTC");
        let input = roost.file("passphrase", format!("{PASSPHRASE}\n"));
        Ended::from(command.stdin(std::fs::File::open(input).unwrap()).output().unwrap())
    };
    let disk = old.data().with_file_name("disk");
    let out = on_small_disk(&old, &["move", "export", text(&disk.join("roost.move"))], &disk);
    assert_eq!(out.code, 1, "{out:?}");
    assert!(out.stderr.contains("The disk is full"), "{out:?}");
    assert_eq!(out.stdout, "", "nothing of it is left");
    old.json(&["posts", "create", "in use as before"]);
    let file = place(&old);
    assert_eq!(export(&old, &file).code, 0);
    let arrived = on_small_disk(&new, &["move", "import", text(&file)], &new.data());
    assert_eq!(arrived.code, 1, "{arrived:?}");
    assert!(arrived.stderr.contains("The disk is full"), "{arrived:?}");
    assert_eq!(arrived.stdout, "", "nothing of it is left");
    assert_eq!(import(&new, &file, PASSPHRASE).code, 0);
}

#[test]
fn neither_passphrase_nor_key_is_said_or_left_in_a_file() {
    let (old, new) = (Roost::new(), Roost::new());
    let link = "roost://pair?relay=http%3A%2F%2F127.0.0.1%3A9&key=rk_canary_key";
    let paired = old
        .run_with_input(&["pair", "--key-in-file"], format!("{link}\ncanary-token\n").as_bytes());
    assert_eq!(paired.code, 0, "{paired:?}");
    let file = place(&old);
    let talk = |roost: &Roost, arguments: &[&str]| {
        let mut command = roost.command(&[arguments, &["--verbose"]].concat());
        command.env("RUST_LOG", "trace");
        command.stdin(std::fs::File::open(roost.file("in", format!("{PASSPHRASE}\n"))).unwrap());
        let ended = Ended::from(command.output().unwrap());
        std::fs::remove_file(roost.data().with_file_name("in")).unwrap();
        ended
    };
    let said = [
        talk(&old, &["move", "export", text(&file)]),
        talk(&new, &["move", "import", text(&file), "--key-in-file"]),
        talk(&new, &["move", "import", text(&file), "--key-in-file"]),
    ];
    assert_eq!((said[0].code, said[1].code, said[2].code), (0, 0, 1), "{said:?}");
    for ended in &said {
        assert!(!format!("{ended:?}").contains("canary"), "{ended:?}");
    }
    for roost in [&old, &new] {
        let folder = roost.data().parent().unwrap().to_owned();
        for path in files(&folder) {
            let bytes = std::fs::read(&path).unwrap();
            let holds = |word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
            assert!(!holds(PASSPHRASE), "{}", path.display());
            let is_its_place = path.ends_with("pairing-keys.json");
            assert!(is_its_place || !holds("canary"), "{}", path.display());
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_move_that_can_not_be_told_is_a_failure() {
    let (roost, other) = (Roost::new(), Roost::new());
    roost.json(&["posts", "create", "an idea"]);
    let file = place(&roost);
    let steps = [
        (&roost, vec!["move", "export", text(&file)]),
        (&other, vec!["move", "import", text(&file), "--key-in-file"]),
        (&roost, vec!["move", "back", "--yes"]),
    ];
    for (of, arguments) in steps {
        let mut command = of.command(&arguments);
        command.stdin(Stdio::piped()).stderr(Stdio::piped());
        command.stdout(std::fs::File::options().write(true).open("/dev/full").unwrap());
        let mut child = command.spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{PASSPHRASE}").unwrap();
        let ended = Ended::from(child.wait_with_output().unwrap());
        assert_eq!(ended.code, 1, "{arguments:?}: {ended:?}");
        let words = "standard output can't be written";
        assert_eq!(ended.stderr.matches(words).count(), 1, "{arguments:?}: {ended:?}");
    }
}
