//! The columns of a post: **the one list** by which it is read, inserted and updated. A field is added
//! here, in [`Post`] and in [`read_post`](super::read_row::read_post); an event tells it once it stands in
//! `post_change.rs` as well.

use std::sync::LazyLock;

use roost_core::clock::UnixMillis;
use roost_core::post::BodyHash;
use rusqlite::types::{ToSqlOutput, Value};

use super::{Post, WithdrawTo};
use crate::bulk;
use crate::error::Error;
use crate::store::Tx;

/// When a column is written from the row that the store works with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    /// When the post is made, and at each change.
    Always,
    /// When the post is made; it never changes, or by statements of its own.
    Once,
    /// Never: SQLite derives it.
    Never,
}
use Written::{Always, Never, Once};

struct Column {
    name: &'static str,
    written: Written,
    value: for<'p> fn(&'p Post) -> ToSqlOutput<'p>,
}

macro_rules! columns {
    ($($name:ident $written:ident |$post:ident| $value:expr;)+) => {
        /// What a statement selects from `scheduled_post AS post`.
        pub(super) const SELECTED: &str = concat!("post.seq" $(, ", post.", stringify!($name))+);

        const COLUMNS: &[Column] = &[$(Column {
            name: stringify!($name),
            written: $written,
            value: |$post| $value,
        }),+];
    };
}

columns! {
    id Once |post| post.id.to_string().into();
    account_id Always |post| text(post.account.as_ref().map(|account| account.0.as_str()));
    content Always |post| post.content.as_str().into();
    content_hash Always |post| post.duplicate_key.0.as_slice().into();
    body_hash Always |post| owned(post.body_hash.map(BodyHash::to_bytes).map(Vec::from));
    cost_micros Always |post| post.cost_micros.into();
    has_link Always |post| post.has_link.into();
    scheduled_at Always |post| instant(post.schedule.as_ref().map(|schedule| schedule.at));
    wall_time Always |post| text(post.schedule.as_ref().map(|it| it.wall_time.as_str()));
    zone Always |post| text(post.schedule.as_ref().map(|schedule| schedule.zone.as_str()));
    status Always |post| post.status.as_str().into();
    revision Always |post| post.revision.0.into();
    version Always |post| post.version.0.into();
    offered_revision Always |post| post.offered_revision.0.into();
    offered_to Once |post| text(post.offered_to.as_deref());
    withdrawn_revision Always |post| post.withdrawn_revision.0.into();
    withdraw_to Always |post| text(post.withdraw_to.map(WithdrawTo::as_str));
    qstash_message_id Always |post| text(post.qstash_message_id.as_deref());
    synced_to_qstash Never |post| post.synced_to_qstash.into();
    synced_at Always |post| instant(post.synced_at);
    held_until Always |post| instant(post.held_until);
    tweet_id Always |post| text(post.tweet_id.as_ref().map(|tweet| tweet.0.as_str()));
    error_code Always |post| text(post.error_code.as_deref());
    error_message Always |post| text(post.error_message.as_deref());
    retry_count Always |post| post.retry_count.into();
    posted_at Always |post| instant(post.posted_at);
    failed_at Always |post| instant(post.failed_at);
    import_id Once |post| owned(post.import_id.map(|import| import.to_string()));
    import_row Once |post| owned(post.import_row);
    created_at Once |post| post.created_at.0.into();
    updated_at Always |post| post.updated_at.0.into();
    deleted_at Always |post| instant(post.deleted_at);
    late_edit_of Once |post| owned(post.late_edit_of.map(|post| post.to_string()));
    gone_from_x_at Always |post| instant(post.gone_from_x_at);
    plan Always |post| text(post.own_id.as_ref().map(|own| own.plan.as_str()));
    own_id Always |post| text(post.own_id.as_ref().map(|own| own.id.as_str()));
    note Always |post| text(post.note.as_deref());
    series_id Always |post| owned(post.occurrence.as_ref().map(|it| it.series.to_string()));
    occurrence Always |post| text(post.occurrence.as_ref().map(|it| it.wall_time.as_str()));
    follow_up_of Once |post| owned(post.follow_up.map(|it| it.parent.to_string()));
    follow_up_minutes Always |post| owned(post.follow_up.map(|it| it.after_minutes));
}

fn text(value: Option<&str>) -> ToSqlOutput<'_> {
    value.map_or(ToSqlOutput::Owned(Value::Null), Into::into)
}

fn owned<T: Into<Value>>(value: Option<T>) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(value.map_or(Value::Null, Into::into))
}

fn instant(value: Option<UnixMillis>) -> ToSqlOutput<'static> {
    owned(value.map(|at| at.0))
}

fn inserted() -> impl Iterator<Item = &'static Column> {
    COLUMNS.iter().filter(|column| column.written != Never)
}

fn updated() -> impl Iterator<Item = &'static Column> {
    COLUMNS.iter().filter(|column| column.written == Always)
}

/// Table and columns, and how many columns there are.
static INTO: LazyLock<(String, usize)> = LazyLock::new(|| {
    let names: Vec<_> = inserted().map(|column| column.name).collect();
    (format!("scheduled_post ({})", names.join(", ")), names.len())
});

static INSERT: LazyLock<String> = LazyLock::new(|| {
    let names: Vec<_> = inserted().map(|column| column.name).collect();
    let places: Vec<_> = (1..=names.len()).map(|place| format!("?{place}")).collect();
    format!("INSERT INTO scheduled_post ({}) VALUES ({})", names.join(", "), places.join(", "))
});

/// ?1 is the seq.
static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let set: Vec<_> =
        updated().zip(2..).map(|(column, place)| format!("{} = ?{place}", column.name)).collect();
    format!("UPDATE scheduled_post SET {} WHERE seq = ?1", set.join(", "))
});

impl Tx<'_> {
    /// Inserts a row. Returns its seq; that of `post` is not looked at.
    pub(super) fn insert_row(&mut self, post: &Post) -> Result<i64, Error> {
        let values = inserted().map(|column| (column.value)(post));
        let mut statement = self.connection.prepare_cached(&INSERT)?;
        Ok(statement.insert(rusqlite::params_from_iter(values))?)
    }

    /// Inserts rows, in their order. Returns the seq of the first; each takes the next.
    pub(super) fn insert_rows<R>(
        &mut self,
        rows: &[R],
        post: impl Fn(&R) -> &Post,
    ) -> Result<i64, Error> {
        let into = (INTO.0.as_str(), INTO.1);
        bulk::insert(self.connection, into, rows, |row, values| {
            let post = post(row);
            inserted().try_for_each(|column| values.next((column.value)(post)))
        })?;
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        Ok(self.connection.last_insert_rowid() - count + 1)
    }

    /// Writes a row in the place of the one with its seq.
    pub(super) fn update_row(&mut self, post: &Post) -> Result<(), Error> {
        let seq = std::iter::once(ToSqlOutput::from(post.seq));
        let values = seq.chain(updated().map(|column| (column.value)(post)));
        let mut statement = self.connection.prepare_cached(&UPDATE)?;
        statement.execute(rusqlite::params_from_iter(values))?;
        Ok(())
    }
}
