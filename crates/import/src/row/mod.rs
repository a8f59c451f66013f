//! A row of cells under a mapping, understood as the post that it means.

mod account;
mod cells;
mod extras;
mod items;
mod media;
mod rules;
mod status;
mod text;
mod value;
mod when;

use std::collections::HashMap;

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, clip};
use roost_core::post::{Content, Part};
use roost_core::zone::{UnknownZone, WallTime, Zone};

use crate::check;
use crate::choices::Choices;
use crate::field::Field;
use crate::finding::{Severity, Sink, Watched};
use crate::follow_up::MeantFollowUp;
use crate::mapping::Mapping;
use crate::surroundings::{FindMedia, Surroundings};
use crate::table::{RawTable, Row};

pub(crate) use account::handles;
pub use cells::{Changes, FieldCell, FieldCells};
pub(crate) use media::{MEDIA_CHARS_MAX, media_pattern};
pub(crate) use rules::Rules;
pub(crate) use text::appended_length;
pub use text::split_thread;

/// Different zone names that are remembered; a sound file has a handful.
const ZONES_MAX: usize = 1_000;
/// Characters of a note that are kept.
const NOTE_CHARS_MAX: usize = 10_000;
/// Longer ids are cut.
const OWN_ID_CHARS_MAX: usize = 200;
/// A longer name of a plan is cut.
const PLAN_CHARS_MAX: usize = 200;

/// A row as it is understood, before it is judged. What could not be read was told to the sink and is
/// absent here.
#[derive(Debug, Clone, Default)]
pub struct Meant {
    /// What it says; no part where its text could not be read.
    pub content: Content,
    /// Its time.
    pub when: Option<MeantTime>,
    /// The wall time of a cell that names its zone too, be that zone none.
    pub zoned_wall: Option<WallTime>,
    /// The zone of its time; `None` where the one that it names is none.
    pub zone: Option<Zone>,
    /// The zone as the row itself writes it, where it does.
    pub zone_word: Option<String>,
    /// Whether the row itself, the source or the person names the zone, and not the settings alone.
    pub zone_is_named: bool,
    /// The account.
    pub account: MeantAccount,
    /// Whether the row itself, the source or the person names the account, and it is not merely the only
    /// one that is connected.
    pub account_is_named: bool,
    /// Whether it says of itself that it is a draft.
    pub is_draft: bool,
    /// Words to find it by, each once.
    pub tags: Vec<String>,
    /// A note to oneself.
    pub note: Option<String>,
    /// The reply that is to follow it.
    pub follow_up: Option<MeantFollowUp>,
    /// Its id in the person's own plan.
    pub own_id: Option<String>,
    /// The name of that plan, where the row itself names it.
    pub plan: Option<String>,
    /// Whether it is still to go out.
    pub standing: Standing,
    /// Whether something of it could not be read, so that it can't be scheduled.
    pub is_faulty: bool,
    /// Whether its cells say anything of a time, be it unreadable.
    pub has_time: bool,
}

/// The time of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeantTime {
    /// On the wall clock of the row's zone.
    pub wall: WallTime,
    /// The instant, in whole seconds; `None` where clocks skip the wall time.
    pub at: Option<UnixMillis>,
    /// How it was written.
    pub written: Written,
}

/// How a time was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Written {
    /// As a wall time.
    Wall,
    /// As an instant with an offset, or as a number of seconds or milliseconds.
    Instant,
    /// With `Z`, `UTC` or `+00:00` at its end.
    Utc,
}

/// The account of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MeantAccount {
    /// None is connected: the post waits for one.
    #[default]
    Awaited,
    /// This one, by its place in [`Surroundings::accounts`].
    Known(usize),
    /// One that is not known, or it is not clear which is meant.
    Unclear,
}

/// Whether a row is still to go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Standing {
    /// It is.
    #[default]
    Planned,
    /// It went out already.
    WentOut,
    /// Its status says that it is not to go out.
    Cancelled,
    /// It is for another network.
    OtherNetwork,
}

/// What rows are read by.
#[derive(Clone, Copy)]
pub(crate) struct Basis<'s> {
    pub(crate) table: &'s RawTable,
    pub(crate) mapping: &'s Mapping,
    pub(crate) choices: &'s Choices,
    pub(crate) surroundings: &'s Surroundings,
    pub(crate) changes: &'s Changes,
    pub(crate) rules: &'s Rules,
}

impl<'s> Basis<'s> {
    /// Returns the cells of a row by field, with what a person changed.
    pub(crate) fn cells(&self, row: &Row<'s>) -> FieldCells<'s> {
        FieldCells::of(row, self.mapping, self.rules.is_typed, self.changes)
    }

    /// Returns the text of the first part of a row, as it would go out.
    pub(crate) fn first_text(&self, row: &Row<'s>) -> Option<String> {
        let ignored = &mut Vec::<(Code, Severity)>::new();
        text::texts(&self.cells(row), self.choices, true, ignored).into_iter().next()
    }
}

/// Reads rows, and remembers the zones that they name.
pub(crate) struct Reader<'s> {
    basis: Basis<'s>,
    zones: HashMap<String, Result<Zone, UnknownZone>>,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(basis: Basis<'s>) -> Self {
        Self { basis, zones: HashMap::new() }
    }

    /// Reads all fields of a row, so that all that is wrong is told at once.
    pub(crate) fn read(&mut self, row: &Row<'s>, sink: &mut impl Sink) -> Meant {
        let mut sink = Watched::new(sink);
        let Basis { table, choices, surroundings, rules, .. } = self.basis;
        let mut faults = row.faults().peekable();
        if faults.peek().is_some() {
            let at = row.number() as usize - 1;
            for fault in faults {
                if fault.is_error() {
                    value::error(&mut sink, fault.code(), || table.fault_problem(at, fault));
                } else {
                    value::warn(&mut sink, fault.code(), || table.fault_problem(at, fault));
                }
            }
            let has_cells = row.cells().next().is_some();
            if !has_cells && sink.has_error() {
                return Meant { is_faulty: true, has_time: true, ..Meant::default() };
            }
        }
        let cells = self.basis.cells(row);
        let stated = status::stated(&cells, &mut sink);
        if stated.standing != Standing::Planned && !rules.is_archive {
            return self.left_out(&cells, stated.standing);
        }
        let account = rules.accounts.of_row(&cells, &surroundings.accounts, &mut sink);
        let content = content(&cells, choices, &*surroundings.media, &mut sink);
        let tags = extras::tags(&cells, &mut sink).unwrap_or_default();
        let said = when::said(&cells, rules, &mut sink);
        let (zone, zone_word) = self.zone(&cells, said, &mut sink);
        let zone_is_named = zone_word.is_some() || rules.zone_is_named;
        let when = zone
            .as_ref()
            .and_then(|zone| when::meant(said, zone, zone_is_named, choices.utc_times, &mut sink));
        let note = if rules.is_archive {
            archived(&cells, when, zone.as_ref())
        } else {
            self.note(&cells)
        };
        let follow_up = extras::follow_up(&cells, &mut sink);
        Meant {
            content,
            follow_up,
            // An archive tells when its posts went out, which is no time for another.
            when: when.filter(|_| !rules.is_archive),
            zoned_wall: said.zoned_wall(),
            is_faulty: sink.has_error() || zone.is_none() || account == MeantAccount::Unclear,
            zone,
            zone_word,
            zone_is_named,
            account,
            account_is_named: rules.accounts.is_named(&cells),
            is_draft: stated.is_draft || rules.is_archive,
            tags,
            note,
            own_id: own_id(&cells),
            plan: cells.first(Field::Plan).and_then(|cell| plan_name(cell.text)),
            standing: Standing::Planned,
            // What is wrong with "draft" is told; the time is not called missing too.
            has_time: said != when::Said::Nothing || stated.is_unclear,
        }
    }

    /// What is left out is read only as far as it is shown.
    fn left_out(&mut self, cells: &FieldCells<'s>, standing: Standing) -> Meant {
        let ignored = &mut Vec::<(Code, Severity)>::new();
        let Basis { choices, rules, surroundings, .. } = self.basis;
        let said = when::said(cells, rules, ignored);
        let (zone, zone_word) = self.zone(cells, said, ignored);
        let when = zone.as_ref().and_then(|zone| {
            when::meant(said, zone, rules.zone_is_named, choices.utc_times, ignored)
        });
        Meant {
            content: content(cells, choices, &*surroundings.media, ignored),
            when,
            zoned_wall: said.zoned_wall(),
            zone,
            zone_word,
            own_id: own_id(cells),
            plan: cells.first(Field::Plan).and_then(|cell| plan_name(cell.text)),
            standing,
            has_time: said != when::Said::Nothing,
            ..Meant::default()
        }
    }

    /// Returns the zone of a row's time: what its time names, what the row names, or what holds for all;
    /// and the word of the first two. One that is none is told, but for what holds for all: that is told
    /// of the source.
    fn zone(
        &mut self,
        cells: &FieldCells<'_>,
        said: when::Said<'_>,
        sink: &mut impl Sink,
    ) -> (Option<Zone>, Option<String>) {
        let word = match (said, cells.first(Field::Timezone)) {
            (when::Said::Zoned(_, word), _) => word,
            (_, Some(cell)) => match cell.as_text("timezone", sink) {
                Some(word) => word,
                None => return (None, None),
            },
            (_, None) => return (self.basis.rules.zone.clone(), None),
        };
        if self.zones.len() > ZONES_MAX {
            self.zones.clear();
        }
        if !self.zones.contains_key(word) {
            self.zones.insert(word.to_owned(), Zone::parse(word));
        }
        let zone = match &self.zones[word] {
            Ok(zone) => Some(zone.clone()),
            Err(unknown) => {
                let settings = &self.basis.surroundings.zone;
                let hints: Vec<&Zone> = self.basis.rules.zone.iter().chain([settings]).collect();
                check::zone::unknown(unknown, &hints, sink);
                None
            }
        };
        (zone, Some(word.to_owned()))
    }

    fn note(&self, cells: &FieldCells<'_>) -> Option<String> {
        let mut lines: Vec<String> = cells
            .all(Field::Note)
            .map(|cell| clip_text(cell.text.trim(), NOTE_CHARS_MAX).to_owned())
            .collect();
        if self.basis.choices.keep_unknown_columns {
            for (column, text) in cells.unknown() {
                let name = self.basis.table.columns.get(usize::from(column));
                let name = name.map_or("", |column| column.name.as_str());
                lines.push(format!(
                    "{}: {}",
                    clip(name, 60),
                    clip_text(text.trim(), NOTE_CHARS_MAX)
                ));
            }
        }
        lines.retain(|line| !line.is_empty());
        (!lines.is_empty()).then(|| clip_text(&lines.join("\n"), NOTE_CHARS_MAX).to_owned())
    }
}

fn content(
    cells: &FieldCells<'_>,
    choices: &Choices,
    files: &dyn FindMedia,
    sink: &mut impl Sink,
) -> Content {
    let media = media::media(cells, sink);
    let texts = text::texts(cells, choices, !media.is_empty(), sink);
    let mut content = Content { parts: texts.into_iter().map(Part::of_text).collect() };
    let (poll, reply_settings) = (extras::poll(cells, sink), extras::reply_settings(cells, sink));
    let (made_with_ai, paid_partnership) = extras::disclosures(cells, sink);
    let community_id = extras::community_id(cells, sink);
    media::attach(&mut content, media, files, sink);
    for part in &mut content.parts {
        (part.made_with_ai, part.paid_partnership) = (made_with_ai, paid_partnership);
    }
    if let Some(first) = content.parts.first_mut() {
        first.poll = poll;
        first.reply_settings = reply_settings;
        first.community_id = community_id;
    }
    content
}

/// Returns the note of a post of an archive: when and where it went out.
fn archived(
    cells: &FieldCells<'_>,
    when: Option<MeantTime>,
    zone: Option<&Zone>,
) -> Option<String> {
    let id = cells.first(Field::TweetId)?.text.trim();
    let at = when.zip(zone).map(|(when, zone)| format!(", {} in {zone}", when.wall));
    Some(format!("Went out on X{}: https://x.com/i/status/{id}", at.unwrap_or_default()))
}

fn own_id(cells: &FieldCells<'_>) -> Option<String> {
    let id: String =
        cells.first(Field::OwnId)?.text.chars().filter(|letter| !letter.is_control()).collect();
    let id = id.trim();
    (!id.is_empty()).then(|| clip_text(id, OWN_ID_CHARS_MAX).to_owned())
}

/// Returns the name of a plan as it is kept; `None` where nothing is left of it.
#[must_use]
pub fn plan_name(given: &str) -> Option<String> {
    let name: String =
        given.chars().filter(|letter| !letter.is_control()).take(PLAN_CHARS_MAX).collect();
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Returns the first characters of a text, as they are.
fn clip_text(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}
