//! docs/manual-test.md, done with the sandbox in X's place: the page's commands, and what it says has to be
//! seen. What is due in minutes there is due in seconds here.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::computer::Computer;
use super::guide::{Step, steps};
use super::system::System;
use super::world::{RELAY, SERVER, World, install};
use super::{Ground, VERSIONS};

const PAGE: &str = "docs/manual-test.md";
/// Sections of the page that are checks.
const CHECKS: [&str; 4] =
    ["1. A single post", "2. An import", "3. A sign-in that ends", "4. A post that is cancelled"];
/// The relay's program as its user.
const RELAY_COMMAND: &str =
    "runuser -u roost-relay -- roost-relay --config /var/lib/roost-relay/relay.toml";
/// When a post of a check is due.
const SOON: &str = "+15 seconds";
/// The relay tells of a trouble after so long.
const DIGEST_SECONDS: u32 = 3;

/// Does the four checks, and returns what was seen.
pub(super) fn prove(ground: &Ground) -> Result<String> {
    let steps = steps(PAGE)?;
    let world = World::boot(ground, "you", "")?;
    let server = relay(ground, &world)?;
    let computer = Computer::boot(ground, &world)?;
    computer.install(ground)?;
    computer.pairs(&server.root(&format!("{RELAY_COMMAND} pair --no-qr"))?)?;
    computer.run("roost login --client-id \"$X_CLIENT_ID\"")?;
    let checks = Checks { steps: &steps, world: &world, computer: &computer };
    let before = checks.run("Four checks with real accounts", 0, "")?;
    ensure!(before[1].contains(RELAY), "another relay is named: {before:?}");
    for (number, name) in CHECKS.iter().enumerate() {
        let seen = match number {
            0 => checks.single_post(),
            1 => checks.import(),
            2 => checks.sign_in_that_ends(),
            _ => checks.cancelled_post(),
        };
        seen.with_context(|| format!("\"{name}\""))?;
        eprintln!("  {name}: seen");
    }
    Ok(format!("manual-test.md: {} checks, each seen as the page says", CHECKS.len()))
}

/// A relay with an alarm that reaches a phone.
fn relay(ground: &Ground, world: &World) -> Result<System> {
    let server =
        System::boot((&ground.debian, ground), "server", &format!("{SERVER}/24"), &World::hosts())?;
    world.is_trusted_by(&server)?;
    install(&server, &ground.package("roost-relay", VERSIONS[1])?)?;
    server.root(&format!(
        "{RELAY_COMMAND} init --public-url https://{RELAY} --listen 0.0.0.0:443 --tls acme --embedded-scheduler
         cat >> /var/lib/roost-relay/relay.toml <<'END'
[[alarms.webhook]]
shape = \"ntfy\"
url = \"https://ntfy.sh/a-name-that-nobody-guesses\"
END
         sed -i 's/^# digest_seconds = .*/digest_seconds = {DIGEST_SECONDS}/' /var/lib/roost-relay/relay.toml
         systemctl enable --quiet --now roost-relay"
    ))?;
    world.system().until("root", &format!("curl -fsSk https://{RELAY}/healthz"))?;
    Ok(server)
}

struct Checks<'a> {
    steps: &'a [Step],
    world: &'a World,
    computer: &'a Computer,
}

impl Checks<'_> {
    /// Runs the commands of a section from a place on, up to the next that has to wait. Returns what each
    /// printed.
    fn run(&self, section: &str, from: usize, id: &str) -> Result<Vec<String>> {
        let steps: Vec<&Step> = self.steps.iter().filter(|it| it.heading == section).collect();
        ensure!(steps.len() > from, "{PAGE} shows no commands under \"{section}\"");
        let mut printed = Vec::new();
        for (number, step) in steps.iter().enumerate().skip(from) {
            // A pause of the page is one between its blocks.
            if number > from && steps[number - 1].line + 1 != step.line {
                break;
            }
            let mut command = step.command.replace(" ID", &format!(" {id}"));
            for minutes in ["+5 minutes", "+10 minutes", "+15 minutes"] {
                command = command.replace(minutes, SOON);
            }
            // An id that a command of the block made is known to the next.
            if command.ends_with("cancel ") {
                let ids = self.posts()?;
                command.push_str(
                    ids.last().map_or("", |post| post["id"].as_str().unwrap_or_default()),
                );
            }
            let ran = self.computer.run(&command);
            printed.push(ran.with_context(|| format!("{PAGE}, line {}", step.line))?);
        }
        Ok(printed)
    }

    /// Returns the posts, the newest last.
    fn posts(&self) -> Result<Vec<Value>> {
        let list: Value = serde_json::from_str(&self.computer.run("roost posts list --json")?)?;
        let mut posts = list["posts"].as_array().context("no list")?.clone();
        // Ids begin with the time at which they were made.
        posts.sort_by_key(|post| post["id"].as_str().unwrap_or_default().to_owned());
        Ok(posts)
    }

    fn newest(&self) -> Result<(String, String, String)> {
        let posts = self.posts()?;
        let newest = posts.last().context("there is no post")?;
        let text = |name: &str| newest[name].as_str().unwrap_or_default().to_owned();
        Ok((text("id"), text("text"), text("status")))
    }

    fn single_post(&self) -> Result<()> {
        let name = CHECKS[0];
        let handed_over = self.run(name, 0, "")?;
        ensure!(handed_over[1].contains("Safe to close"), "{handed_over:?}");
        let (id, text, _) = self.newest()?;
        self.world.until_posted(&text)?;
        let seen = self.run(name, 2, &id)?;
        ensure!(seen[1].contains("Posted"), "{seen:?}");
        for line in ["/status/", "relay", "X accepted it"] {
            ensure!(seen[2].contains(line), "the receipt lacks \"{line}\": {}", seen[2]);
        }
        Ok(())
    }

    fn import(&self) -> Result<()> {
        let mut table = String::from("content,scheduledAt,account\n");
        let mut commands = String::new();
        for row in 0..10 {
            let text = if row == 7 { "row 6".to_owned() } else { format!("row {row}") };
            let seconds = if row == 3 { -3600 } else { 15 + 2 * row };
            let at = format!("$(date --date '{seconds} seconds' '+%F %T')");
            // Writing to a String can't fail.
            let _ = writeln!(commands, "echo \"{text},{at},you\" >> ten.csv");
        }
        table.push_str("END");
        self.computer.run(&format!("cat > ten.csv <<'END'\n{table}\n{commands}"))?;
        let before = self.posts()?.len();
        let printed = self.run(CHECKS[1], 0, "")?;
        let tried = &printed[0];
        ensure!(tried.contains("row 4") && tried.contains("row 8"), "the dry run: {tried}");
        ensure!(self.posts()?.len() == before + 8, "another number came in: {printed:?}");
        let id = printed[1].lines().find_map(|line| line.split_once("roost undo-import "));
        let id = id.context("the import says no id")?.1.trim().to_owned();
        self.world.until_posted("row 9")?;
        let left_out = self.computer.run("cat left-out.csv")?;
        ensure!(left_out.contains("row 3") && left_out.contains("row 6"), "{left_out}");
        let creates = self.world.creates()?;
        let rows: Vec<&str> = creates
            .iter()
            .filter(|create| create.accepted && create.text.starts_with("row "))
            .map(|create| create.text.as_str())
            .collect();
        let wanted: Vec<String> =
            [0, 1, 2, 4, 5, 6, 8, 9].iter().map(|row| format!("row {row}")).collect();
        ensure!(rows == wanted, "on X are {rows:?}");
        let undone = self.run(CHECKS[1], 3, &id)?;
        ensure!(undone[1].contains("on X"), "{}", undone[1]);
        Ok(())
    }

    fn sign_in_that_ends(&self) -> Result<()> {
        let name = CHECKS[2];
        let alarms = self.world.alarms()?;
        self.run(name, 0, "")?;
        let (_, text, _) = self.newest()?;
        self.world.revoke("you")?;
        self.until("the post waits", || {
            self.computer.run("roost sync || true")?;
            Ok(self.newest()?.2 == "held")
        })?;
        self.until("an alarm came", || Ok(self.world.alarms()? > alarms))?;
        let status = self.computer.run("roost status; roost accounts")?;
        ensure!(status.to_lowercase().contains("sign in"), "{status}");
        ensure!(self.world.posted(&text)? == 0, "it was posted without a sign-in");
        std::thread::sleep(Duration::from_secs(u64::from(DIGEST_SECONDS) * 3));
        ensure!(self.world.alarms()? == alarms + 1, "the alarm was repeated");
        self.run(name, 2, "")?;
        self.world.until_posted(&text)?;
        self.until("the end of the trouble was told", || Ok(self.world.alarms()? == alarms + 2))
    }

    fn cancelled_post(&self) -> Result<()> {
        let name = CHECKS[3];
        self.run(name, 0, "")?;
        let (_, text, status) = self.newest()?;
        ensure!(status == "cancelled", "it is {status}");
        // Past its time, and past what a late delivery would take.
        std::thread::sleep(Duration::from_secs(25));
        ensure!(self.world.posted(&text)? == 0, "a cancelled post went out");
        let given_up = self.run(name, 4, "")?;
        ensure!(!given_up[0].contains(&text), "{given_up:?}");

        let create = "roost posts create --account you --at \"$(date --date '+4 seconds' '+%F %T')\" \
                      \"in the last second\"";
        self.computer.run(&format!("{create}\nroost sync"))?;
        let (id, text, _) = self.newest()?;
        self.computer.run(&format!("sleep 1; roost posts cancel {id} || true"))?;
        self.until("its end is known", || {
            self.computer.run("roost sync || true")?;
            let (_, _, status) = self.newest()?;
            let is_on_x = self.world.posted(&text)? == 1;
            Ok((status == "cancelled" && !is_on_x) || (status == "posted" && is_on_x))
        })
    }

    fn until(&self, what: &str, holds: impl Fn() -> Result<bool>) -> Result<()> {
        let deadline = std::time::Instant::now() + Duration::from_secs(120);
        while !holds()? {
            if std::time::Instant::now() > deadline {
                let status = self.computer.run("roost status; roost posts list")?;
                anyhow::bail!("not seen: {what}: {status}");
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        Ok(())
    }
}
