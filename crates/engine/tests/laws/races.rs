//! A change or a cancellation that races the delivery counts, or the person hears that it came too
//! late, with both texts, and what was meant is kept.

use std::collections::HashMap;
use std::time::Duration;

use roost_core::clock::{Clock, SystemClock};
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::view::{Notice, PostDetail};
use roost_engine::{Edit, Engine, Error, NewPost};
use roost_x_sandbox::Entry;

use crate::world::{World, new_post, wall_in};

const WAVES: usize = 5;
const IN_A_WAVE: usize = 200;
const ACCOUNTS: usize = 10;
/// How long after they were written the posts of a wave are due, in seconds.
const DUE_AFTER: u64 = 8;

/// What races the delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Text,
    /// Three texts, one right after the other.
    Texts,
    Move,
    Account,
    Parts,
    Cancel,
    Delete,
}

const KINDS: [Kind; 7] =
    [Kind::Text, Kind::Texts, Kind::Move, Kind::Account, Kind::Parts, Kind::Cancel, Kind::Delete];

struct Race {
    number: usize,
    kind: Kind,
    id: PostId,
    /// How many of its changes were accepted; of a cancellation, whether it was.
    accepted: usize,
}

impl Race {
    fn old(&self) -> String {
        format!("race {:04}, the old words", self.number)
    }

    fn reworded(&self, edit: usize) -> String {
        format!("race {:04}, new words {edit}", self.number)
    }

    fn part(&self, of: &str) -> String {
        format!("race {:04}, {of} second part", self.number)
    }
}

fn handle(number: usize) -> String {
    format!("racer{}", number % ACCOUNTS)
}

fn written(race: &Race) -> NewPost {
    let mut post = new_post(&race.old(), DUE_AFTER);
    post.account = Some(handle(race.number));
    if race.kind == Kind::Parts {
        post.thread = vec![race.part("old")];
    }
    post
}

fn text(text: String) -> Edit {
    Edit { text: Some(text), ..Edit::default() }
}

/// Carries the change out some moment around the time at which the post is due.
async fn run(engine: Engine, mut race: Race) -> Race {
    let due = engine.post(race.id).await.unwrap().row.scheduled_at.unwrap();
    // From 150 ms before to 99 ms after, another for each.
    let moment = due.minus(Duration::from_millis(150));
    let moment = moment.plus(Duration::from_millis(u64::try_from(race.number * 37 % 250).unwrap()));
    tokio::time::sleep(moment.since(SystemClock.now())).await;
    let edits = match race.kind {
        Kind::Text => vec![text(race.reworded(1))],
        Kind::Texts => (1..=3).map(|edit| text(race.reworded(edit))).collect(),
        Kind::Move => vec![Edit { wall_time: Some(wall_in(3600)), ..Edit::default() }],
        Kind::Account => {
            vec![Edit { account: Some(handle(race.number + 1)), ..Edit::default() }]
        }
        Kind::Parts => vec![Edit { thread: Some(vec![race.part("new")]), ..Edit::default() }],
        Kind::Cancel | Kind::Delete => Vec::new(),
    };
    for edit in edits {
        match engine.edit(race.id, edit).await {
            Ok(_) => race.accepted += 1,
            Err(error) => {
                assert_eq!(error.code().as_str(), "too_late", "{error}");
                break;
            }
        }
    }
    match race.kind {
        Kind::Cancel => {
            race.accepted = engine.cancel(&[race.id]).await.unwrap().withdrawn().count();
        }
        Kind::Delete => {
            // What is known to be on X is only taken from the list, and the answer says so.
            race.accepted = engine.delete(&[race.id]).await.unwrap().cancelling.len();
        }
        _ => {}
    }
    race
}

/// Waits until it is known what became of the post. Nothing is answered for one that is deleted.
async fn settled(world: &World, race: &Race) -> Option<PostDetail> {
    let end = tokio::time::Instant::now() + Duration::from_secs(90);
    loop {
        let detail = match world.engine.post(race.id).await {
            Ok(detail) => detail,
            Err(Error::NoSuchPost(_)) if race.kind == Kind::Delete => return None,
            Err(error) => panic!("{error}"),
        };
        let row = &detail.row;
        let waits_elsewhere = race.kind == Kind::Move
            && matches!(row.status, Status::Pending | Status::Queued)
            && row.waiting_for.is_none()
            && row
                .scheduled_at
                .is_some_and(|at| at.since(SystemClock.now()) > Duration::from_mins(30));
        let decided = matches!(row.status, Status::Posted | Status::Cancelled);
        if (decided && row.waiting_for.is_none()) || waits_elsewhere {
            return Some(detail);
        }
        assert!(tokio::time::Instant::now() < end, "{:?} is not settled: {detail:#?}", race.kind);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What X took: by text, with the account.
struct OnX(HashMap<String, Vec<Entry>>);

impl OnX {
    async fn of(world: &World) -> Self {
        let mut by_text: HashMap<String, Vec<Entry>> = HashMap::new();
        for entry in world.ledger().await.into_iter().filter(|entry| entry.accepted) {
            by_text.entry(entry.text.clone().unwrap()).or_default().push(entry);
        }
        Self(by_text)
    }

    /// How often a text is there, and never more than once.
    fn has(&self, text: &str) -> bool {
        let times = self.0.get(text).map_or(0, Vec::len);
        assert!(times <= 1, "\"{text}\" is on X {times} times");
        times == 1
    }

    fn account_of(&self, text: &str) -> Option<&str> {
        self.0.get(text)?.first()?.account_id.as_deref()
    }
}

/// Whether the race was lost; then it is told.
async fn judge(world: &World, race: &Race, on_x: &OnX, notices: &[Notice]) -> bool {
    let detail = settled(world, race).await;
    let told = |kind: &str| {
        let of = |notice: &&Notice| notice.post_id == Some(race.id) && notice.kind == kind;
        notices
            .iter()
            .find(of)
            .unwrap_or_else(|| panic!("{:?} was not told: {detail:#?}", race.kind))
    };
    let went_out = on_x.has(&race.old());
    if matches!(race.kind, Kind::Cancel | Kind::Delete) {
        let lost = went_out && race.accepted == 1;
        if lost {
            told("cancel_too_late");
        }
        let posted = detail.as_ref().is_some_and(|it| it.row.status == Status::Posted);
        assert!(went_out == posted || (race.kind == Kind::Delete && !lost), "{detail:#?}");
        return lost;
    }
    let detail = detail.as_ref().expect("the post");
    let last = match race.kind {
        Kind::Text | Kind::Texts => race.reworded(race.accepted),
        Kind::Parts => race.part("new"),
        _ => race.old(),
    };
    if race.accepted == 0 {
        assert!(went_out, "refused as too late, and not on X: {detail:#?}");
        return false;
    }
    let counts = match race.kind {
        Kind::Text | Kind::Texts | Kind::Parts => on_x.has(&last),
        Kind::Move => !went_out,
        Kind::Account => {
            let chosen = world.engine.account_named(&handle(race.number + 1)).await.unwrap();
            on_x.account_of(&race.old()) == Some(chosen.0.as_str())
        }
        Kind::Cancel | Kind::Delete => unreachable!(),
    };
    if counts {
        assert_eq!(detail.late_edit, None, "it counted");
        if matches!(race.kind, Kind::Text | Kind::Texts) {
            assert!(!went_out, "both went out: {detail:#?}");
        }
        return false;
    }
    let notice = told("edit_too_late");
    let late = detail.late_edit.as_ref().expect("the late edit is shown");
    assert!(notice.body.contains(&detail.row.text), "what went out: {}", notice.body);
    assert!(late.sent.iter().all(|text| on_x.has(text)), "{late:?}");
    if race.kind == Kind::Move {
        assert!(notice.body.contains(late.moved_to.as_deref().unwrap()), "{}", notice.body);
        assert_eq!(late.draft, None, "there is nothing to post");
        return true;
    }
    assert!(notice.body.contains(&last), "what was meant: {}", notice.body);
    let draft = world.show(late.draft.expect("a draft")).await;
    assert_eq!((draft.row.status, draft.row.late_edit_of), (Status::Draft, Some(race.id)));
    assert!(draft.parts.contains(&last), "{draft:?}");
    if race.kind == Kind::Account {
        assert_eq!(draft.row.username, Some(handle(race.number + 1)));
    }
    if race.kind == Kind::Texts {
        let receipt = format!("{:?}", detail.receipt);
        (1..=race.accepted).for_each(|edit| assert!(receipt.contains(&race.reworded(edit))));
    }
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_changes_raced_against_their_deliveries_each_count_or_are_told() {
    let mut world = World::new().await;
    for number in 0..ACCOUNTS {
        world.connect(&handle(number)).await;
    }
    world.run();
    let mut races = Vec::new();
    for wave in 0..WAVES {
        let mut running = Vec::new();
        for number in wave * IN_A_WAVE..(wave + 1) * IN_A_WAVE {
            let kind = KINDS[number % KINDS.len()];
            let mut race = Race { number, kind, id: PostId::new(SystemClock.now()), accepted: 0 };
            race.id = world.engine.create(written(&race)).await.unwrap().post.id;
            running.push(tokio::spawn(run(world.engine.clone(), race)));
        }
        for race in running {
            races.push(race.await.unwrap());
        }
    }
    for race in &races {
        settled(&world, race).await;
    }
    let on_x = OnX::of(&world).await;
    let mut notices = Vec::new();
    loop {
        let more = world.engine.take_notices().await.unwrap();
        if more.is_empty() {
            break;
        }
        notices.extend(more);
    }
    let mut lost: HashMap<Kind, usize> = HashMap::new();
    for race in &races {
        let is_lost = judge(&world, race, &on_x, &notices).await;
        *lost.entry(race.kind).or_default() += usize::from(is_lost);
    }
    eprintln!("of {} races these came too late: {lost:?}", races.len());
    assert_eq!(races.len(), 1_000);
    assert!(lost.values().sum::<usize>() > 0, "no race was lost: nothing was tested");
}
