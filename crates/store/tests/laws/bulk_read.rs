//! Many posts are read with one statement each for rows, contents and tags, and say what each says alone.

use crate::common::*;
use roost_core::post::{Content, MediaRef, Part};
use roost_core::status::Actor;
use roost_store::{Filter, NewPost, Post};

#[test]
fn many_posts_say_and_carry_what_each_does_alone() {
    let store = memory();
    let picture = MediaRef {
        media_id: "0192f3a4-5c00-7e75-825a-e3240fb297fa".parse().unwrap(),
        alt_text: None,
        file: None,
    };
    let first = Part { media: vec![picture], ..Part::of_text("with a picture") };
    let thread = Content { parts: vec![first, Part::of_text("two"), Part::of_text("three")] };
    let posts: Vec<Post> = vec![
        create(&store, &NewPost { tags: vec!["zebra".into(), "Ant".into()], ..due("one", 30) }),
        create(&store, &NewPost { content: thread, ..due("thread", 20) }),
        create(&store, &draft("no time")),
    ];
    let gone = create(&store, &due("in the trash", 10));
    write(&store, |tx| tx.delete_post(gone.id, Actor::Person));
    let ids = [posts[2].id, gone.id, posts[0].id, posts[1].id];
    let found = read(&store, |read| read.live_posts(&ids));
    assert_eq!(
        found,
        [posts[2].clone(), posts[0].clone(), posts[1].clone()],
        "in the order asked for"
    );
    let all: Vec<&Post> = posts.iter().collect();
    let contents = read(&store, |read| read.contents_of(&all));
    let alone: Vec<Content> = posts.iter().map(|post| content(&store, post)).collect();
    assert_eq!(contents, alone);
    let tags = read(&store, |read| read.tags_of_posts(&ids));
    assert_eq!(tags.len(), 1, "those without tags are left out");
    assert_eq!(tags[&posts[0].id], ["Ant", "zebra"]);
    let listed = read(&store, |read| read.all_posts(&Filter::default(), 2));
    let soonest: Vec<_> = listed.iter().map(|post| post.content.as_str()).collect();
    assert_eq!(soonest.len(), 2, "no more than asked for");
    assert!(!soonest.contains(&"in the trash"));
}
