//! A search's operators, in lists and in what changes all that a list shows.

use roost_core::failure::Code;
use roost_core::status::Status;
use roost_engine::api::{BulkTerms, Rewrite, RewriteChange, Selection};
use roost_engine::view::{PostQuery, View};
use roost_engine::{Error, NewPost};

use crate::world::{World, new_post};

fn search(text: &str) -> PostQuery {
    PostQuery { search: Some(text.to_owned()), ..PostQuery::default() }
}

async fn found(world: &World, text: &str) -> Vec<String> {
    let page = world.engine.posts(&search(text)).await.unwrap();
    assert_eq!(page.total, u64::try_from(page.posts.len()).unwrap(), "{text}");
    page.posts.into_iter().map(|row| row.text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_narrow_what_a_search_finds() {
    let world = World::new().await;
    let account = world.engine.accounts().await.unwrap()[0].username.clone();
    let tagged = NewPost { tags: vec!["launch".to_owned()], ..new_post("tagged owl", 7200) };
    let thread = NewPost { thread: vec!["more".to_owned()], ..new_post("long owl", 90_000_000) };
    let linked = new_post("see https://example.com/a owl", 7300);
    let draft = NewPost { draft: true, ..new_post("draft owl", 7400) };
    for post in [tagged, linked, draft, thread] {
        world.engine.create(post).await.unwrap();
    }
    for (text, texts) in [
        ("owl tag:LAUNCH", vec!["tagged owl"]),
        ("has:link", vec!["see https://example.com/a owl"]),
        ("has:thread owl", vec!["long owl"]),
        ("has:media", vec![]),
        ("status:draft", vec!["draft owl"]),
        ("status:posted owl", vec![]),
        ("after:\"2 weeks\"", vec!["long owl"]),
        ("tag:launch before:\"in 5 days\"", vec!["tagged owl"]),
        ("account:@nobody", vec![]),
        ("tag:nothing", vec![]),
    ] {
        assert_eq!(found(&world, text).await, texts, "{text}");
    }
    assert_eq!(found(&world, &format!("owl account:{account}")).await.len(), 4);
    let drafts = PostQuery { view: View::Upcoming, ..search("status:draft") };
    assert_eq!(world.engine.posts(&drafts).await.unwrap().total, 0, "a view narrows as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_means_nothing_finds_nothing_and_says_why() {
    let world = World::new().await;
    let post = world.engine.create(new_post("one owl", 7200)).await.unwrap().post;
    let page = world.engine.posts(&search("owl status:lost")).await.unwrap();
    assert_eq!((page.posts.len(), page.total), (0, 0));
    assert!(page.hint.unwrap().contains("Needs check"));
    // What would change all that is found reaches nothing either.
    let asked = Rewrite {
        selection: Selection { query: Some(search("owl before:whenever")), ..Selection::default() },
        change: RewriteChange::ToDraft,
        terms: BulkTerms::default(),
    };
    match world.engine.rewrite(asked).await {
        Ok(done) => assert_eq!(done.posts.len(), 0),
        Err(Error::Invalid(problems)) => assert_eq!(problems[0].code, Code::BadRequest),
        Err(error) => panic!("{error}"),
    }
    let now = world.engine.post(post.id).await.unwrap().row;
    assert_ne!(now.status, Status::Draft);
}
