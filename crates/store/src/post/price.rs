//! What posts cost by the prices of the person.

use roost_core::cost::Prices;

use crate::error::Error;
use crate::store::{Read, Tx};

/// The setting that keeps the prices.
const PRICES: &str = "prices";

impl Read<'_> {
    /// Returns what X charges: as the person said, else as is usual.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn prices(&self) -> Result<Prices, Error> {
        Ok(self.setting(PRICES)?.unwrap_or_default())
    }
}

impl Tx<'_> {
    /// Keeps what X charges, and prices anew all that did not go out. What went out cost what it cost.
    ///
    /// # Errors
    /// When SQLite cannot read or write.
    pub fn save_prices(&mut self, prices: &Prices) -> Result<(), Error> {
        if self.prices()? == *prices {
            return Ok(());
        }
        self.save_setting(PRICES, prices)?;
        for seq in self.not_gone_out()? {
            let Some(post) = self.one_post("post.seq = ?1", [seq])? else { continue };
            let cost = self.content(&post)?.cost_at(prices).0;
            if cost != post.cost_micros {
                self.connection
                    .prepare_cached("UPDATE scheduled_post SET cost_micros = ?2 WHERE seq = ?1")?
                    .execute((seq, cost))?;
            }
        }
        Ok(())
    }

    /// Returns the posts of which nothing went out, by their seq.
    fn not_gone_out(&self) -> Result<Vec<i64>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq FROM scheduled_post WHERE posted_at IS NULL AND status NOT IN ('posted', 'partial')",
        )?;
        let found = statement.query_map([], |row| row.get(0))?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}
