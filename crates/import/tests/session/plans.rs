//! An id of the person's own counts within its plan: that of the file, or that which its row names.

use roost_core::failure::Code;
use roost_import::choices::{Choices, ProblemPolicy};
use roost_import::mapping::Mapping;
use roost_import::rejects;
use roost_import::session::Session;

use crate::common::*;

/// A waiting post with the id 1 in a plan.
fn planned(plan: &str, text: &str) -> There {
    let mut post = There::new(Some("11"), text, Some("2027-03-02 09:00"));
    (post.own_id, post.plan) = (Some("1".to_owned()), Some(plan.to_owned()));
    post
}

fn updating() -> Choices {
    Choices { update: true, ..mine() }
}

/// Plan and the text of the post that it changes, of each row that is imported.
fn changed(session: &Session) -> Vec<(Option<String>, Option<String>)> {
    let views = views(session);
    let before = |row: u32| {
        let view = views.iter().find(|view| view.row == row)?;
        view.updates.as_ref().map(|post| post.parts.concat())
    };
    ready(session).into_iter().map(|row| (row.plan, before(row.row))).collect()
}

#[test]
fn rows_of_one_file_may_have_the_same_id_in_several_plans() {
    let posts = vec![planned("spring", "of spring"), planned("summer", "of summer")];
    let text = r#"{"plan": "spring", "timezone": "Asia/Kolkata", "posts": [
        {"id": "1", "content": "one", "scheduledAt": "2027-03-02 09:00"},
        {"id": "1", "plan": " summer ", "content": "two", "scheduledAt": "2027-03-03 09:00"},
        {"id": "1", "plan": "autumn", "content": "three", "scheduledAt": "2027-03-04 09:00"}]}"#;
    let session = open(text, updating(), with_posts(posts.clone()));
    assert!(errors(&session).is_empty(), "{:#?}", errors(&session));
    let some = |text: &str| Some(text.to_owned());
    let expected =
        [(None, some("of spring")), (some("summer"), some("of summer")), (some("autumn"), None)];
    assert_eq!(changed(&session), expected);

    let twice = text.replace("autumn", "summer");
    let session = open(&twice, updating(), with_posts(posts));
    assert_eq!(places(&errors(&session)), [(Code::OwnIdRepeated, Some(3), "id")]);
}

#[test]
fn an_export_of_several_plans_changes_the_post_of_each() {
    let posts = vec![planned("spring", "of spring"), planned("summer", "of summer")];
    let text = "id,content,scheduledAt,timezone,status,plan,postId\n\
                1,one,2027-03-02 09:00,Asia/Kolkata,pending,spring,\n\
                1,two,2027-03-02 09:00,Asia/Kolkata,pending,summer,\n";
    let mut table = table(text.as_bytes());
    table.defaults.plan = Some("export.csv".to_owned());
    let mapping = Mapping::recognise(&table);
    let session = Session::open(table, mapping, updating(), with_posts(posts)).unwrap();
    let texts: Vec<_> = changed(&session).into_iter().map(|(_, before)| before.unwrap()).collect();
    assert_eq!(texts, ["of spring", "of summer"]);
}

#[test]
fn a_plan_of_another_programs_table_is_no_field() {
    let text = "id,text,date,plan\n1,one,2027-03-02 09:00,spring\n";
    let session = open(text, updating(), with_posts(vec![planned("spring", "of spring")]));
    assert_eq!(changed(&session), [(None, None)]);
    let told = session.file_findings();
    assert!(told.iter().any(|it| it.problem.code == Code::UnknownColumn), "{told:#?}");
}

#[test]
fn rows_that_were_left_out_keep_their_plan() {
    let text = "id,text,date\n1,one,never\n2,two,2027-03-02 09:00\n";
    let mut table = table(text.as_bytes());
    table.defaults.plan = Some("May".to_owned());
    let mapping = Mapping::recognise(&table);
    let choices = Choices { problems: ProblemPolicy::Skip, ..mine() };
    let session = Session::open(table, mapping, choices, connected()).unwrap();
    let file = rejects::file(&session).unwrap().unwrap();
    let mended = String::from_utf8(file.bytes).unwrap().replace("never", "2027-03-03 09:00");
    let session = open(&mended, updating(), with_posts(vec![planned("May", "of May")]));
    assert_eq!(changed(&session), [(Some("May".to_owned()), Some("of May".to_owned()))]);
}
