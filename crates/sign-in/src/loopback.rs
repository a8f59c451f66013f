//! Where the browser comes back to: a listener on this computer that serves one address.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// X compares the redirect address byte for byte, port included, so the ports are fixed: these
/// stand in the app's settings. The second and third serve when another program has the first.
pub const REDIRECT_PORTS: [u16; 3] = [47_821, 47_822, 47_823];

const PATH: &str = "/callback";
const REQUEST_MAX_BYTES: usize = 16 * 1024;
/// How long one browser connection may take to send its request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Returns the callback addresses to register in X's developer portal.
#[must_use]
pub fn redirect_uris() -> [String; 3] {
    REDIRECT_PORTS.map(redirect_uri)
}

/// Returns the callback address on `port`.
pub(crate) fn redirect_uri(port: u16) -> String {
    format!("http://127.0.0.1:{port}{PATH}")
}

/// A listener on one port of this computer.
#[derive(Debug)]
pub(crate) struct Loopback {
    listener: TcpListener,
    port: u16,
}

impl Loopback {
    /// Returns a listener on the first free port of `ports`, or `None` when all are taken.
    pub(crate) async fn bind(ports: &[u16]) -> Option<Self> {
        for port in ports {
            if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).await {
                let port = listener.local_addr().ok()?.port();
                return Some(Self { listener, port });
            }
        }
        None
    }

    pub(crate) fn redirect_uri(&self) -> String {
        redirect_uri(self.port)
    }

    /// Waits without end for a browser that brings a code or an error; returns the address it asked
    /// for. May be dropped and called again.
    pub(crate) async fn accept(&self) -> Url {
        loop {
            let Ok((stream, _)) = self.listener.accept().await else {
                // Out of file handles, say: a pause keeps this from spinning.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            // A browser may open connections that it never uses.
            let answered = tokio::time::timeout(REQUEST_TIMEOUT, answer(stream, self.port));
            if let Ok(Some(url)) = answered.await {
                return url;
            }
        }
    }
}

/// Reads one request and thanks the browser. Returns `None` when it asked for something else.
async fn answer(mut stream: TcpStream, port: u16) -> Option<Url> {
    let target = request_target(&mut stream).await?;
    let url = Url::parse(&format!("http://127.0.0.1:{port}{target}")).ok()?;
    let value = |name: &str| url.query_pairs().any(|(key, _)| key == name);
    let is_answer = url.path() == PATH && (value("code") || value("error"));
    let (status, words) = match (is_answer, value("error")) {
        (false, _) => ("404 Not Found", "There is nothing here."),
        (true, true) => ("200 OK", "X did not allow it. Close this page and go back to Roost."),
        (true, false) => ("200 OK", "Thank you. Close this page and go back to Roost."),
    };
    let body = format!(
        "<!doctype html><meta charset=utf-8><meta name=color-scheme content=\"light dark\">\
         <title>Roost</title><p>{words}</p>"
    );
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // Thanks that do not arrive change nothing: the code did.
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body.as_bytes()).await;
    let _ = stream.shutdown().await;
    is_answer.then_some(url)
}

/// Returns the path and query of one GET request.
async fn request_target(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut chunk = [0; 2048];
    while !request.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        let read = stream.read(&mut chunk).await.ok()?;
        if read == 0 || request.len() + read > REQUEST_MAX_BYTES {
            return None;
        }
        request.extend_from_slice(&chunk[..read]);
    }
    let text = String::from_utf8_lossy(&request);
    Some(text.lines().next()?.strip_prefix("GET ")?.split(' ').next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn only_the_browser_with_an_answer_ends_the_wait() {
        let loopback = Loopback::bind(&[0]).await.unwrap();
        let port = loopback.port;
        let waiting = tokio::spawn(async move { loopback.accept().await });
        for target in ["/favicon.ico", "/callback", "/other?code=c"] {
            let answer = ask(port, &format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n")).await;
            assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
        }
        let answer = ask(port, "GET /callback?code=c&state=s HTTP/1.1\r\nHost: h\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(waiting.await.unwrap().query(), Some("code=c&state=s"));
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_passed_over() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(Loopback::bind(&[port]).await.is_none());
        assert_ne!(Loopback::bind(&[port, 0]).await.unwrap().port, port);
    }
}
