//! What happened, in order: hashed, and kept in words where somebody wants to read it.

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

use super::time::Time;

const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// The trace of one seed.
#[derive(Debug)]
pub(crate) struct Trace {
    time: Arc<Time>,
    is_kept: bool,
    told: Mutex<Told>,
}

#[derive(Debug)]
struct Told {
    hash: u64,
    lines: Vec<String>,
}

impl Trace {
    pub(crate) fn new(time: Arc<Time>, is_kept: bool) -> Self {
        let told = Mutex::new(Told { hash: OFFSET_BASIS, lines: Vec::new() });
        Self { time, is_kept, told }
    }

    /// Writes down what happened now.
    pub(crate) fn note(&self, what: impl Display) {
        let line = format!("{} {what}", self.time.now());
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in line.bytes().chain([b'\n']) {
            told.hash = (told.hash ^ u64::from(byte)).wrapping_mul(PRIME);
        }
        if self.is_kept {
            told.lines.push(line);
        }
    }

    /// Returns the hash of all that was written down (FNV-1a, 64 bits).
    pub(crate) fn hash(&self) -> u64 {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).hash
    }

    /// Returns the lines, where they were kept.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).lines.clone()
    }
}
