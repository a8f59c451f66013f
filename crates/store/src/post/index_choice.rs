//! How the rows of a filter are reached: in their order along one index, or along several that are
//! merged, one for each status. No list is sorted, however long it is.

use roost_core::status::Status;
use rusqlite::types::Value;

use super::backlog::WILL_BE_MISSED;
use super::conditions::Conditions;
use super::filter::{Cursor, Filter, Order};
use super::{List, search, traits};

/// A statement with its values.
#[derive(Debug)]
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
}

/// The statuses that a filter admits, each with what else is asked of its posts; `None` admits all.
type Admitted = Option<Vec<(Status, Vec<&'static str>)>>;

fn admitted(filter: &Filter) -> Admitted {
    if filter.traits.is_impossible {
        return Some(Vec::new());
    }
    let is_narrowed = !filter.statuses.is_empty()
        || filter.list.is_some()
        || filter.needs_person
        || filter.scheduled.is_some()
        // The index of imports goes by status.
        || filter.import.is_some();
    is_narrowed.then(|| {
        let asked = |status: &Status| {
            (filter.statuses.is_empty() || filter.statuses.contains(status))
                && filter.list.is_none_or(|list| list == List::of(*status))
        };
        let admitted = Status::ALL.into_iter().filter(asked);
        admitted.filter_map(|status| Some((status, asked_of(filter, status)?))).collect()
    })
}

/// What else is asked of the posts of a status; `None` when none of them is asked for.
fn asked_of(filter: &Filter, status: Status) -> Option<Vec<&'static str>> {
    let mut asked = Vec::new();
    if filter.needs_person && List::of(status) != List::NeedsYou {
        if status != Status::Held {
            return None;
        }
        asked.push(WILL_BE_MISSED);
    }
    // A rule of the table: all others have a time.
    let may_lack_time = matches!(status, Status::Draft | Status::Cancelled);
    match filter.scheduled {
        Some(true) if may_lack_time => asked.push("post.scheduled_at IS NOT NULL"),
        Some(false) if may_lack_time => asked.push("post.scheduled_at IS NULL"),
        Some(false) => return None,
        Some(true) | None => {}
    }
    Some(asked)
}

fn is_at(status: Status) -> String {
    format!("post.status = '{}'", status.as_str())
}

/// What a filter asks of every post, whatever its status. Ids, tag and indexed words are not among
/// it: those are looked up first.
fn common(filter: &Filter) -> Conditions {
    let mut found = Conditions::of_words("post.deleted_at IS NULL");
    if let Some(account) = &filter.account {
        found.with("post.account_id = ?", account.0.clone());
    }
    if let Some(import) = filter.import {
        found.with("post.import_id = ?", import.to_string());
    }
    if let Some(from) = filter.from {
        found.with("post.list_at >= ?", from.0);
    }
    if let Some(until) = filter.until {
        found.with("post.list_at < ?", until.0);
    }
    if let Some(text) = &filter.text {
        search::unindexed(text, &mut found);
    }
    traits::ask(&filter.traits, &mut found);
    found
}

/// The index along which the posts stand in their order, under one status or all.
fn index(filter: &Filter, by_status: bool) -> &'static str {
    match (filter.import, &filter.account, by_status) {
        (Some(_), _, _) => "post_by_import_status",
        (None, Some(_), true) => "post_by_account_status",
        (None, Some(_), false) => "post_by_account",
        (None, None, true) => "post_by_status_time",
        (None, None, false) => "post_by_time",
    }
}

/// Returns one SELECT of `columns` for each index that is gone along; none when the filter
/// contradicts itself. `change` adds to the conditions of each.
fn arms(filter: &Filter, columns: &str, change: impl Fn(&mut Conditions)) -> Vec<Sql> {
    let common = common(filter);
    let arm = |mut found: Conditions, by_status| {
        change(&mut found);
        let (index, conditions) = (index(filter, by_status), found.all());
        let text = format!(
            "SELECT {columns} FROM scheduled_post AS post INDEXED BY {index} WHERE {conditions}"
        );
        Sql { text, values: found.values }
    };
    let Some(statuses) = admitted(filter) else { return vec![arm(common, false)] };
    let each = statuses.into_iter().map(|(status, asked)| {
        let mut found = common.clone();
        found.when(is_at(status));
        asked.into_iter().for_each(|clause| found.when(clause));
        arm(found, true)
    });
    each.collect()
}

fn joined(arms: Vec<Sql>) -> Option<Sql> {
    arms.into_iter().reduce(|mut all, arm| {
        all.text.push_str(" UNION ALL ");
        all.text.push_str(&arm.text);
        all.values.extend(arm.values);
        all
    })
}

fn in_order(sql: &mut Sql, order: Order) {
    let direction = match order {
        Order::Ascending => "ASC",
        Order::Descending => "DESC",
    };
    sql.text.push_str(&format!(" ORDER BY 2 {direction}, 1 {direction}"));
}

/// Adds that rows stand beyond a place. Moment and seq together are unique, so that a page begins
/// exactly after the one before, however many rows share a moment.
fn beyond(found: &mut Conditions, after: Option<Cursor>, order: Order) {
    let Some(cursor) = after else { return };
    let beyond = match order {
        Order::Ascending => ">",
        Order::Descending => "<",
    };
    found.when(format!("(post.list_at, post.seq) {beyond} (?, ?)"));
    found.values.extend([Value::from(cursor.at.0), Value::from(cursor.seq)]);
}

/// Returns the query of seq and moment of all rows after a place, in their order, read along indexes:
/// it costs what is taken of it. None when the filter contradicts itself.
pub(super) fn walk(filter: &Filter, after: Option<Cursor>, order: Order) -> Option<Sql> {
    let mut sql = joined(arms(filter, "post.seq, post.list_at", |it| beyond(it, after, order)))?;
    in_order(&mut sql, order);
    Some(sql)
}

/// The same of a few rows that are known by seq, which are sorted.
pub(super) fn gather(filter: &Filter, few: &str, after: Option<Cursor>, order: Order) -> Sql {
    let mut sql = among(filter, few, "post.seq, post.list_at", |it| beyond(it, after, order));
    in_order(&mut sql, order);
    sql
}

/// Returns the query of `columns` of those rows of a JSON list of seqs that the filter lets through.
fn among(filter: &Filter, few: &str, columns: &str, change: impl Fn(&mut Conditions)) -> Sql {
    let mut found = common(filter);
    if let Some(statuses) = admitted(filter) {
        let each = statuses.into_iter().map(|(status, asked)| {
            let clauses: Vec<String> = std::iter::once(is_at(status))
                .chain(asked.into_iter().map(str::to_owned))
                .collect();
            format!("({})", clauses.join(" AND "))
        });
        let any = std::iter::once("FALSE".to_owned()).chain(each).collect::<Vec<_>>();
        found.when(format!("({})", any.join(" OR ")));
    }
    found.with("post.seq IN (SELECT value FROM json_each(?))", few.to_owned());
    change(&mut found);
    let conditions = found.all();
    let text =
        format!("SELECT {columns} FROM scheduled_post AS post NOT INDEXED WHERE {conditions}");
    Sql { text, values: found.values }
}

/// Returns the query of one figure over all rows of a filter, `count(*)` or a sum: of those that a JSON
/// list of seqs names, when there is one. None when the filter contradicts itself.
pub(super) fn figure(filter: &Filter, among_these: Option<&str>, figure: &str) -> Option<Sql> {
    let columns = format!("{figure} AS figure");
    let sql = match among_these {
        Some(few) => among(filter, few, &columns, |_| {}),
        None => joined(arms(filter, &columns, |_| {}))?,
    };
    Some(Sql { text: format!("SELECT coalesce(sum(figure), 0) FROM ({})", sql.text), ..sql })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use roost_core::clock::{ManualClock, UnixMillis};
    use roost_core::id::{ImportId, XUserId};
    use rusqlite::params_from_iter;

    use super::*;
    use crate::Store;

    fn plan(store: &Store, sql: &Sql) -> String {
        let writer = store.writer();
        let mut statement =
            writer.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.text)).expect("a plan");
        let steps = statement
            .query_map(params_from_iter(&sql.values), |row| row.get::<_, String>(3))
            .expect("steps");
        steps.collect::<Result<Vec<_>, _>>().expect("words").join("\n")
    }

    fn lists() -> Vec<(&'static str, Filter)> {
        let account = Some(XUserId("1".into()));
        let import = Some(ImportId::new(UnixMillis(1)));
        let none = Filter::default;
        let upcoming = Filter { list: Some(List::Upcoming), ..none() };
        let day = Filter { from: Some(UnixMillis(1)), until: Some(UnixMillis(2)), ..none() };
        let across = vec![Status::Pending, Status::Failed, Status::Posted];
        vec![
            ("post_by_time", none()),
            ("post_by_time", day.clone()),
            ("post_by_time", Filter { text: Some("\u{1f600}".into()), ..none() }),
            ("post_by_status_time", upcoming.clone()),
            ("post_by_status_time", Filter { needs_person: true, ..none() }),
            ("post_by_status_time", Filter { scheduled: Some(true), ..day.clone() }),
            ("post_by_status_time", Filter { statuses: vec![Status::Failed], ..none() }),
            ("post_by_status_time", Filter { statuses: across.clone(), ..day.clone() }),
            ("post_by_account", Filter { account: account.clone(), ..none() }),
            ("post_by_account_status", Filter { account: account.clone(), ..upcoming.clone() }),
            (
                "post_by_account_status",
                Filter { account: account.clone(), statuses: across, ..day },
            ),
            ("post_by_import_status", Filter { import, ..none() }),
            ("post_by_import_status", Filter { import, account, ..upcoming }),
        ]
    }

    #[test]
    fn every_list_is_read_from_an_index_in_its_order() {
        let store = Store::open_in_memory(Arc::new(ManualClock::default())).expect("a store");
        for (index, filter) in lists() {
            for (after, order) in
                [(None, Order::Ascending), ("5.7".parse().ok(), Order::Descending)]
            {
                let sql = walk(&filter, after, order).expect("a query");
                let plan = format!("{} ", plan(&store, &sql).replace('\n', " \n"));
                for step in plan.lines().filter(|step| step.contains(" post USING INDEX ")) {
                    assert!(step.contains(&format!("INDEX {index} ")), "{filter:?}\n{plan}");
                }
                assert!(plan.contains(index), "{filter:?}\n{plan}");
                assert!(!plan.contains("TEMP B-TREE"), "{filter:?}\n{plan}");
            }
        }
    }

    #[test]
    fn counts_and_costs_of_lists_read_no_row_outside_their_index() {
        let store = Store::open_in_memory(Arc::new(ManualClock::default())).expect("a store");
        let until = Some(UnixMillis(2));
        let month = Filter {
            list: Some(List::Posted),
            from: Some(UnixMillis(1)),
            until,
            ..Filter::default()
        };
        let import = Some(ImportId::new(UnixMillis(1)));
        for (asked, filter) in [
            ("sum(post.cost_micros)", month.clone()),
            ("count(*)", month),
            ("count(*)", Filter { list: Some(List::Upcoming), import, ..Filter::default() }),
        ] {
            let sql = figure(&filter, None, asked).expect("a query");
            let plan = plan(&store, &sql);
            assert!(plan.contains("INDEX post_by_"), "{filter:?}\n{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{filter:?}\n{plan}");
        }
    }

    #[test]
    fn a_filter_that_contradicts_itself_asks_nothing() {
        let filter = Filter {
            statuses: vec![Status::Posted],
            list: Some(List::Drafts),
            ..Filter::default()
        };
        assert!(walk(&filter, None, Order::Ascending).is_none());
        assert!(figure(&filter, None, "count(*)").is_none());
    }
}
