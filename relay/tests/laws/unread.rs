//! A stranger's body is not read: who made the signature is asked before its first byte.

use std::time::Duration;

use roost_relay_api::{FAILURE_PATH, POST_TWEET_PATH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::World;

/// The answer to a request that promises two megabytes and sends none of them.
async fn answer_to_a_promise(world: &World, path: &str, signature: &str) -> String {
    let url: reqwest::Url = world.url(path).parse().expect("a URL");
    let address = url.socket_addrs(|| None).expect("an address")[0];
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 2000000\r\n{signature}\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = vec![0; 12];
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_exact(&mut answer)).await;
    read.expect("it is answered without its body").expect("read");
    String::from_utf8(answer).expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_stranger_s_delivery_no_byte_of_the_body_is_waited_for() {
    let world = World::new().await;
    for path in [POST_TWEET_PATH, FAILURE_PATH] {
        for signature in ["", "Upstash-Signature: a.b.c\r\n", "Upstash-Signature: \r\n"] {
            let answer = answer_to_a_promise(&world, path, signature).await;
            assert_eq!(answer, "HTTP/1.1 401", "{path} {signature}");
        }
    }
    assert_eq!(world.metric("signatures_refused_total").await, 6);
}
