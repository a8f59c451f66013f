//! Loops of relay and scheduler that end in a panic: a bug of ours must not stop posts in silence.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use roost_core::clock::{Clock, SystemClock, UnixMillis};
use roost_core::failure::Code;
use roost_core::status::Status;
use roost_engine::view::Trouble;
use tokio::task::{Id, try_id};

use crate::world::World;

/// The machine's clock, with a bug that can be let loose: each task that reads it over and over again
/// ends in a panic, once.
#[derive(Debug, Default)]
struct Trap {
    reads: Mutex<HashMap<Id, u32>>,
    /// Who is to panic, and who did.
    marked: Mutex<HashMap<Id, bool>>,
}

impl Clock for Trap {
    fn now(&self) -> UnixMillis {
        if let Some(id) = try_id() {
            *self.reads.lock().unwrap().entry(id).or_default() += 1;
            let mut marked = self.marked.lock().unwrap();
            if let Some(panicked @ false) = marked.get_mut(&id) {
                *panicked = true;
                drop(marked);
                panic!("a bug in the middle of a loop");
            }
        }
        SystemClock.now()
    }
}

impl Trap {
    /// Marks the loops, once they have shown themselves; nobody else may be at work.
    async fn mark_loops(&self, count: usize) {
        self.reads.lock().unwrap().clear();
        let loops = |reads: &HashMap<Id, u32>| {
            reads.iter().filter(|(_, reads)| **reads >= 3).map(|(id, _)| *id).collect::<Vec<_>>()
        };
        wait("the loops read the clock", || loops(&self.reads.lock().unwrap()).len() >= count)
            .await;
        let found = loops(&self.reads.lock().unwrap());
        self.marked.lock().unwrap().extend(found.into_iter().map(|id| (id, false)));
    }

    fn all_panicked(&self) -> bool {
        self.marked.lock().unwrap().values().all(|panicked| *panicked)
    }
}

async fn wait(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..800 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited in vain: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_go_out_once_after_the_loops_of_relay_and_scheduler_panicked() {
    let mut world = World::new().await;
    world.stop_local().await;
    let trap = Arc::new(Trap::default());
    world.start_local_at(trap.clone()).await;
    trap.mark_loops(2).await;
    wait("both loops panicked", || trap.all_panicked()).await;
    world.run();
    let (first, second) = (world.post_in("first", 2).await, world.post_in("second", 3).await);
    for id in [first, second] {
        world.wait_for(id, Status::Posted).await;
    }
    let mut texts = world.texts().await;
    texts.sort();
    assert_eq!(texts, ["first", "second"]);
    assert_eq!(*world.local.as_ref().unwrap().stopped().borrow(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stopped_for_good_is_in_the_status_and_the_person_is_told_once() {
    let world = World::new().await;
    let message = "The relay on this computer stopped. Start Roost again.".to_owned();
    let trouble = Trouble::new(Code::Internal, message.clone());
    world.engine.report_problem("Posts don't go out", trouble.clone()).await.unwrap();
    assert_eq!(world.engine.sync_state().await.unwrap().trouble, Some(trouble));
    let told = world.engine.take_notices().await.unwrap();
    assert_eq!(told.iter().map(|it| it.body.as_str()).collect::<Vec<_>>(), [message.as_str()]);
    assert_eq!(world.engine.take_notices().await.unwrap(), []);
    // What can still be done is: nothing of it needs the loops.
    assert!(world.engine.flush_outbox().await.is_ok());
}
