//! Judging rows one by one, and what concerns them together at the end.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::accounts::{Accounts, Owner};
use super::document::{Document, RawRow};
use super::duplicates::{self, Said};
use super::fields::{self, Fields};
use super::options::Options;
use super::parsed::{Parsed, Row, SkipReason, Skipped};
use super::{pace, past};
use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Findings, Problem};
use roost_core::post::{self, Content, DuplicatePolicy, PastPolicy};
use roost_core::status::Status;
use roost_core::zone::{UnknownZone, WallTime, When, Zone, wall_time_of};

/// Different zone names that are remembered; a sound file has a handful.
const ZONES_MAX: usize = 1_000;

/// Judges the rows of one file.
pub(super) struct Judge<'o> {
    options: &'o Options,
    findings: Findings,
    accounts: Accounts<'o>,
    said: Said<'o>,
    zones: HashMap<String, Result<Zone, UnknownZone>>,
    /// The zone of rows that name none; nothing when the file names one that is none.
    zone: Option<Zone>,
    rows: Vec<Row>,
    late: Vec<Row>,
    skipped: Vec<Skipped>,
    failed: u32,
    total: u32,
}

impl<'o> Judge<'o> {
    pub(super) fn new(document: &Document<'_>, options: &'o Options) -> Self {
        let mut findings = Findings::telling(options.max_listed);
        let file = Fields::of_file(&document.members, &mut findings);
        if document.rows.is_empty() {
            findings.warn(|| {
                Problem::new(Code::FileWrongShape, "The list of posts is empty.").in_field("posts")
            });
        }
        let accounts = Accounts::new(options, &file, &mut findings);
        let mut judge = Self {
            options,
            findings,
            accounts,
            said: Said::new(&options.known),
            zones: HashMap::new(),
            zone: Some(options.zone.clone()),
            rows: Vec::with_capacity(document.rows.len()),
            late: Vec::new(),
            skipped: Vec::new(),
            failed: 0,
            total: u32::try_from(document.rows.len()).unwrap_or(u32::MAX),
        };
        if let Some(value) = file.timezone {
            judge.zone = judge.named_zone(value);
        }
        judge
    }

    /// Judges one row.
    pub(super) fn row(&mut self, raw: &RawRow<'_>) {
        self.findings.at_row(raw.number, raw.line);
        let errors = self.findings.errors.total;
        match self.read(raw) {
            Some(row) if self.findings.errors.total == errors => self.settle(row),
            _ => self.failed += 1,
        }
    }

    /// Says what concerns all rows together, and hands over what came out.
    pub(super) fn finish(mut self) -> Parsed {
        let late = std::mem::take(&mut self.late);
        let moved = past::place(late, &self.rows, self.options, &mut self.findings);
        self.rows.extend(moved);
        self.rows.sort_by_key(|row| row.row);
        let zone = self.zone.unwrap_or_else(|| self.options.zone.clone());
        let mut findings = self.findings;
        findings.at_whole();
        let unowned = |row: &&Row| row.account.is_none() && row.status == Status::Pending;
        self.accounts.finish(self.rows.iter().filter(unowned).count(), &mut findings);
        pace::check(&self.rows, &self.accounts, &zone, self.options, &mut findings);
        findings.errors.listed.sort_by_key(|problem| problem.row);
        findings.warnings.listed.sort_by_key(|problem| problem.row);
        let times = || {
            let pending = self.rows.iter().filter(|row| row.status == Status::Pending);
            pending.filter_map(|row| row.scheduled_at)
        };
        Parsed {
            cost: self.rows.iter().map(|row| row.cost).sum(),
            first_at: times().min(),
            last_at: times().max(),
            rows: self.rows,
            skipped: self.skipped,
            failed: self.failed,
            total: self.total,
            errors: findings.errors,
            warnings: findings.warnings,
            zone,
        }
    }

    /// Reads all fields of a row, so that all that is wrong is found at once.
    fn read(&mut self, raw: &RawRow<'_>) -> Option<Row> {
        let fields = Fields::of_row(raw, &mut self.findings)?;
        let owner = self.accounts.of_row(&fields, &mut self.findings);
        let draft = match fields.draft {
            Some(value) => fields::truth(value, "draft", &mut self.findings),
            None => Some(false),
        };
        let content = self.content(&fields, owner.as_ref());
        let tags = self.tags(&fields);
        let zone = match fields.timezone {
            Some(value) => self.named_zone(value),
            None => self.zone.clone(),
        };
        // What is wrong with "draft" is said; its time is not called missing too.
        let untimed = fields.scheduled_at.is_none() && draft != Some(false);
        let when = if untimed { None } else { Some(self.when(&fields)) };
        let (zone, draft) = (zone?, draft?);
        let (wall_time, scheduled_at) = match when {
            Some(when) => self.instant(when?, &zone).map(|(wall, at)| (Some(wall), Some(at)))?,
            None => (None, None),
        };
        let (content, tags, owner) = (content?, tags?, owner?);
        Some(Row {
            row: raw.number,
            line: raw.line,
            duplicate_key: content.duplicate_key(),
            cost: content.cost(),
            content,
            wall_time,
            zone,
            scheduled_at,
            status: if draft { Status::Draft } else { Status::Pending },
            account: owner.id,
            tags,
        })
    }

    fn content(&mut self, fields: &Fields<'_>, owner: Option<&Owner>) -> Option<Content> {
        let findings = &mut self.findings;
        let texts = match (fields.content, fields.thread) {
            (Some(content), None) => vec![fields::text(content, "content", findings)?],
            (None, Some(thread)) => fields::texts(thread, "thread", findings)?,
            (Some(_), Some(_)) => {
                findings.error(|| {
                    Problem::new(Code::RepeatedField, "The post has both a content and a thread.")
                        .in_field("thread")
                });
                return None;
            }
            (None, None) => {
                if !fields.misspelt.iter().any(|field| matches!(*field, "content" | "thread")) {
                    findings.error(|| {
                        Problem::new(Code::TextMissing, "The post has no text.").in_field("content")
                    });
                }
                return None;
            }
        };
        let subscription = owner.map_or_else(Default::default, |owner| owner.subscription);
        let content = Content::of_texts(texts);
        post::check_content(&content, &self.options.limits, subscription, findings);
        Some(content)
    }

    fn tags(&mut self, fields: &Fields<'_>) -> Option<Vec<String>> {
        let Some(value) = fields.tags else { return Some(Vec::new()) };
        let tags = fields::texts(value, "tags", &mut self.findings)?;
        post::check_tags(&tags, &mut self.findings);
        let mut distinct: Vec<String> = Vec::with_capacity(tags.len());
        for tag in tags.iter().map(|tag| tag.trim()) {
            if !distinct.iter().any(|known| known == tag) {
                distinct.push(tag.to_owned());
            }
        }
        Some(distinct)
    }

    fn named_zone(&mut self, value: &RawValue) -> Option<Zone> {
        let name = fields::text(value, "timezone", &mut self.findings)?;
        if self.zones.len() > ZONES_MAX {
            self.zones.clear();
        }
        let zone = self.zones.entry(name).or_insert_with_key(|name| Zone::parse(name));
        match zone {
            Ok(zone) => Some(zone.clone()),
            Err(unknown) => {
                self.findings.error(|| {
                    let message = format!("\"{}\" is no time zone.", unknown.name);
                    Problem::new(Code::UnknownZone, message)
                        .in_field("timezone")
                        .with_remedy(unknown.remedy())
                });
                None
            }
        }
    }

    fn when(&mut self, fields: &Fields<'_>) -> Option<When> {
        let Some(value) = fields.scheduled_at else {
            if !fields.misspelt.contains(&"scheduledAt") {
                self.findings.error(|| {
                    Problem::new(Code::TimeMissing, Code::TimeMissing.text())
                        .in_field("scheduledAt")
                });
            }
            return None;
        };
        let text = fields::text(value, "scheduledAt", &mut self.findings)?;
        let when = When::parse(&text);
        if let Err(error) = &when {
            self.findings.error(|| {
                Problem::new(Code::TimeInvalid, format!("{error}.")).in_field("scheduledAt")
            });
        }
        when.ok()
    }

    fn instant(&mut self, when: When, zone: &Zone) -> Option<(WallTime, UnixMillis)> {
        match when {
            When::Instant(instant) => Some((wall_time_of(instant, zone), instant)),
            When::Wall(wall) => post::check_wall_time(&wall, zone, &mut self.findings)
                .map(|instant| (wall, instant)),
        }
    }

    /// Decides about a sound row: its time, then whether the same is there already.
    fn settle(&mut self, mut row: Row) {
        // A draft does not go out: it may keep a time that has passed.
        let late = row
            .wall_time
            .filter(|_| row.status == Status::Pending)
            .filter(|_| row.scheduled_at.is_some_and(|at| at < self.options.now));
        match (self.options.past, late) {
            (PastPolicy::Error, Some(wall)) => {
                self.findings.error(|| post::past(&wall, &row.zone));
                self.failed += 1;
                return;
            }
            (PastPolicy::Skip, Some(_)) => return self.skip(&row, SkipReason::Past),
            (PastPolicy::Draft, Some(wall)) => {
                row.status = Status::Draft;
                self.findings.warn(|| made_draft(&wall, &row.zone));
            }
            _ => {}
        }
        if let Some(reason) = self.said.note(&row) {
            match self.options.duplicates {
                DuplicatePolicy::Skip => return self.skip(&row, reason),
                DuplicatePolicy::Keep => self.findings.warn(|| duplicates::kept(reason)),
            }
        }
        if late.is_some() && self.options.past == PastPolicy::NextSlot {
            self.late.push(row);
        } else {
            self.rows.push(row);
        }
    }

    fn skip(&mut self, row: &Row, reason: SkipReason) {
        self.skipped.push(Skipped { row: row.row, line: row.line, reason });
    }
}

fn made_draft(wall: &WallTime, zone: &Zone) -> Problem {
    let message = format!("{wall} in {zone} has passed; the post becomes a draft.");
    Problem::new(Code::MadeDraft, message).in_field("scheduledAt")
}
