//! A search's operators, in lists and in what changes all that a list shows.

use roost_core::failure::Code;
use roost_core::status::Status;
use roost_engine::api::{
    BulkTerms, ExportFilter, ExportPosts, FindDuplicates, Rewrite, RewriteChange, Selection,
};
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

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_come_in_pages_that_hold_each_group_whole_and_once() {
    let world = World::new().await;
    for text in ["a", "b", "c"] {
        for n in 0..3 {
            world.engine.create(new_post(text, 7200 + 60 * n)).await.unwrap();
        }
    }
    world.engine.create(new_post("a", 9000)).await.unwrap();
    world.engine.create(new_post("alone", 9000)).await.unwrap();
    let mut found = Vec::new();
    let mut request = FindDuplicates { limit: 2, ..FindDuplicates::default() };
    loop {
        let page = world.engine.find_duplicates(request.clone()).await.unwrap();
        assert_eq!((page.total, page.repeats), (3, 7));
        assert!(page.groups.len() <= 2);
        for group in page.groups {
            let text = group.posts[0].text.clone();
            assert!(group.posts.iter().all(|post| post.text == text));
            assert!(group.posts.is_sorted_by_key(|post| post.scheduled_at));
            found.push((text, group.posts.len()));
        }
        if page.next.is_none() {
            break;
        }
        request.after = page.next;
    }
    assert_eq!(found[0], ("a".to_owned(), 4), "the most often planned comes first");
    found.sort();
    let expected = [("a", 4), ("b", 3), ("c", 3)].map(|(text, posts)| (text.to_owned(), posts));
    assert_eq!(found, expected);
    request.after = Some("nowhere".to_owned());
    assert!(world.engine.find_duplicates(request).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_what_the_list_shows_and_nothing_else() {
    let world = World::new().await;
    let one = world.engine.create(new_post("one owl", 7200)).await.unwrap().post;
    world.engine.create(new_post("two owls", 7300)).await.unwrap();
    let draft = NewPost { draft: true, ..new_post("draft owl", 7400) };
    world.engine.create(draft).await.unwrap();
    let path = world.path("posts.csv");
    let exported = async |query: Option<PostQuery>, statuses: Vec<Status>| {
        let format = roost_import::export::ExportFormat::Csv;
        let filter = ExportFilter { statuses, ..ExportFilter::default() };
        let export = ExportPosts { format, filter, query, path: path.clone() };
        let told = world.engine.export_posts(export).await.unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let found = ["one owl", "two owls", "draft owl"].map(|words| text.contains(words));
        assert_eq!(told.posts, found.iter().filter(|it| **it).count() as u64);
        found
    };
    assert_eq!(exported(None, vec![]).await, [true, true, true]);
    let upcoming = PostQuery { view: View::Upcoming, ..PostQuery::default() };
    assert_eq!(exported(Some(upcoming.clone()), vec![]).await, [true, true, false]);
    let searched = PostQuery { search: Some("owls".to_owned()), ..upcoming.clone() };
    assert_eq!(exported(Some(searched), vec![]).await, [false, true, false]);
    let chosen = PostQuery { ids: vec![one.id], ..PostQuery::default() };
    assert_eq!(exported(Some(chosen), vec![]).await, [true, false, false]);
    let filtered = PostQuery { statuses: vec![Status::Pending], ..PostQuery::default() };
    assert_eq!(exported(Some(filtered.clone()), vec![]).await, [true, true, false]);
    assert_eq!(exported(Some(filtered), vec![Status::Draft]).await, [false, false, false]);
    let none = PostQuery { cause: Some("failed:x_refused:".to_owned()), ..PostQuery::default() };
    assert_eq!(exported(Some(none), vec![]).await, [false, false, false]);
}
