//! Writing on the thread of whoever asks, one write after another: there is no group to wait for. What
//! the gate does not let begin, or be answered, is kept and never heard of again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Answer, Hooks, Job, Writing, commit_group};
use crate::executor::{Gate, wait_for_turn};

/// The writer, where callers write.
pub(super) struct OnCaller<H: Hooks> {
    gate: Arc<dyn Gate>,
    shared: Arc<Mutex<Shared<H>>>,
}

struct Shared<H: Hooks> {
    /// What was asked for while a write was under way.
    waiting: VecDeque<Job<H>>,
    /// Absent while a write is under way, and once it is closed.
    writing: Option<Writing<H>>,
    is_closed: bool,
    /// Whoever waits for these waits for ever.
    unheard: Vec<Unheard<H>>,
}

enum Unheard<H: Hooks> {
    Job(#[expect(dead_code, reason = "kept, so that its caller is not told")] Job<H>),
    Answer(#[expect(dead_code, reason = "kept, so that its caller is not told")] Answer<H>),
}

impl<H: Hooks> OnCaller<H> {
    /// Returns the writer. The gate learns how to close it.
    pub(super) fn new(writing: Writing<H>, gate: &Arc<dyn Gate>) -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            waiting: VecDeque::new(),
            writing: Some(writing),
            is_closed: false,
            unheard: Vec::new(),
        }));
        let weak = Arc::downgrade(&shared);
        gate.opened(Box::new(move || {
            if let Some(shared) = weak.upgrade() {
                let mut shared = lock(&shared);
                shared.is_closed = true;
                shared.writing = None;
            }
        }));
        Self { gate: Arc::clone(gate), shared }
    }

    pub(super) async fn wait_for_turn(&self) {
        wait_for_turn(self.gate.as_ref()).await;
    }

    /// Writes, and then what was asked for meanwhile. An answer may ask for another write.
    pub(super) fn write(&self, job: Job<H>) {
        lock(&self.shared).waiting.push_back(job);
        while let Some((mut writing, job)) = self.next() {
            let point = job.point;
            let answers = commit_group(&mut writing, vec![job]);
            let mut shared = lock(&self.shared);
            if !shared.is_closed {
                shared.writing = Some(writing);
            }
            if self.gate.may_answer(point) {
                drop(shared);
                answers.into_iter().for_each(Answer::give);
            } else {
                shared.unheard.extend(answers.into_iter().map(Unheard::Answer));
            }
        }
    }

    /// Returns the next write that may begin; none while another is under way.
    fn next(&self) -> Option<(Writing<H>, Job<H>)> {
        let mut shared = lock(&self.shared);
        loop {
            if shared.writing.is_none() && !shared.is_closed {
                return None;
            }
            let job = shared.waiting.pop_front()?;
            if !shared.is_closed && self.gate.may_begin(job.point) {
                return shared.writing.take().map(|writing| (writing, job));
            }
            shared.unheard.push(Unheard::Job(job));
        }
    }
}

fn lock<H: Hooks>(shared: &Mutex<Shared<H>>) -> MutexGuard<'_, Shared<H>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
