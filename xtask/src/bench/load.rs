//! Load: requests made beforehand, sent over connections that stay open. One thread and no HTTP
//! library, so that what is measured has the processor to itself.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// An answer larger than this is none that a bench expects.
const ANSWER_MAX: usize = 64 * 1024;

/// How a load went.
#[derive(Debug)]
pub(crate) struct Fired {
    /// When the first byte left.
    pub(crate) begun: Instant,
    /// From a request's first byte to its answer's last; one for each request.
    pub(crate) latencies: Vec<Duration>,
}

/// A POST as it goes over the wire. `headers` are whole lines without their ends.
pub(crate) fn post(path: &str, host: &str, headers: &[String], body: &[u8]) -> Vec<u8> {
    let mut head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n",
        body.len()
    );
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

/// Sends all `requests` over `connections` connections, each sending its next one when the last
/// was answered. An answer other than 2xx is an error.
pub(crate) fn fire(
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
    connections: usize,
) -> Result<Fired> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    LocalSet::new().block_on(&runtime, async {
        let mut streams = Vec::with_capacity(connections);
        for _ in 0..connections {
            let stream = TcpStream::connect(address).await.context("no connection")?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        let latencies = Rc::new(RefCell::new(Vec::with_capacity(requests.len())));
        let queue = Rc::new(RefCell::new(requests.into_iter()));
        let begun = Instant::now();
        let mut tasks = Vec::with_capacity(connections);
        for stream in streams {
            let (queue, latencies) = (Rc::clone(&queue), Rc::clone(&latencies));
            tasks.push(tokio::task::spawn_local(work(stream, queue, latencies)));
        }
        for task in tasks {
            task.await??;
        }
        let latencies = latencies.take();
        Ok(Fired { begun, latencies })
    })
}

async fn work(
    mut stream: TcpStream,
    queue: Rc<RefCell<std::vec::IntoIter<Vec<u8>>>>,
    latencies: Rc<RefCell<Vec<Duration>>>,
) -> Result<()> {
    let mut answer = Vec::with_capacity(4096);
    loop {
        let Some(request) = queue.borrow_mut().next() else { return Ok(()) };
        let sent = Instant::now();
        stream.write_all(&request).await.context("a request could not be sent")?;
        answer.clear();
        while !is_whole(&answer)? {
            let read = stream.read_buf(&mut answer).await.context("no answer")?;
            if read == 0 || answer.len() > ANSWER_MAX {
                bail!("an answer was cut short: {}", String::from_utf8_lossy(&answer));
            }
        }
        if !answer.starts_with(b"HTTP/1.1 2") {
            bail!("the answer is no 2xx: {}", String::from_utf8_lossy(&answer));
        }
        latencies.borrow_mut().push(sent.elapsed());
    }
}

/// Whether head and body are there.
pub(crate) fn is_whole(answer: &[u8]) -> Result<bool> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(false);
    };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|length| length.trim().parse::<usize>().ok());
    match length {
        Some(length) => Ok(answer.len() >= end + 4 + length),
        None if head.contains("transfer-encoding: chunked") => Ok(answer.ends_with(b"0\r\n\r\n")),
        None => bail!("an answer does not say its length: {head}"),
    }
}

/// The value below which `share` (0 to 1) of the values lie.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    if values.is_empty() {
        return f64::NAN;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of the count of a vector is a place in it"
    )]
    let place = ((values.len() - 1) as f64 * share.clamp(0.0, 1.0)).round() as usize;
    values[place]
}

/// The middle value.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    quantile(values, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is_there() {
        let whole = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}";
        for cut in 0..whole.len() {
            assert!(!is_whole(&whole[..cut]).expect("a head"), "{cut} bytes");
        }
        assert!(is_whole(whole).expect("a head"));
        assert!(is_whole(b"HTTP/1.1 200 OK\r\n\r\n").is_err(), "no length");
    }

    #[test]
    fn a_quantile_is_a_value_that_was_measured() {
        let mut values = vec![5.0, 1.0, 3.0, 2.0, 4.0];
        assert!((median(&mut values) - 3.0).abs() < f64::EPSILON);
        assert!((quantile(&mut values, 1.0) - 5.0).abs() < f64::EPSILON);
        assert!(median(&mut []).is_nan());
    }
}
