//! By mail, over SMTP. Nothing leaves in the open, but to this machine.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message as Letterpaper, Tokio1Executor};

use super::Letter;
use crate::alarm_settings::{Mail, MailTls};

/// How long the whole of it may take.
const TIMEOUT: Duration = Duration::from_secs(30);

pub(super) async fn send(mail: &Mail, letter: &Letter) -> Result<(), String> {
    let paper = paper(mail, letter)?;
    let server = server(mail)?;
    let sent = tokio::time::timeout(TIMEOUT, server.send(paper)).await;
    let at = format!("{}:{}", mail.host, mail.port);
    match sent {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(format!("The mail server {at} did not take it: {}.", reason(&error))),
        Err(_) => Err(format!("The mail server {at} did not answer in time.")),
    }
}

fn paper(mail: &Mail, letter: &Letter) -> Result<Letterpaper, String> {
    let mailbox = |address: &str| {
        let read = address.parse::<Mailbox>();
        read.map_err(|error| format!("\"{address}\" is no mail address: {error}."))
    };
    let from = mailbox(&mail.from)?;
    let domain = from.email.domain().to_owned();
    let builder: MessageBuilder = Letterpaper::builder()
        .from(from)
        // The same for the same message, so that one that came twice is one.
        .message_id(Some(format!("<{}@{domain}>", letter.id)))
        .subject(&letter.message.subject)
        .header(ContentType::TEXT_PLAIN);
    let to = mail.to.iter().map(|address| mailbox(address)).collect::<Result<Vec<_>, _>>()?;
    let builder = to.into_iter().fold(builder, MessageBuilder::to);
    builder.body(letter.message.text.clone()).map_err(|error| format!("{error}."))
}

fn server(mail: &Mail) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let tls = match mail.tls {
        MailTls::Off => Tls::None,
        MailTls::Implicit => Tls::Wrapper(parameters(mail)?),
        MailTls::StartTls => Tls::Required(parameters(mail)?),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.host)
        .port(mail.port)
        .timeout(Some(TIMEOUT))
        .tls(tls);
    if let Some((user, password)) = &mail.user {
        let known = Credentials::new(user.clone(), password.expose().to_owned());
        builder = builder.credentials(known);
    }
    Ok(builder.build())
}

fn parameters(mail: &Mail) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(mail.host.clone());
    if let Some(roots) = &mail.roots {
        let unreadable = |why: String| format!("{} can't be read: {why}.", roots.display());
        let pem = std::fs::read(roots).map_err(|error| unreadable(error.to_string()))?;
        let root = Certificate::from_pem(&pem).map_err(|error| unreadable(error.to_string()))?;
        builder = builder.add_root_certificate(root);
    }
    builder.build().map_err(|error| format!("TLS can't be set up: {}.", reason(&error)))
}

/// The last cause says most.
fn reason(error: &lettre::transport::smtp::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let text: String = cause.to_string().chars().take(300).collect();
    text.trim_end_matches('.').to_owned()
}
