//! The names of months and of the days of the week, in the languages in which people keep their plans:
//! English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Danish, Norwegian, Polish,
//! Czech, Turkish, Indonesian, Russian and Ukrainian; whole and shortened, without dots.
//!
//! No word here means two months or two days. Where a language of another list would bring one
//! (Croatian's `listopad` is October, Polish's is November), it is left out.

use std::collections::HashMap;
use std::sync::OnceLock;

/// The months, January first.
const MONTHS: [&str; 12] = [
    "january jan januar jänner jän januari janv janvier enero ene gennaio gen janeiro stycznia \
     styczeń sty ledna leden led ocak oca янв января январь січня січень",
    "february feb februar feber februari févr fév février fevrier febrero febbraio fevereiro fev \
     lutego luty lut února únor úno şubat şub subat февр фев февраля февраль лютого лютий",
    "march mar märz mär maerz mrz mars maart mrt marzo março marco marts marca marzec března březen \
     bře mart maret мар марта март березня березень",
    "april apr avril avr abril abr aprile kwietnia kwiecień kwi dubna duben dub nisan nis \
     апр апреля апрель квітня квітень",
    "may mai mayo maggio mag maio mei maj maja května květen kvě mayıs mayis мая май травня травень",
    "june jun juni juin junio giugno giu junho czerwca czerwiec cze června červen čvn haziran haz \
     июн июня июнь червня червень",
    "july jul juli juillet juil julio luglio lug julho lipca lipiec lip července červenec čvc temmuz \
     tem июл июля июль липня липень",
    "august aug août aout aoû agosto ago augustus augusti sierpnia sierpień sie srpna srpen srp \
     ağustos ağu agustos agu agt авг августа август серпня серпень",
    "september sep sept septembre septiembre setiembre settembre set setembro września wrzesień wrz \
     září zář eylül eyl сен сент сентября сентябрь вересня вересень",
    "october oct oktober okt octobre octubre ottobre ott outubro out października październik paź \
     října říjen říj ekim eki окт октября октябрь жовтня жовтень",
    "november nov novembre noviembre novembro listopada listopad lis listopadu kasım kas kasim \
     ноя нояб ноября ноябрь листопада листопад",
    "december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro grudnia \
     grudzień gru prosince prosinec pro aralık ara aralik desember des дек декабря декабрь грудня \
     грудень",
];

/// The days of the week, Monday first. `mar` is left to March, and to Tuesday where a month follows.
const WEEKDAYS: [&str; 7] = [
    "monday mon mo montag lundi lun lunes lunedì lunedi segunda segunda-feira maandag ma måndag mån \
     mandag man poniedziałek pon pondělí pazartesi pzt senin понедельник пн понеділок",
    "tuesday tue tues tu dienstag di mardi martes martedì martedi terça terça-feira ter dinsdag \
     tisdag tis tirsdag tir wtorek wt úterý salı selasa вторник вт вівторок",
    "wednesday wed we mittwoch mi mercredi mer miércoles miercoles mié mercoledì mercoledi quarta \
     quarta-feira qua woensdag wo onsdag ons środa śr středa çarşamba rabu среда ср середа",
    "thursday thu thur thurs th donnerstag do jeudi jeu jueves jue giovedì giovedi gio quinta \
     quinta-feira qui donderdag torsdag tors tor czwartek czw čtvrtek perşembe kamis четверг чт четвер",
    "friday fri fr freitag vendredi ven viernes vie venerdì venerdi sexta sexta-feira sex vrijdag vr \
     fredag fre piątek pt pátek cuma jumat пятница пт пʼятниця",
    "saturday sat sa samstag sonnabend samedi sam sábado sabado sáb sab sabato zaterdag za lördag lör \
     lørdag lør sobota sob cumartesi sabtu суббота сб субота",
    "sunday sun so sonntag su dimanche dim domingo dom domenica zondag zo söndag sön søndag søn \
     niedziela nd neděle pazar minggu воскресенье вс неділя",
];

/// Words that say when only from the day on which they are read.
const RELATIVE: &str = "today tomorrow tonight yesterday now asap immediately next this coming in ago \
     later soon heute morgen übermorgen jetzt sofort nächste nächsten nächster demain aujourd hui \
     maintenant prochain hoy mañana ahora próximo oggi domani ora prossimo hoje amanhã agora vandaag \
     morgen nu volgende day days week weeks month hour hours minutes eod eow";

/// Words that stand between the parts of a date and say nothing.
const FILLERS: &str = "of the at on um den der am de del do da di le la las los les el à às a o ore alle \
     kl klo den dnia godz om på uhr hs hrs h jam pukul saat в г року";

/// Words that stand between the beginning and the end of a span.
const RANGE: &str = "to until till bis through thru au hasta fino até tot";

/// Words that stand behind a day: `1st`, `2nd`, `1er`.
const ORDINALS: &str = "st nd rd th er ère º ª ° e";

fn index(
    lists: &'static [&'static str],
    word: &str,
    cell: &OnceLock<HashMap<&'static str, u8>>,
) -> Option<u8> {
    let known = cell.get_or_init(|| {
        let numbered = (1_u8..).zip(lists);
        numbered
            .flat_map(|(number, names)| names.split_whitespace().map(move |name| (name, number)))
            .collect()
    });
    known.get(word).copied()
}

/// Returns the number of a month, 1 to 12, by its name in small letters.
pub(super) fn month(word: &str) -> Option<u8> {
    static KNOWN: OnceLock<HashMap<&'static str, u8>> = OnceLock::new();
    index(&MONTHS, word, &KNOWN)
}

/// Returns the number of a day of the week, Monday 1 to Sunday 7, by its name in small letters.
pub(crate) fn weekday(word: &str) -> Option<u8> {
    static KNOWN: OnceLock<HashMap<&'static str, u8>> = OnceLock::new();
    index(&WEEKDAYS, word, &KNOWN)
}

/// Returns the English name of a day of the week, Monday 1 to Sunday 7.
pub(super) fn weekday_name(number: u8) -> &'static str {
    const NAMES: [&str; 7] =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    NAMES[usize::from(number.clamp(1, 7)) - 1]
}

/// Returns the English name of a month, 1 to 12.
pub(super) fn month_name(number: u32) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    NAMES[(number.clamp(1, 12) - 1) as usize]
}

fn holds(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known == word)
}

pub(super) fn is_relative(word: &str) -> bool {
    holds(RELATIVE, word)
}

pub(super) fn is_filler(word: &str) -> bool {
    holds(FILLERS, word)
}

pub(super) fn is_range(word: &str) -> bool {
    holds(RANGE, word)
}

pub(super) fn is_ordinal(word: &str) -> bool {
    holds(ORDINALS, word)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn no_word_means_two_months_or_two_days() {
        for lists in [&MONTHS[..], &WEEKDAYS[..]] {
            let mut seen: HashMap<&str, usize> = HashMap::new();
            for (number, names) in lists.iter().enumerate() {
                for name in names.split_whitespace() {
                    assert_eq!(*seen.entry(name).or_insert(number), number, "{name}");
                    assert_eq!(name, name.to_lowercase());
                }
            }
        }
    }
}
