//! The real program in a folder of its own, everything it says written down, and X behind a wire
//! that is listened to.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use roost_relay_api::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_secs(120);

/// A wire on which everything is heard: from here the test knows what X granted.
pub(super) struct Wire {
    pub(super) address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Wire {
    pub(super) async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(target).await else { continue };
                let ((near_in, near_out), (far_in, far_out)) =
                    (near.into_split(), far.into_split());
                tokio::spawn(carry(near_in, far_out, Arc::clone(&ear)));
                tokio::spawn(carry(far_in, near_out, Arc::clone(&ear)));
            }
        });
        Self { address, heard }
    }

    pub(super) fn heard(&self) -> Vec<u8> {
        self.heard.lock().expect("whole").clone()
    }

    /// The values of a field of JSON, wherever it was heard.
    pub(super) fn values(&self, field: &str) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.heard()).into_owned();
        let start = format!("\"{field}\":\"");
        let mut values: Vec<String> = text
            .split(&start)
            .skip(1)
            .filter_map(|rest| rest.split('"').next().map(str::to_owned))
            .collect();
        values.sort();
        values.dedup();
        values
    }
}

async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    ear: Arc<Mutex<Vec<u8>>>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        ear.lock().expect("whole").extend(&buffer[..count]);
        if to.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
}

/// The program's folder, its configuration, and what it said.
pub(super) struct House {
    folder: tempfile::TempDir,
    pub(super) address: SocketAddr,
    runs: u32,
}

/// A run of `serve`, killed when dropped.
pub(super) struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl House {
    pub(super) fn new() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("said")).expect("a folder");
        Self { folder, address, runs: 0 }
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Everything that was said in any run.
    pub(super) fn said_at_all(&self) -> String {
        let files = std::fs::read_dir(self.folder.path().join("said")).expect("a folder");
        files
            .map(|file| std::fs::read_to_string(file.expect("an entry").path()).expect("text"))
            .collect()
    }

    pub(super) fn configure(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    }

    fn program(&self, config: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost-relay"));
        command.arg("--config").arg(self.folder.path().join(config));
        command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
        command
    }

    /// A file for what a run says.
    fn said(&mut self) -> File {
        self.runs += 1;
        let name = format!("said/{}.log", self.runs);
        File::create(self.folder.path().join(name)).expect("a file")
    }

    /// Runs a command to its end and keeps what it said.
    pub(super) fn run(&mut self, config: &str, arguments: &[&str]) -> Output {
        use std::io::Write;
        let output = self.program(config).args(arguments).output().expect("ran");
        let mut said = self.said();
        said.write_all(&output.stdout).expect("written");
        said.write_all(&output.stderr).expect("written");
        output
    }

    /// Runs a command whose answer is a secret: nothing of it is kept.
    pub(super) fn ask(&self, config: &str, arguments: &[&str]) -> String {
        let output = self.program(config).args(arguments).output().expect("ran");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    pub(super) async fn serve(
        &mut self,
        config: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
        client: impl FnOnce() -> Client,
    ) -> Serving {
        let child = self
            .program(config)
            .arg("serve")
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(self.said())
            .stderr(self.said())
            .spawn()
            .expect("the program starts");
        let (serving, client) = (Serving(child), client());
        let deadline = Instant::now() + PATIENCE;
        while client.status().await.is_err() {
            assert!(Instant::now() < deadline, "the program does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        serving
    }
}
