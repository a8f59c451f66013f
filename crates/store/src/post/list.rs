//! Lists: filtered, in pages that neither repeat nor skip a row while rows come and go. A page takes
//! the same number of statements however many rows it has.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use rusqlite::params_from_iter;
use serde::Serialize;

use super::candidates::Candidates;
use super::count::Total;
use super::filter::{Cursor, Filter, Order, Page};
use super::index_choice::{self, Sql};
use super::{Extras, Post};
use crate::error::Error;
use crate::sql::parsed;
use crate::store::Read;

/// One page of posts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostPage {
    /// The posts.
    pub posts: Vec<Post>,
    /// Where the next page begins; none at the end.
    pub next: Option<Cursor>,
}

/// One page of a list, with all that its rows show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowPage {
    /// The posts, each with what stands beside it.
    pub rows: Vec<(Post, Extras)>,
    /// How many posts there are in all.
    pub total: Total,
    /// Where the next page begins; none at the end.
    pub next: Option<Cursor>,
}

/// The keys of one page.
struct Keys {
    seqs: Vec<i64>,
    next: Option<Cursor>,
}

impl Read<'_> {
    /// Returns one page of the posts that `filter` lets through.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn posts(&self, filter: &Filter, page: &Page) -> Result<PostPage, Error> {
        let Keys { seqs, next } = self.page(filter, page, self.candidates(filter)?.as_ref())?;
        Ok(PostPage { posts: self.posts_by_seq(&seqs)?, next })
    }

    /// Returns one page of the posts that `filter` lets through, with all that a list shows of them and
    /// how many there are.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn rows(&self, filter: &Filter, page: &Page) -> Result<RowPage, Error> {
        let candidates = self.candidates(filter)?;
        let Keys { seqs, next } = self.page(filter, page, candidates.as_ref())?;
        let total = match (page.after, next) {
            // All of them stand on the one page.
            (None, None) => Total::exactly(u64::try_from(seqs.len()).unwrap_or_default()),
            _ => self.total(filter, candidates.as_ref())?,
        };
        Ok(RowPage { rows: self.rows_by_seq(&seqs)?, total, next })
    }

    /// Returns all posts that `filter` lets through, soonest first, at most `limit`.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn all_posts(&self, filter: &Filter, limit: u32) -> Result<Vec<Post>, Error> {
        let candidates = self.candidates(filter)?;
        let place = (None, Order::Ascending);
        let keys = self.keys(filter, place, candidates.as_ref(), limit as usize)?;
        let seqs: Vec<i64> = keys.into_iter().map(|key| key.seq).collect();
        self.posts_by_seq(&seqs)
    }

    /// Returns the ids of all posts that `filter` lets through, at most `limit`: what "select all"
    /// means.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn post_ids(
        &self,
        filter: &Filter,
        order: Order,
        limit: u32,
    ) -> Result<Vec<PostId>, Error> {
        let candidates = self.candidates(filter)?;
        let keys = self.keys(filter, (None, order), candidates.as_ref(), limit as usize)?;
        let seqs: Vec<i64> = keys.into_iter().map(|key| key.seq).collect();
        let mut statement = self.connection.prepare_cached(
            "SELECT post.id FROM json_each(?1) AS wanted
             CROSS JOIN scheduled_post AS post ON post.seq = wanted.value",
        )?;
        let ids = statement
            .query_map([serde_json::to_string(&seqs)?], |row| parsed(row, "id"))?
            .collect::<Result<_, _>>()?;
        Ok(ids)
    }

    fn page(
        &self,
        filter: &Filter,
        page: &Page,
        candidates: Option<&Candidates>,
    ) -> Result<Keys, Error> {
        let mut keys = self.keys(filter, (page.after, page.order), candidates, page.rows() + 1)?;
        let more = keys.len() > page.rows();
        keys.truncate(page.rows());
        let next = keys.last().copied().filter(|_| more);
        Ok(Keys { seqs: keys.into_iter().map(|key| key.seq).collect(), next })
    }

    /// Returns the places of at most `limit` posts in their order, from `after` on.
    pub(super) fn keys(
        &self,
        filter: &Filter,
        (after, order): (Option<Cursor>, Order),
        candidates: Option<&Candidates>,
        limit: usize,
    ) -> Result<Vec<Cursor>, Error> {
        let found = match candidates.map(|found| (found, found.few())) {
            Some((_, Some(few))) => Some(index_choice::gather(filter, &few, after, order)),
            _ => index_choice::walk(filter, after, order),
        };
        let Some(Sql { text, values }) = found else { return Ok(Vec::new()) };
        let mut statement = self.connection.prepare_cached(&text)?;
        let mut rows = statement.query(params_from_iter(&values))?;
        let mut keys = Vec::new();
        while keys.len() < limit {
            let Some(row) = rows.next()? else { break };
            let seq = row.get(0)?;
            if candidates.is_none_or(|found| found.contains(seq)) {
                keys.push(Cursor { at: UnixMillis(row.get(1)?), seq });
            }
        }
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use roost_core::clock::ManualClock;
    use roost_core::post::Content;
    use roost_core::status::Actor;
    use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

    use super::*;
    use crate::{NewPost, Store};

    fn store(posts: usize) -> Store {
        let store = Store::open_in_memory(Arc::new(ManualClock::default())).expect("a store");
        let make = |tx: &mut crate::Tx<'_>| {
            for number in 0..posts {
                let text = format!("all have these words, and number {number}");
                let id = PostId::new(UnixMillis(1));
                let mut new = NewPost::draft(id, Content::of_texts([text]));
                new.tags = vec![format!("tag {}", number % 3), "all".to_owned()];
                tx.create_post(&new, Actor::Person)?;
            }
            Ok(())
        };
        store.write("make", make).expect("posts");
        store
    }

    /// How many SELECTs SQLite compiles for a page. No statement is kept prepared, so that one which
    /// runs again is compiled again.
    fn selects(store: &Store, filter: &Filter, limit: u32) -> (usize, usize) {
        let compiled = Arc::new(AtomicUsize::new(0));
        let counter = compiled.clone();
        let count = move |context: AuthContext<'_>| {
            if matches!(context.action, AuthAction::Select) {
                counter.fetch_add(1, Ordering::Relaxed);
            }
            Authorization::Allow
        };
        {
            let mut connection = store.writer();
            connection.set_prepared_statement_cache_capacity(0);
            connection.authorizer(Some(count)).expect("an authorizer");
        }
        let page = Page { limit, ..Page::default() };
        let rows = store.read(|read| read.rows(filter, &page)).expect("a page").rows.len();
        (rows, compiled.load(Ordering::Relaxed))
    }

    #[test]
    fn a_page_takes_as_many_statements_for_10_rows_as_for_500() {
        let store = store(600);
        let filters = [
            Filter::default(),
            Filter { list: Some(crate::List::Drafts), ..Filter::default() },
            Filter { tag: Some("all".into()), ..Filter::default() },
            Filter { text: Some("words".into()), ..Filter::default() },
        ];
        for filter in filters {
            let (ten, few) = selects(&store, &filter, 10);
            let (five_hundred, many) = selects(&store, &filter, 500);
            assert_eq!((ten, five_hundred), (10, 500), "{filter:?}");
            assert_eq!(few, many, "{filter:?}");
        }
    }
}
