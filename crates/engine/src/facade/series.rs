//! What concerns series: posts that repeat by a rule.

use roost_core::id::SeriesId;

use crate::api::{
    EditSeries, EndSeries, ListSeries, NewSeries, SeriesDetail, SeriesList, SeriesPreview,
    SeriesSaved, SkipOccurrence,
};
use crate::series::{create, edit, end, list, skip};
use crate::{Engine, Result};

impl Engine {
    /// Says what a series would do: its next times, its cost, and what is wrong with it. Nothing is written.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn preview_series(&self, asked: NewSeries) -> Result<SeriesPreview> {
        create::preview(&self.state, asked).await
    }

    /// Makes a series, and its posts of the next 90 days. Later ones are made when their time comes near.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] names what to mend.
    pub async fn create_series(&self, asked: NewSeries) -> Result<SeriesSaved> {
        create::create(&self.state, asked).await
    }

    /// Returns the series, the newest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn list_series(&self, wanted: ListSeries) -> Result<SeriesList> {
        list::list(&self.state, wanted).await
    }

    /// Returns a series with its posts.
    ///
    /// # Errors
    /// When there is none, or the store can't be read.
    pub async fn series(&self, id: SeriesId) -> Result<SeriesDetail> {
        list::detail(&self.state, id).await
    }

    /// Changes a series with its posts that wait: all, or one and those that follow. A post that was
    /// changed by itself stays as it is.
    ///
    /// # Errors
    /// When there is none, it has ended, or was changed since the person saw it;
    /// [`crate::Error::Invalid`] names what to mend.
    pub async fn edit_series(&self, asked: EditSeries) -> Result<SeriesSaved> {
        edit::edit(&self.state, asked).await
    }

    /// Leaves an occurrence of a series out. A post that it has is cancelled.
    ///
    /// # Errors
    /// When the series has no such time, or its post is being sent or was.
    pub async fn skip_occurrence(&self, asked: SkipOccurrence) -> Result<SeriesSaved> {
        skip::skip(&self.state, asked).await
    }

    /// Ends a series: it makes no more posts, and those that wait are cancelled unless they are kept.
    ///
    /// # Errors
    /// When there is none, or it has ended.
    pub async fn end_series(&self, asked: EndSeries) -> Result<SeriesSaved> {
        end::end(&self.state, asked).await
    }
}
