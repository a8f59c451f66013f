//! Texts that are nearly the same are warned of, once they have been compared.

use roost_core::failure::Code;
use roost_import::choices::Choices;
use roost_import::field::Field;
use roost_import::finding::FixId;
use roost_import::session::{CellChange, Outcome, Scope, Session};
use roost_import::surroundings::Surroundings;

use crate::common::*;

const ONE: &str = "Doors open at nine today, come early and bring a friend along.";
const OTHER: &str = "Doors open at nine today, come early and bring our friend along.";
const THIRD: &str = "Doors open at nine today, come early and bring the friend along.";

fn compared(text: &str, choices: Choices, surroundings: Surroundings) -> Session {
    let mut session = open(text, choices, surroundings);
    assert!(!session.summary().texts_compared);
    session.compare_texts(&unwatched).unwrap();
    assert!(session.summary().texts_compared);
    assert_adds_up(&session);
    session
}

fn told(session: &Session) -> Vec<(u32, String)> {
    let found = warnings(session).into_iter();
    let near = found.filter(|it| it.problem.code == Code::NearDuplicate);
    near.map(|it| (it.problem.row.unwrap(), it.problem.message)).collect()
}

#[test]
fn a_row_that_is_nearly_an_earlier_row_or_a_post_tells_where_the_other_is() {
    let text = file(&[&row(ONE, "2027-03-01 09:00"), &row(OTHER, "2027-03-03 09:00")]);
    let says = |who: &str, text: &str| format!("{who} says nearly the same: \"{}\"", clip(text));
    let session = compared(&text, mine(), connected());
    assert_eq!(told(&session), [(2, says("Row 1, of 2027-03-01 09:00,", ONE))]);
    assert_eq!(session.summary().ready, 2, "it stands in no way");

    let post = There::new(Some("11"), THIRD, Some("2027-03-15 08:00"));
    let session = compared(&text, mine(), with_posts(vec![post]));
    let rows: Vec<u32> = told(&session).iter().map(|it| it.0).collect();
    assert_eq!(rows, [1, 2]);
    assert_eq!(told(&session)[0].1, says("The post of 2027-03-15 08:00", THIRD));
}

fn clip(text: &str) -> String {
    roost_core::failure::clip(text, 60)
}

#[test]
fn texts_of_other_accounts_more_than_14_days_apart_or_left_out_are_not_told() {
    let rows = [
        row(ONE, "2027-03-01 09:00"),
        row(OTHER, "2027-03-15 09:01"),
        row(THIRD, "2027-03-02 09:00").replace('}', r#", "account": "@premium_bird"}"#),
        row(THIRD, "2027-03-03 09:00").replace('}', r#", "status": "published"}"#),
        row("Only 3 days left to sign up for the summer course", "2027-03-01 10:00"),
        row("Only 2 days left to sign up for the summer course", "2027-03-02 10:00"),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let posts = vec![There::new(Some("22"), ONE, Some("2027-03-30 09:00"))];
    let session = compared(&file(&rows), mine(), with_posts(posts));
    assert_eq!(told(&session), []);
}

#[test]
fn the_post_that_a_row_changes_is_not_told_beside_it() {
    let mut post = There::new(Some("11"), ONE, Some("2027-03-01 09:00"));
    post.own_id = Some("r1".to_owned());
    let text = file(&[&row(OTHER, "2027-03-01 09:00").replace('}', r#", "id": "r1"}"#)]);
    let update = Choices { update: true, ..mine() };
    let session = compared(&text, update, with_posts(vec![post]));
    assert_eq!(session.summary().updated, 1);
    assert_eq!(told(&session), []);
}

#[test]
fn all_that_are_nearly_the_same_are_left_out_with_one_fix() {
    let text = file(&[
        &row(ONE, "2027-03-01 09:00"),
        &row(OTHER, "2027-03-03 09:00"),
        &row("Something else altogether, and nothing like the others.", "2027-03-04 09:00"),
        &row(THIRD, "2027-03-05 09:00"),
    ]);
    let mut session = compared(&text, mine(), connected());
    let fixes = &warnings(&session)[0].fixes;
    assert!(fixes.iter().any(|fix| fix.id == FixId::LeaveOut));
    // Neither is offered for a row that is nearly none.
    assert!(session.apply(FixId::LeaveOut, Scope::Row(3)).unwrap().fixed.is_empty());
    assert_eq!(session.apply(FixId::LeaveOut, Scope::All).unwrap().fixed, [2, 4]);
    assert_adds_up(&session);
    assert_eq!(told(&session), []);
    let outcomes: Vec<Outcome> = views(&session).iter().map(|row| row.outcome).collect();
    use Outcome::{Ready, Skipped};
    assert_eq!(outcomes, [Ready, Skipped, Ready, Skipped]);
}

#[test]
fn rows_are_compared_some_at_a_time_and_a_cell_that_changes_meanwhile_at_once() {
    let rows: Vec<String> = (0..30)
        .map(|at| row(&format!("{} {}", ["Anna", "Bert", "Cleo"][at % 3], ONE), "2027-03-01 09:00"))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let mut session = open(&file(&rows), mine(), connected());
    assert!(session.compare_some_texts(10).unwrap());
    let change = |row, text: &str| CellChange { row, field: Field::Content, text: text.to_owned() };
    session.set_cells(&[change(2, "Something else"), change(29, OTHER)]).unwrap();
    while session.compare_some_texts(7).unwrap() {}
    assert_adds_up(&session);
    let mut fresh = open(&file(&rows), mine(), connected());
    fresh.set_cells(&[change(2, "Something else"), change(29, OTHER)]).unwrap();
    fresh.compare_texts(&unwatched).unwrap();
    assert_eq!(session.summary(), fresh.summary());
    assert_eq!(views(&session), views(&fresh));
    assert!(!told(&session).is_empty());
}

#[test]
fn a_comparison_that_is_given_up_ends() {
    let rows: Vec<String> =
        (0..20_000).map(|at| row(&format!("post {at}"), "2027-03-01 09:00")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let mut session = open(&file(&rows), mine(), connected());
    assert!(session.compare_texts(&|_| std::ops::ControlFlow::Break(())).is_err());
    assert!(!session.summary().texts_compared);
}
