//! Rules in a person's words, in both directions: `every 2 weeks on mon and fri`, `every month on the last
//! day`.

use crate::time_words::weekday;

const DAYS: [(&str, &str); 7] = [
    ("MO", "Monday"),
    ("TU", "Tuesday"),
    ("WE", "Wednesday"),
    ("TH", "Thursday"),
    ("FR", "Friday"),
    ("SA", "Saturday"),
    ("SU", "Sunday"),
];
const WEEKDAYS: &str = "MO,TU,WE,TH,FR";
/// Places of a day of the week within a month.
const PLACES: [(&str, &str); 5] =
    [("1", "first"), ("2", "second"), ("3", "third"), ("4", "fourth"), ("-1", "last")];

/// How a rule is written that could not be read.
pub(super) const EXAMPLES: &str = "write it as \"every day\", \"every weekday\", \"every 2 weeks on mon, fri\", \
                        \"every month on 15\" or \"every month on the last day\", or as a rule of RFC \
                        5545, such as FREQ=WEEKLY;BYDAY=MO";

/// Returns what words mean, as RFC 5545 writes it; none where they mean no rule.
pub(super) fn read(text: &str) -> Option<String> {
    let lower = text.to_lowercase().replace(',', " ");
    let mut words = lower.split_whitespace().peekable();
    words.next_if_eq(&"every");
    let interval = words.next_if(|word| word.parse::<u32>().is_ok());
    let unit = words.next()?;
    let mut rule = match unit {
        "day" | "days" | "daily" => "FREQ=DAILY".to_owned(),
        "weekday" | "weekdays" if interval.is_none() => format!("FREQ=WEEKLY;BYDAY={WEEKDAYS}"),
        "week" | "weeks" | "weekly" => "FREQ=WEEKLY".to_owned(),
        "month" | "months" | "monthly" => "FREQ=MONTHLY".to_owned(),
        "year" | "years" | "yearly" => "FREQ=YEARLY".to_owned(),
        day => match code_of_day(day) {
            Some(code) if interval.is_none() => format!("FREQ=WEEKLY;BYDAY={code}"),
            _ => return None,
        },
    };
    if let Some(interval) = interval {
        rule.push_str(";INTERVAL=");
        rule.push_str(interval);
    }
    let rest: Vec<&str> = words.filter(|word| !matches!(*word, "on" | "the" | "and")).collect();
    if rest.is_empty() {
        return Some(rule);
    }
    let on = match unit {
        "week" | "weeks" | "weekly" => days_of_week(&rest),
        "month" | "months" | "monthly" => place_in_month(&rest),
        _ => None,
    };
    on.map(|on| format!("{rule};{on}"))
}

fn code_of_day(word: &str) -> Option<&'static str> {
    let day = usize::try_from(weekday(word.trim_end_matches('s'))?).ok()?;
    DAYS.get(day.checked_sub(1)?).map(|(code, _)| *code)
}

fn days_of_week(words: &[&str]) -> Option<String> {
    let days: Option<Vec<&str>> = words.iter().map(|word| code_of_day(word)).collect();
    Some(format!("BYDAY={}", days?.join(",")))
}

fn place_in_month(words: &[&str]) -> Option<String> {
    let place = |word: &str| PLACES.iter().find(|(_, name)| *name == word).map(|(code, _)| *code);
    match words {
        ["last", "day"] => Some("BYMONTHDAY=-1".to_owned()),
        [which, day] if place(which).is_some() => {
            Some(format!("BYDAY={}{}", place(which)?, code_of_day(day)?))
        }
        days => {
            let number = |word: &&str| {
                let digits = word.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h']);
                digits.parse::<u8>().ok().filter(|day| (1..=31).contains(day))
            };
            let days = days.iter().filter(|word| **word != "day" && **word != "days");
            let days: Option<Vec<String>> =
                days.map(|word| number(word).map(|day| day.to_string())).collect();
            Some(format!("BYMONTHDAY={}", days?.join(",")))
        }
    }
}

/// Returns a rule of these parts in words, its end aside; none where there are no words for it.
pub(super) fn describe(parts: &[(&'static str, String)]) -> Option<String> {
    const SAID: [&str; 4] = ["FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY"];
    if parts.iter().any(|(name, _)| !SAID.contains(name)) {
        return None;
    }
    let part = |name: &str| {
        parts.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    };
    let (days, dates) = (part("BYDAY"), part("BYMONTHDAY"));
    let interval = part("INTERVAL");
    let every = |unit: &str| match interval {
        None => format!("every {unit}"),
        Some(number) => format!("every {number} {unit}s"),
    };
    Some(match (part("FREQ")?, days, dates) {
        ("DAILY", None, None) => every("day"),
        ("WEEKLY", None, None) => every("week"),
        ("WEEKLY", Some(WEEKDAYS), None) if interval.is_none() => "every weekday".to_owned(),
        ("WEEKLY", Some(days), None) => {
            let names: Option<Vec<String>> = days.split(',').map(name_of_day).collect();
            format!("{} on {}", every("week"), listed(&names?))
        }
        ("MONTHLY", None, None) => every("month"),
        ("MONTHLY", None, Some("-1")) => format!("{} on the last day", every("month")),
        ("MONTHLY", None, Some(dates)) if !dates.contains('-') => {
            let dates: Vec<String> = dates.split(',').map(str::to_owned).collect();
            let day = if dates.len() == 1 { "day" } else { "days" };
            format!("{} on {day} {}", every("month"), listed(&dates))
        }
        ("MONTHLY", Some(day), None) => {
            let (code, place) = PLACES.iter().find(|(code, _)| {
                day.strip_prefix(code).is_some_and(|rest| name_of_day(rest).is_some())
            })?;
            let name = name_of_day(day.strip_prefix(code)?)?;
            format!("{} on the {place} {name}", every("month"))
        }
        ("YEARLY", None, None) => every("year"),
        _ => return None,
    })
}

fn name_of_day(code: &str) -> Option<String> {
    DAYS.iter().find(|(known, _)| *known == code).map(|(_, name)| (*name).to_owned())
}

fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
