//! Where the browser comes back to after a sign-in with X.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::failure::Failure;

/// X compares the redirect address byte for byte, port included: these stand in the app's settings.
pub(crate) const PORTS: [u16; 3] = [47_821, 47_822, 47_823];
const PATH: &str = "/callback";
const REQUEST_MAX_BYTES: usize = 16 * 1024;
/// How long a person may take to sign in.
const PATIENCE: Duration = Duration::from_mins(10);
/// How long one browser may take to send its request.
const REQUEST_PATIENCE: Duration = Duration::from_secs(10);

/// The address on `port` that X sends the browser to.
pub(crate) fn redirect_uri(port: u16) -> String {
    format!("http://127.0.0.1:{port}{PATH}")
}

/// A listener on the first free of [`PORTS`].
#[derive(Debug)]
pub(crate) struct Loopback {
    listener: TcpListener,
    port: u16,
}

impl Loopback {
    pub(crate) async fn bind() -> Option<Self> {
        for port in PORTS {
            if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
                return Some(Self { listener, port });
            }
        }
        None
    }

    pub(crate) fn redirect_uri(&self) -> String {
        redirect_uri(self.port)
    }

    /// Waits for the browser; gives the address it came with.
    pub(crate) async fn wait(self) -> Result<Url, Failure> {
        let accept = async {
            loop {
                let Ok((stream, _)) = self.listener.accept().await else { continue };
                // A browser may open connections that it never uses.
                let answered = tokio::time::timeout(REQUEST_PATIENCE, answer(stream, self.port));
                if let Ok(Some(url)) = answered.await {
                    return url;
                }
            }
        };
        tokio::time::timeout(PATIENCE, accept).await.map_err(|_| {
            Failure::work(
                "sign_in_timeout",
                "Nobody signed in within ten minutes. Run `roost login` again.",
            )
        })
    }
}

/// Reads one request and thanks the browser; `None` when it asked for something else.
async fn answer(mut stream: TcpStream, port: u16) -> Option<Url> {
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
    let target = text.lines().next()?.strip_prefix("GET ")?.split(' ').next()?.to_owned();
    let url = Url::parse(&format!("http://127.0.0.1:{port}{target}")).ok()?;
    let ours =
        url.path() == PATH && url.query_pairs().any(|(key, _)| key == "code" || key == "error");
    let (status, words) = if ours {
        ("200 OK", "Thank you. You can close this page and go back to Roost.")
    } else {
        ("404 Not Found", "There is nothing here.")
    };
    let body = format!("<!doctype html><meta charset=utf-8><title>Roost</title><p>{words}</p>");
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(body.as_bytes()).await.ok()?;
    stream.shutdown().await.ok();
    ours.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_browser_with_an_answer_ends_the_wait() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let wait = tokio::spawn(Loopback { listener, port }.wait());
        for target in ["/favicon.ico", "/callback", "/callback?code=c&state=s"] {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
            let request = format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
        }
        let url = wait.await.unwrap().unwrap();
        assert_eq!(url.query(), Some("code=c&state=s"));
    }
}
