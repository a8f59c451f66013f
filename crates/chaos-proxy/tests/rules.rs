//! What each rule does to a connection, seen from both of its ends.

use std::net::SocketAddr;
use std::time::Duration;

use roost_chaos_proxy::{Connection, Direction, End, Mix, Proxy, Rule};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);
/// Long enough to see that nothing comes.
const A_WHILE: Duration = Duration::from_millis(150);

/// An upstream that sends every byte back; it tells what it read of a connection and how that
/// ended for it.
async fn echo() -> (SocketAddr, mpsc::UnboundedReceiver<(Vec<u8>, bool)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, tell.clone()));
        }
    });
    (address, heard)
}

async fn answer(mut stream: TcpStream, tell: mpsc::UnboundedSender<(Vec<u8>, bool)>) {
    let (mut all, mut chunk) = (Vec::new(), [0; 1024]);
    let ended_well = loop {
        match stream.read(&mut chunk).await {
            Ok(0) => break true,
            Err(_) => break false,
            Ok(length) => {
                all.extend_from_slice(&chunk[..length]);
                let _ = stream.write_all(&chunk[..length]).await;
            }
        }
    };
    let _ = tell.send((all, ended_well));
}

/// Sends a text and reads until the end; the error when there is no good one.
async fn exchange(proxy: &Proxy, text: &[u8]) -> (Vec<u8>, bool) {
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    let sent = stream.write_all(text).await.is_ok() && stream.shutdown().await.is_ok();
    let mut read = Vec::new();
    let ended = timeout(PATIENCE, stream.read_to_end(&mut read)).await.expect("an end");
    (read, sent && ended.is_ok())
}

/// Waits until the connections are as they should be.
async fn come_to(proxy: &Proxy, holds: impl Fn(&[Connection]) -> bool) -> Vec<Connection> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let connections = proxy.connections();
        if holds(&connections) {
            return connections;
        }
        assert!(tokio::time::Instant::now() < deadline, "{connections:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn ended(proxy: &Proxy) -> Vec<Connection> {
    come_to(proxy, |all| all.iter().all(|connection| connection.end.is_some())).await
}

#[tokio::test]
async fn without_a_rule_every_byte_passes_both_ways() {
    let (upstream, mut heard) = echo().await;
    let proxy = Proxy::start(upstream).await.unwrap();
    let text: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    let (mut from, mut to) = stream.split();
    let mut back = Vec::new();
    let send = async {
        to.write_all(&text).await.unwrap();
        to.shutdown().await.unwrap();
    };
    let (_, read) = tokio::join!(send, from.read_to_end(&mut back));
    read.unwrap();
    assert_eq!(back, text);
    assert_eq!(heard.recv().await.unwrap(), (text.clone(), true));
    let connection = ended(&proxy).await[0];
    assert_eq!((connection.up, connection.down), (200_000, 200_000));
    assert_eq!((connection.number, connection.end), (0, Some(End::Closed)));
}

#[tokio::test]
async fn a_cut_lets_exactly_so_many_bytes_through() {
    let (upstream, mut heard) = echo().await;
    let proxy = Proxy::start(upstream).await.unwrap();
    let text = b"twelve bytes";
    proxy.plan(|number| Rule::Cut { direction: Direction::Down, after: number });
    for after in 0..=text.len() {
        let (read, _) = exchange(&proxy, text).await;
        assert_eq!(read, text[..after]);
        assert_eq!(heard.recv().await.unwrap().0, text, "the upstream had it all");
    }
    let connections = ended(&proxy).await;
    let (whole, cut) = connections.split_last().unwrap();
    assert!(cut.iter().all(|connection| connection.end == Some(End::Cut)));
    assert_eq!(whole.end, Some(End::Closed), "there was no byte more to be cut");

    proxy.set(Rule::Cut { direction: Direction::Up, after: 5 });
    let (_, _) = exchange(&proxy, text).await;
    assert_eq!(heard.recv().await.unwrap(), (b"twelv".to_vec(), true));
}

#[tokio::test]
async fn a_reset_is_an_error_at_both_ends_and_a_cut_is_none() {
    let (upstream, mut heard) = echo().await;
    let proxy = Proxy::start(upstream).await.unwrap();
    proxy.set(Rule::Reset { direction: Direction::Down, after: 0 });
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    let error = timeout(PATIENCE, stream.read(&mut [0; 8])).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert!(!heard.recv().await.unwrap().1, "the upstream read an error, too");
    proxy.set(Rule::Cut { direction: Direction::Down, after: 0 });
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    assert_eq!(timeout(PATIENCE, stream.read(&mut [0; 8])).await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn what_is_refused_never_reaches_the_upstream() {
    let (upstream, mut heard) = echo().await;
    let proxy = Proxy::start(upstream).await.unwrap();
    proxy.set(Rule::Refuse);
    let (read, well) = exchange(&proxy, b"hello").await;
    assert_eq!((read, well), (Vec::new(), false));
    let connection = ended(&proxy).await[0];
    assert_eq!((connection.up, connection.end), (0, Some(End::Refused)));
    proxy.heal();
    exchange(&proxy, b"after").await;
    assert_eq!(heard.recv().await.unwrap().0, b"after", "the first that it heard of");
}

#[tokio::test]
async fn a_delay_holds_one_direction_and_loses_nothing() {
    let (upstream, mut heard) = echo().await;
    let proxy = Proxy::start(upstream).await.unwrap();
    proxy.set(Rule::Delay { direction: Direction::Down, by: Duration::from_secs(3600) });
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(heard.recv().await.unwrap().0, b"hello");
    let mut back = Vec::new();
    assert!(timeout(A_WHILE, stream.read_to_end(&mut back)).await.is_err(), "it is held");
    proxy.set(Rule::Delay { direction: Direction::Down, by: Duration::from_millis(1) });
    timeout(PATIENCE, stream.read_to_end(&mut back)).await.unwrap().unwrap();
    assert_eq!(back, b"hello");
}

#[tokio::test]
async fn a_stall_is_silence_and_goes_on_where_it_stopped() {
    let (upstream, _heard) = echo().await;
    let proxy = Proxy::start(upstream).await.unwrap();
    proxy.set(Rule::Stall { direction: Direction::Down, after: 3 });
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    let mut first = [0; 3];
    timeout(PATIENCE, stream.read_exact(&mut first)).await.unwrap().unwrap();
    assert_eq!(&first, b"hel");
    assert!(timeout(A_WHILE, stream.read(&mut first)).await.is_err(), "silence");
    assert_eq!(proxy.connections()[0].end, None, "and it is open");
    proxy.set(Rule::Pass);
    let mut rest = [0; 2];
    timeout(PATIENCE, stream.read_exact(&mut rest)).await.unwrap().unwrap();
    assert_eq!(&rest, b"lo");
}

#[tokio::test]
async fn a_half_closed_connection_still_speaks_the_other_way() {
    let (upstream, mut heard) = echo().await;
    let proxy = Proxy::start(upstream).await.unwrap();
    proxy.set(Rule::HalfClose { direction: Direction::Up, after: 4 });
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    assert_eq!(heard.recv().await.unwrap(), (b"hell".to_vec(), true), "it reads an end");
    let mut back = [0; 4];
    timeout(PATIENCE, stream.read_exact(&mut back)).await.unwrap().unwrap();
    assert_eq!(&back, b"hell", "and its answer arrives");

    proxy.set(Rule::HalfClose { direction: Direction::Down, after: 0 });
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(b"one ").await.unwrap();
    assert_eq!(timeout(PATIENCE, stream.read(&mut back)).await.unwrap().unwrap(), 0);
    stream.write_all(b"two").await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(heard.recv().await.unwrap(), (b"one two".to_vec(), true));
}

#[tokio::test]
async fn a_rule_given_to_open_connections_counts_from_then() {
    let (upstream, _heard) = echo().await;
    let proxy = Proxy::start(upstream).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    let mut back = [0; 5];
    stream.write_all(b"hello").await.unwrap();
    timeout(PATIENCE, stream.read_exact(&mut back)).await.unwrap().unwrap();
    proxy.set(Rule::Cut { direction: Direction::Down, after: 2 });
    stream.write_all(b"again").await.unwrap();
    let mut rest = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert_eq!(rest, b"ag");
    assert_eq!(ended(&proxy).await[0].down, 7);
}

#[tokio::test]
async fn severing_ends_what_is_open_and_nothing_that_comes_later() {
    let (upstream, _heard) = echo().await;
    let proxy = Proxy::start(upstream).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(b"x").await.unwrap();
    come_to(&proxy, |all| all.first().is_some_and(|one| one.down == 1)).await;
    proxy.sever();
    let mut rest = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert_eq!(ended(&proxy).await[0].end, Some(End::Severed));
    assert_eq!(exchange(&proxy, b"later").await, (b"later".to_vec(), true));
}

#[tokio::test]
async fn an_upstream_that_is_gone_ends_the_connection_and_another_takes_its_place() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let proxy = Proxy::start(gone).await.unwrap();
    assert!(exchange(&proxy, b"hello").await.0.is_empty());
    assert_eq!(ended(&proxy).await[0].end, Some(End::Unreachable));
    let (upstream, _heard) = echo().await;
    proxy.point_at(upstream);
    assert_eq!(exchange(&proxy, b"hello").await.0, b"hello");
}

#[tokio::test]
async fn the_same_seed_does_the_same_to_the_same_connections() {
    let (upstream, _heard) = echo().await;
    let mix = Mix { stall: 0, most_bytes: 40, ..Mix::default() };
    let mut runs = Vec::new();
    for _ in 0..2 {
        let proxy = Proxy::start(upstream).await.unwrap();
        proxy.draw(mix, 11);
        for _ in 0..40 {
            exchange(&proxy, b"a request of forty bytes, more or less.").await;
        }
        let rules = ended(&proxy).await.into_iter().map(|one| one.rule).collect::<Vec<_>>();
        runs.push(rules);
    }
    assert_eq!(runs[0], runs[1]);
}
