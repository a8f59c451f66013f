//! Dates as Chinese, Japanese and Korean write them, turned into plain ones: `2027年3月1日 午前9時`,
//! `2027년 3월 1일 오후 2:30`, and digits of full width.

use std::borrow::Cow;

const MORNING: [&str; 3] = ["午前", "上午", "오전"];
const AFTERNOON: [&str; 3] = ["午後", "下午", "오후"];

/// Returns a text with what stands for year, month, day, hour and minute made into marks; the text
/// itself where there is nothing of the kind.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|letter| is_wide(letter) || is_unit(letter)) {
        return Cow::Borrowed(text);
    }
    let mut text: String = text.chars().map(narrow).collect();
    for (words, half) in [(MORNING, " am "), (AFTERNOON, " pm ")] {
        for word in words {
            text = text.replace(word, half);
        }
    }
    Cow::Owned(units(&without_weekday(&text)))
}

fn is_wide(letter: char) -> bool {
    ('\u{ff01}'..='\u{ff5e}').contains(&letter)
}

/// The ASCII letter of one of full width.
fn narrow(letter: char) -> char {
    if !is_wide(letter) {
        return letter;
    }
    char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter)
}

fn is_unit(letter: char) -> bool {
    matches!(letter, '年' | '月' | '日' | '号' | '時' | '时' | '点' | '點' | '分' | '秒')
        || matches!(letter, '년' | '월' | '일' | '시' | '분' | '초' | '午' | '오')
}

/// Takes the day of the week out, in parentheses as in `(月)` or as `星期一`, `월요일`.
fn without_weekday(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let in_parentheses = rest
            .strip_prefix('(')
            .and_then(|inside| inside.split_once(')'))
            .filter(|(inside, _)| !inside.is_ascii() && inside.chars().count() <= 3);
        let named = ["星期", "週", "周"].iter().find_map(|word| rest.strip_prefix(word));
        rest = if let Some((_, after)) = in_parentheses {
            after
        } else if let Some(after) = named {
            after.get(after.chars().next().map_or(0, char::len_utf8)..).unwrap_or("")
        } else if let Some(after) =
            rest.get(letter.len_utf8()..).filter(|a| a.starts_with("요일") || a.starts_with("曜日"))
        {
            &after["요일".len()..]
        } else {
            kept.push(letter);
            &rest[letter.len_utf8()..]
        };
    }
    kept
}

fn units(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '年' | '月' | '년' | '월' => {
                plain.push('-');
                while letters.next_if(|next| next.is_whitespace()).is_some() {}
            }
            '日' | '号' | '일' | '秒' | '초' => plain.push(' '),
            '時' | '时' | '点' | '點' | '시' => {
                while letters.next_if(|next| next.is_whitespace()).is_some() {}
                let has_minutes = letters.peek().is_some_and(char::is_ascii_digit);
                plain.push_str(if has_minutes { ":" } else { ":00" });
            }
            '分' | '분' => {
                while letters.next_if(|next| next.is_whitespace()).is_some() {}
                let has_seconds = letters.peek().is_some_and(char::is_ascii_digit);
                plain.push_str(if has_seconds { ":" } else { " " });
            }
            other => plain.push(other),
        }
    }
    plain
}
