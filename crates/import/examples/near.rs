//! Measures the search for texts that are nearly the same: `cargo run --release --example near -- 100000`
//! rows against as many posts, of which a tenth are nearly those of the rows.

use std::time::Instant;

use roost_import::near::{Comparison, NearIndex, fingerprint};

const WORDS: &[&str] = &[
    "release", "faster", "today", "import", "colour", "market", "coffee", "monday", "guests",
    "report", "revenue", "thank", "you", "all", "the", "and", "for", "with", "our", "new",
    "apples", "open", "doors", "learn", "build", "ship", "small", "every", "day", "question",
    "answer", "team", "launch", "week",
];

/// Returns a text of words by a generator that is the same each time.
fn text(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let words: Vec<_> = (0..18)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            WORDS[(state % WORDS.len() as u64) as usize]
        })
        .collect();
    words.join(" ")
}

fn main() {
    let count: u64 = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(100_000);
    let templated = std::env::args().nth(2).is_some();
    let make = |seed: u64| match templated {
        true => format!(
            "Fresh at the market in stall {}: apples, pears and plums. {}",
            text(seed).split(' ').next().unwrap_or(""),
            seed
        ),
        false => text(seed),
    };
    let mut texts: Vec<String> = (0..count).map(make).collect();
    for at in 0..count {
        let posted = if at % 10 == 0 {
            texts[at as usize].replacen(' ', " really ", 1)
        } else {
            make(at + count)
        };
        texts.push(posted);
    }
    let begin = Instant::now();
    let prints: Vec<_> = texts.iter().map(|text| fingerprint(text)).collect();
    let printed = begin.elapsed();
    let index = NearIndex::of(prints);
    let built = begin.elapsed();
    let (mut found, mut compared) = (0, 0);
    for slot in 0..count as u32 {
        let mut own = None;
        let near = index.find(
            slot,
            |other| u64::from(other) >= count || other < slot,
            |other| {
                compared += 1;
                let own = own.get_or_insert_with(|| Comparison::of(&texts[slot as usize]));
                own.is_near(&texts[other as usize])
            },
        );
        found += usize::from(near.is_some());
    }
    println!(
        "{count} rows against {count} posts: {found} near, {compared} compared; fingerprints {printed:?}, index {:?}, search {:?}, in all {:?}",
        built - printed,
        begin.elapsed() - built,
        begin.elapsed()
    );
}
