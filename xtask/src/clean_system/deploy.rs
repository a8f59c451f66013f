//! docs/deploy.md, followed command by command: every one that the page shows is run, in its order and with the
//! answers that it names, on systems that have nothing of Roost. What can't be there, another computer's network
//! and the world, is stood in for, and named in [`World`] and [`Journey::run`].

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use super::computer::Computer;
use super::guide::{Place, Step, steps};
use super::system::System;
use super::terminal::{Answer, talk};
use super::world::{RELAY, SERVER, World};
use super::{Ground, NEXT_VERSION, VERSIONS};

const PAGE: &str = "docs/deploy.md";
/// The time of a person's that an operator has until the first post.
const MINUTES_MAX: u64 = 10;
/// What a person needs to read a command and type it.
const SECONDS_TO_TYPE: u64 = 15;
/// A port that the page names nowhere.
const UNNAMED: u16 = 9999;
/// Where the server is that the relay moves to.
const NEXT_SERVER: &str = "203.0.113.8";
/// Sections of the way to the first post.
const FIRST_POST: [&str; 5] = [
    "1. The package",
    "2. The configuration",
    "3. Start it",
    "4. Let your computer in",
    "5. The first post",
];

/// Follows the page, and returns what was proven.
pub(super) fn prove(ground: &Ground) -> Result<String> {
    let steps = steps(PAGE)?;
    let world = World::boot(ground, "you", "")?;
    let mut done = BTreeSet::new();
    let typed = to_the_first_post(ground, &world, &steps, &mut done)?;
    other_ways(ground, &world, &steps, &mut done)?;
    let left: Vec<_> = steps.iter().filter(|it| !done.contains(&it.line)).collect();
    ensure!(left.is_empty(), "{PAGE} shows commands that nothing here runs: {left:#?}");
    Ok(format!("deploy.md: {} commands, each of them run; {typed}", steps.len()))
}

/// The main way, and what comes after it; returns how long it took.
fn to_the_first_post(
    ground: &Ground,
    world: &World,
    steps: &[Step],
    done: &mut BTreeSet<usize>,
) -> Result<String> {
    let computer = Computer::boot(ground, world)?;
    let server = server(ground, world, "server", SERVER)?;
    let mut journey = Journey {
        world,
        steps,
        done,
        server,
        computer: Some(computer),
        prelude: String::new(),
        link: None,
    };
    let (mut commands, begun) = (0, Instant::now());
    for section in FIRST_POST {
        commands += journey.section(section)?;
    }
    // What waits for the post's own time is no time of a person's.
    world.until_posted("The first one")?;
    let ran = begun.elapsed().saturating_sub(Duration::from_secs(120));
    let seconds = ran.as_secs() + SECONDS_TO_TYPE * commands;
    ensure!(seconds <= MINUTES_MAX * 60, "{seconds} s to the first post");
    journey.section("Alarms")?;
    ensure!(world.alarms()? == 1, "{} alarms came to the phone", world.alarms()?);
    journey.firewall()?;
    for section in ["Backups", "A newer release"] {
        journey.section(section)?;
    }
    journey.posts("after an upgrade and a backup")?;
    journey.section("Another server")?;
    let next = self::server(ground, world, "next", NEXT_SERVER)?;
    let moved = journey.server.path("/var/lib/roost-relay/moved");
    super::system::copy_folder(&moved, &next.path("/root/moved"))?;
    for system in [world.system(), journey.computer()?.system(), &next] {
        system.root(&format!(
            "sed 's/^{SERVER} {RELAY}$/{NEXT_SERVER} {RELAY}/' /etc/hosts > /root/hosts && cat /root/hosts > /etc/hosts"
        ))?;
    }
    journey.server = next;
    journey.section("1. The package")?;
    journey.section("On the new server")?;
    journey.posts("from the new server")?;
    Ok(format!(
        "the way to the first post: {commands} commands that ran for {} s, {} min with {SECONDS_TO_TYPE} s to type \
         each",
        ran.as_secs(),
        seconds.div_ceil(60)
    ))
}

/// What replaces parts of the main way, each on a server of its own.
fn other_ways(
    ground: &Ground,
    world: &World,
    steps: &[Step],
    done: &mut BTreeSet<usize>,
) -> Result<()> {
    world.system().root(&format!(
        "sed 's/^{NEXT_SERVER} {RELAY}$/{SERVER} {RELAY}/' /etc/hosts > /root/hosts && cat /root/hosts > /etc/hosts"
    ))?;
    for ways in [
        &["Without the package", "Without questions", "3. Start it"][..],
        &["1. The package", "Behind nginx", "3. Start it"],
        &["1. The package", "Behind Caddy", "3. Start it"],
        &["1. The package", "Without a name"],
    ] {
        let server = server(ground, world, "another", SERVER)?;
        let mut journey = Journey {
            world,
            steps,
            done: &mut *done,
            server,
            computer: None,
            prelude: String::new(),
            link: None,
        };
        for (number, section) in ways.iter().enumerate() {
            journey.section(section)?;
            if number == 0 {
                journey.aliases()?;
            }
        }
        journey.aliases()?;
        let pairs = journey.on_server("relay pair --no-qr")?;
        ensure!(pairs.contains("roost://pair?"), "{ways:?}: {pairs}");
    }
    Ok(())
}

fn server(ground: &Ground, world: &World, name: &'static str, address: &str) -> Result<System> {
    let hosts = World::hosts().replace(&format!("{SERVER} {RELAY}"), &format!("{address} {RELAY}"));
    let server = System::boot((&ground.debian, ground), name, &format!("{address}/24"), &hosts)?;
    world.is_trusted_by(&server)?;
    // What `scp` carries, and the tarball.
    for version in [VERSIONS[1], NEXT_VERSION] {
        bring(&server, &ground.package("roost-relay", version)?)?;
    }
    bring(&server, &ground.tarball())?;
    Ok(server)
}

/// A person on the way.
struct Journey<'a> {
    world: &'a World,
    steps: &'a [Step],
    /// Lines of the page whose commands ran.
    done: &'a mut BTreeSet<usize>,
    server: System,
    computer: Option<Computer>,
    /// What the shell on the server remembers.
    prelude: String,
    /// The link that `relay pair` printed.
    link: Option<String>,
}

impl Journey<'_> {
    fn computer(&self) -> Result<&Computer> {
        self.computer.as_ref().context("this way has no computer")
    }

    /// Does what stands under a heading. Returns how many commands there are.
    fn section(&mut self, heading: &str) -> Result<u64> {
        let steps: Vec<Step> =
            self.steps.iter().filter(|it| it.heading == heading).cloned().collect();
        ensure!(!steps.is_empty(), "{PAGE} has no commands under \"{heading}\"");
        let begun = Instant::now();
        for step in &steps {
            let ran = self.run(step);
            ran.with_context(|| format!("{PAGE}, line {}, \"{heading}\"", step.line))?;
            self.done.insert(step.line);
        }
        eprintln!("  {heading}: {} commands, {} s", steps.len(), begun.elapsed().as_secs());
        Ok(u64::try_from(steps.len())?)
    }

    /// Remembers the aliases of the page.
    fn aliases(&mut self) -> Result<()> {
        let alias = self.steps.iter().find(|it| it.command.starts_with("alias "));
        self.prelude = alias.context("the page has no alias any more")?.command.clone() + "\n";
        Ok(())
    }

    fn run(&mut self, step: &Step) -> Result<()> {
        let command = step.command.as_str();
        match (step.place, command) {
            // There is no second computer that makes packages: what `scp` would carry is carried.
            (Place::Computer, _) if command.starts_with("scp target/packages/") => Ok(()),
            (Place::Server, _) if command.starts_with("scp -r ") => Ok(()),
            (Place::Server, _) if command.starts_with("alias ") => self.aliases(),
            // A question is answered with what the page says.
            (Place::Server, "relay init") => {
                let answers = [
                    Answer { when: "Address under which", typed: RELAY },
                    Answer { when: "TLS: acme", typed: "" },
                    Answer { when: "Scheduler: embedded", typed: "" },
                ];
                let line = format!("shopt -s expand_aliases\n{}{command}", self.prelude);
                talk(&self.server, "root", &line, &answers).map(drop)
            }
            (Place::Server, "relay pair") => {
                let printed = self.on_server(command)?;
                let link = printed.lines().find(|line| line.starts_with("roost://"));
                self.link = Some(link.context("no link was printed")?.to_owned());
                Ok(())
            }
            (Place::Server, _) => self.on_server(command).map(drop),
            (Place::Computer, "roost pair") => {
                let link = self.link.take().context("no link was made")?;
                self.computer()?.pairs(&link)
            }
            (Place::Computer, _) => self.computer()?.run(command).map(drop),
        }
    }

    fn on_server(&self, command: &str) -> Result<String> {
        self.server.root(&format!("shopt -s expand_aliases\n{}{command}", self.prelude))
    }

    /// Follows the page, and looks from another computer at a port that it names and at one that nothing does.
    fn firewall(&mut self) -> Result<()> {
        let listen = format!("systemd-socket-activate --accept --listen=0.0.0.0:{UNNAMED} cat");
        self.server.root(&format!("systemd-run --quiet --unit=unnamed {listen}"))?;
        let look =
            |host: &str, port: u16| format!("timeout 5 bash -c 'exec 3<>/dev/tcp/{host}/{port}'");
        let computer = self.computer()?.system();
        computer.until("root", &look(RELAY, UNNAMED))?;
        self.section("A firewall")?;
        let computer = self.computer()?.system();
        computer.root(&look(RELAY, 443)).context("the relay's port is shut")?;
        let unnamed = computer.root(&look(RELAY, UNNAMED));
        ensure!(unnamed.is_err(), "a port that was not named is open");
        self.server.root(&look("127.0.0.1", UNNAMED)).context("nothing listens any more")?;
        self.server.root("systemctl stop unnamed").map(drop)
    }

    /// A post of now goes out.
    fn posts(&self, text: &str) -> Result<()> {
        let at = "$(date --date '+5 seconds' '+%F %T')";
        let create = format!("roost posts create --account you --at \"{at}\" \"{text}\"");
        self.computer()?.run(&format!("{create}\nroost sync"))?;
        self.world.until_posted(text)
    }
}

fn bring(system: &System, file: &Path) -> Result<()> {
    let Some(name) = file.file_name() else { bail!("{} is no file", file.display()) };
    system.bring(file, &format!("/root/{}", name.to_string_lossy()))
}
