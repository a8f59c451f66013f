//! Finding out what the columns of a table are.

use super::profile::Profile;
use super::question::Question;
use super::{ColumnUse, Mapping, RecognisedBy, dates, layouts};
use crate::field::Field;
use crate::field::names;
use crate::table::RawTable;

/// Texts shorter than this, on the average, are not taken for posts by their looks alone.
const POST_LETTERS_MIN: usize = 20;

/// A column that has a claim to a field.
#[derive(Debug, Clone, Copy)]
struct Claim {
    column: usize,
    field: Field,
    /// How sure its name is: 0 is surest.
    rank: usize,
}

/// Returns what the columns of a table seem to be.
pub(super) fn mapping(table: &RawTable) -> Mapping {
    let keys: Vec<String> = table.columns.iter().map(|column| names::key(&column.name)).collect();
    let profiles = Profile::of_all(table);
    let mut columns = vec![ColumnUse::default(); table.columns.len()];
    let decided = by_layout(table, &mut columns);
    let claims = claims(&keys, &profiles, &decided);
    by_name(&claims, &mut columns);
    by_contents(&keys, &profiles, &decided, &mut columns);
    pair_moments(&profiles, &mut columns);
    slips(&keys, &decided, &mut columns);
    for (at, column) in columns.iter_mut().enumerate().filter(|(_, it)| it.field.is_none()) {
        if layouts::is_for_people(table, at) {
            *column = ColumnUse { recognised_by: RecognisedBy::Layout, ..ColumnUse::default() };
        }
    }
    let mut mapping = Mapping { columns };
    decide_dates(table, &mut mapping);
    mapping
}

/// Decides for all columns of moments how their dates are read.
pub(super) fn decide_dates(table: &RawTable, mapping: &mut Mapping) {
    for (at, column) in (0_u16..).zip(&mut mapping.columns) {
        if column.field.is_some_and(Field::is_moment) {
            dates::decide(table, at, column);
        }
    }
}

/// Takes what a known program's layout says, and returns the columns of which it says something.
fn by_layout(table: &RawTable, columns: &mut [ColumnUse]) -> Vec<bool> {
    let fields = layouts::fields(table);
    for (column, field) in columns.iter_mut().zip(&fields) {
        if let Some(Some(field)) = field {
            *column = ColumnUse::of(*field, RecognisedBy::Layout);
        }
    }
    fields.iter().map(Option::is_some).collect()
}

/// Returns what the names of columns claim.
fn claims(keys: &[String], profiles: &[Profile], decided: &[bool]) -> Vec<Claim> {
    let repeated = |base: &str| {
        let alike =
            keys.iter().filter(|key| names::numbered(key) == (base, names::numbered(key).1));
        alike.filter(|key| names::numbered(key).1.is_some() || key.as_str() == base).count() > 1
    };
    let claim = |(column, key): (usize, &String)| {
        let (base, number) = names::numbered(key);
        let (field, rank) = names::named(key).or_else(|| {
            let (field, rank) = names::named(base).filter(|_| number.is_some())?;
            Some(match field {
                // `Tweet 1`, `Tweet 2`: the parts of a thread.
                Field::Content if repeated(base) => (Field::Thread, rank),
                _ => (field, rank),
            })
        })?;
        let field = if field == Field::Content && number.is_none() && repeated(key) {
            Field::Thread
        } else {
            field
        };
        let profile = &profiles[column];
        let is_other_day = field.is_moment() && profile.cells > 0 && !profile.has_moments();
        (!is_other_day || field == Field::ScheduledAt).then_some(Claim { column, field, rank })
    };
    keys.iter().enumerate().filter(|(column, _)| !decided[*column]).filter_map(claim).collect()
}

/// Gives each field to the column with the surest name; fields that may repeat to all.
fn by_name(claims: &[Claim], columns: &mut [ColumnUse]) {
    let mut claims = claims.to_vec();
    claims.sort_by_key(|claim| (claim.rank, claim.column));
    for claim in claims {
        let holder = columns.iter().position(|column| column.field == Some(claim.field));
        let column = &mut columns[claim.column];
        match holder.filter(|_| !claim.field.may_repeat()).and_then(|at| u16::try_from(at).ok()) {
            Some(holder) => {
                let question = Question::InsteadOf { field: claim.field, column: holder };
                column.question = Some(question);
            }
            None => *column = ColumnUse::of(claim.field, RecognisedBy::Name),
        }
    }
}

/// The columns that are no field yet, with what is known of them.
struct Open<'a> {
    keys: &'a [String],
    profiles: &'a [Profile],
    /// Columns of which a program's layout says something.
    decided: &'a [bool],
    columns: &'a mut [ColumnUse],
    by: RecognisedBy,
}

/// Gives fields that no name claimed to columns whose cells look like them.
fn by_contents(keys: &[String], profiles: &[Profile], decided: &[bool], columns: &mut [ColumnUse]) {
    let has_header = keys.iter().any(|key| !key.is_empty());
    // Columns without names, the date first, are what Hootsuite takes.
    let by = if has_header { RecognisedBy::Contents } else { nameless(profiles) };
    let mut open = Open { keys, profiles, decided, columns, by };
    open.give(&[Field::ScheduledAt, Field::Date], |profile| {
        profile.are_mostly_moments() && profile.moments + profile.dates > profile.times
    });
    open.give(&[Field::Time], |profile| profile.are_mostly(profile.times));
    open.give(&[Field::Link], |profile| profile.are_mostly(profile.links));
    open.give(&[Field::Account], |profile| profile.are_mostly(profile.handles));
    open.give(&[Field::Timezone], |profile| profile.are_mostly(profile.zones));
    open.give_text(has_header);
}

impl Open<'_> {
    /// Gives the first of these fields to the first column that looks like it, unless there is one of
    /// them already.
    fn give(&mut self, fields: &[Field], looks_like: impl Fn(&Profile) -> bool) {
        if self.has(fields) {
            return;
        }
        let found = self.free().find(|at| looks_like(&self.profiles[*at]));
        if let Some((at, field)) = found.zip(fields.first()) {
            self.columns[at] = ColumnUse::of(*field, self.by);
        }
    }

    /// Makes the column with the longest texts the text.
    fn give_text(&mut self, has_header: bool) {
        if self.has(&[Field::Content, Field::Thread]) {
            return;
        }
        let is_text = |profile: &Profile| {
            let is_post = profile.average_letters() >= POST_LETTERS_MIN
                && profile.sentences * 2 >= profile.texts;
            profile.are_mostly(profile.texts)
                && !profile.are_mostly(profile.links)
                && !profile.are_mostly_moments()
                && (is_post || !has_header)
        };
        let texts = self.free().filter(|at| is_text(&self.profiles[*at]));
        let longest =
            texts.max_by_key(|at| (self.profiles[*at].average_letters(), usize::MAX - at));
        if let Some(at) = longest {
            self.columns[at] = ColumnUse::of(Field::Content, self.by);
        }
    }

    fn has(&self, fields: &[Field]) -> bool {
        self.columns.iter().any(|column| column.field.is_some_and(|field| fields.contains(&field)))
    }

    fn free(&self) -> impl Iterator<Item = usize> {
        (0..self.columns.len()).filter(|at| {
            self.columns[*at].field.is_none()
                && !self.decided[*at]
                && !names::is_never(&self.keys[*at])
        })
    }
}

fn nameless(profiles: &[Profile]) -> RecognisedBy {
    match profiles {
        [date, text] | [date, text, _]
            if date.are_mostly_moments() && text.are_mostly(text.texts) =>
        {
            RecognisedBy::Layout
        }
        _ => RecognisedBy::Contents,
    }
}

/// Makes a date and a time of what stands in two columns, and a whole moment of what stands in one.
pub(super) fn pair_moments(profiles: &[Profile], columns: &mut [ColumnUse]) {
    let at = |columns: &[ColumnUse], field| columns.iter().position(|it| it.field == Some(field));
    let whole = at(columns, Field::ScheduledAt);
    let date = at(columns, Field::Date);
    let time = at(columns, Field::Time);
    // A column of times may hold whole moments; then it is all that is needed.
    if let Some(time) = time {
        let profile = &profiles[time];
        if profile.moments > profile.times + profile.numbers && !profile.are_dates_alone() {
            match whole {
                Some(_) => take_away(columns, time, Field::ScheduledAt, whole),
                None => {
                    columns[time].field = Some(Field::ScheduledAt);
                    if let Some(date) = date {
                        take_away(columns, date, Field::ScheduledAt, Some(time));
                    }
                }
            }
            return;
        }
    }
    match (whole, date, time) {
        // Dates alone beside times: two halves, whatever the first is called.
        (Some(whole), None, Some(_)) if needs_times(&profiles[whole]) => {
            columns[whole].field = Some(Field::Date);
        }
        (Some(whole), Some(date), Some(_))
            if needs_times(&profiles[whole]) && !needs_times(&profiles[date]) =>
        {
            take_away(columns, date, Field::Date, Some(whole));
            columns[whole].field = Some(Field::Date);
        }
        // `Publish time` beside `Date`: the moment's halves go by what they hold.
        (Some(whole), Some(_), None) if profiles[whole].are_mostly(profiles[whole].times) => {
            columns[whole].field = Some(Field::Time);
        }
        (Some(whole), date, time) => {
            for (half, field) in [(date, Field::Date), (time, Field::Time)] {
                if let Some(half) = half {
                    take_away(columns, half, field, Some(whole));
                }
            }
        }
        (None, Some(date), None) => columns[date].field = Some(Field::ScheduledAt),
        (None, _, _) => {}
    }
}

/// Returns whether a column of dates needs a column of times: it has no time of day, or no cell at all.
fn needs_times(profile: &Profile) -> bool {
    profile.cells == 0
        || profile.are_dates_alone()
        || (profile.numbers > 0 && profile.moments + profile.times == 0)
}

fn take_away(columns: &mut [ColumnUse], at: usize, field: Field, holder: Option<usize>) {
    let column = holder.and_then(|holder| u16::try_from(holder).ok()).unwrap_or_default();
    let question = Some(Question::InsteadOf { field, column });
    columns[at] = ColumnUse { question, ..ColumnUse::default() };
}

/// Asks whether the name of a column that is no field is a slip.
fn slips(keys: &[String], decided: &[bool], columns: &mut [ColumnUse]) {
    for at in 0..columns.len() {
        let is_open = columns[at].field.is_none() && columns[at].question.is_none();
        if !is_open || decided[at] {
            continue;
        }
        let near = names::nearest(&keys[at]).filter(|field| {
            field.may_repeat() || !columns.iter().any(|column| column.field == Some(*field))
        });
        columns[at].question = near.map(|field| Question::DidYouMean { field });
    }
}
