//! What in a text X turns into links, for previews.

use super::entity::{Entity, EntityKind};
use super::{cashtag, hashtag, mention, url};

/// Returns all entities of a text in its order, none overlapping another: the first one wins.
#[must_use]
pub fn entities(text: &str) -> Vec<Entity> {
    let mut all: Vec<Entity> = url::urls(text)
        .into_iter()
        .map(|span| Entity {
            kind: EntityKind::Url,
            start: span.start,
            end: span.end,
            value: span.url,
        })
        .chain(mention::find(text))
        .chain(hashtag::find(text))
        .chain(cashtag::find(text))
        .collect();
    all.sort_by_key(|entity| entity.start);
    let mut end = 0;
    all.retain(|entity| {
        let free = entity.start >= end;
        if free {
            end = entity.end;
        }
        free
    });
    all
}

/// Returns the cashtags of a text. X's self-serve plans refuse a post with more than one.
#[must_use]
pub fn cashtags(text: &str) -> Vec<Entity> {
    cashtag::find(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(EntityKind, String)> {
        entities(text).into_iter().map(|entity| (entity.kind, entity.value)).collect()
    }

    #[test]
    fn entities_come_in_the_order_of_the_text_and_never_overlap() {
        assert_eq!(
            kinds("$X via @ann/makers: #Öl on https://x.com/@bob#top and RT@eve"),
            [
                (EntityKind::Cashtag, "X".to_owned()),
                (EntityKind::Mention, "ann/makers".to_owned()),
                (EntityKind::Hashtag, "Öl".to_owned()),
                (EntityKind::Url, "https://x.com/@bob#top".to_owned()),
                (EntityKind::Mention, "eve".to_owned()),
            ]
        );
    }

    #[test]
    fn only_real_cashtags_are_counted() {
        assert_eq!(cashtags("$AAPL $MSFT.AX, $5 a$b $TOOLONGX $A_b").len(), 3);
    }
}
