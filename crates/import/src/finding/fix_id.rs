//! The closed list of fixes.

use serde::{Deserialize, Serialize};

macro_rules! fixes {
    ($($variant:ident = $label:literal: $doc:literal;)+) => {
        /// A fix of one click, for a row or for all rows that have the finding.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "specta", derive(specta::Type))]
        pub enum FixId {
            $(#[doc = $doc] $variant,)+
        }

        impl FixId {
            /// Every fix.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns what it does, in the words of a button.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }

            /// Returns what it does, in a sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $doc,)+ }
            }
        }
    };
}

fixes! {
    // The text.
    DecodeEntities = "Decode the entities":
        "Writes the characters that HTML entities stand for.";
    RemoveTags = "Remove the tags":
        "Removes HTML tags; what begins a line becomes a line break, a link keeps its address.";
    DecodeEscapes = "Make them line breaks":
        "Writes the line breaks, tabs and quotes that stand there as a backslash and a letter.";
    RemoveMarkdown = "Remove the Markdown":
        "Removes Markdown's marks; a link becomes its words and its address.";
    RemoveLeftover = "Remove these words":
        "Removes what the assistant that wrote the text said about it.";
    BreakLink = "Write it with a blank":
        "Puts a blank into the word, so that X makes no link of it.";
    RepairEncoding = "Repair the letters":
        "Reads the garbled letters again in the encoding that they were written in.";
    RemoveFormulaMark = "Remove the apostrophe":
        "Removes the apostrophe with which a program kept a spreadsheet from running the text.";
    RemoveCharacters = "Remove the characters":
        "Removes the characters that X refuses.";
    KeepOneCashtag = "Keep the first cashtag":
        "Keeps the first cashtag and takes the dollar sign off the others.";
    Shorten = "Shorten it":
        "Cuts the text at a word, so that it fits with an ellipsis.";
    MakeThread = "Make it a thread":
        "Splits the text at paragraphs, sentences and words into posts that fit.";
    MakeNumberedThread = "Make it a numbered thread":
        "Splits the text in the same way, and ends each post with its number, as in 2/5.";

    // The time.
    ReadAsWallTime = "Read it as the zone's time":
        "Takes the UTC mark off the time, so that it counts in the zone that is named.";
    UseZone = "Use the city's zone":
        "Writes the zone of the city instead of the abbreviation.";
    BeforeGap = "Post it before the clocks change":
        "Moves the time before the hour that clocks skip.";
    AfterGap = "Post it after the clocks change":
        "Moves the time by as much as clocks are put forward.";
    NextFreeTime = "Move it to the next free time":
        "Moves the row to the next time at which the account has no post.";
    Spread = "Spread them over the next free days":
        "Moves what is too much for a day or an hour to the next free times of the days after it.";

    // The row.
    MoveWaitingPost = "Move the waiting post here":
        "Gives the post that waits the row's time instead of making a second one.";
    MakeDraft = "Make it a draft":
        "Imports the row as a draft.";
    LeaveOut = "Leave it out":
        "Does not import the row.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fix_has_a_name_of_its_own_that_reads_back_and_plain_words() {
        for id in FixId::ALL {
            let name = serde_json::to_string(id).unwrap();
            assert_eq!(serde_json::from_str::<FixId>(&name).unwrap(), *id);
            assert!(id.label().starts_with(char::is_uppercase), "{name}");
            assert!(id.meaning().ends_with('.'), "{name}");
        }
    }
}
