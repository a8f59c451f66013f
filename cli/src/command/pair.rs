//! `roost pair`

use std::io::IsTerminal;
use std::path::PathBuf;

use roost_engine::Endpoint;
use roost_pairing::{DeviceKey, KeptIn, Link, PairingLink};

use crate::args::Pair;
use crate::context::{Context, KEYRING_PATIENCE};
use crate::failure::Failure;
use crate::old_relay;
use crate::output::{Exit, Output};
use crate::secret;

pub(crate) async fn run(context: &Context, args: Pair) -> Result<Exit, Failure> {
    if args.qstash {
        return keep_token(context, args.qstash_url).await;
    }
    let offered = link(args.link, &context.output).await?;
    confirm(context, &offered, args.yes).await?;
    let next = name_of(&offered).to_owned();
    // Kept until the new pairing is: nothing may be handed to the old relay in between.
    let _left = if args.old_relay_is_gone {
        None
    } else {
        old_relay::leave(context, &next, "roost pair").await?
    };
    let mut link = match offered {
        PairingLink::Keys(link) => link,
        PairingLink::Invitation(invitation) => {
            let device = args.name.unwrap_or_else(roost_pairing::computer_name);
            invitation.redeem(&device, &DeviceKey::random()?).await?
        }
    };
    if link.qstash.is_none() {
        link.qstash = token(args.qstash_url, &context.output).await?;
    }
    let dropped = keep_known_token(context, &mut link).await?;
    let in_file = args.key_in_file;
    let kept_link = link.clone();
    let kept = keep(context, move |data| {
        roost_pairing::keep(&data, &kept_link, in_file, KEYRING_PATIENCE)
    });
    let kept = kept.await?;
    old_relay::forget_scheduler_refusal(context).await?;
    context.plain_engine().await?.note_pairing(&next).await?;
    if args.old_relay_is_gone {
        old_relay::is_gone(context, &next).await?;
    }
    let scheduler = link.qstash.map(|qstash| qstash.url);
    let relay = link.relay.url;
    let document = serde_json::json!({ "relay": relay, "keys": kept, "qstash": scheduler });
    context.output.result(&document, || {
        let status = match scheduler {
            Some(_) => "`roost status` asks it how it is.",
            None => {
                "QStash's token is not known yet, so that nothing is handed over: `roost pair \
                 --qstash` keeps it."
            }
        };
        let dropped = dropped.map(|why| format!(" {why}")).unwrap_or_default();
        format!("Paired with {relay}. Its keys are in {}.{dropped} {status}", place(kept))
    });
    Ok(Exit::Done)
}

/// The relay's name in the store.
fn name_of(link: &PairingLink) -> &str {
    match link {
        PairingLink::Invitation(invitation) => invitation.name(),
        PairingLink::Keys(link) => {
            link.public_url.as_ref().unwrap_or(&link.relay.url).trim_end_matches('/')
        }
    }
}

/// Shows which relay a one-time link names, and asks. A link with keys is not asked about: only the
/// relay's own command line prints one.
async fn confirm(context: &Context, link: &PairingLink, yes: bool) -> Result<(), Failure> {
    let had = roost_pairing::paired(&context.data).ok().flatten();
    let replaced = had.filter(|had| had.public_url != name_of(link));
    if let Some(had) = &replaced {
        let relay = &had.relay_url;
        context.output.say(&format!("This replaces the pairing with {relay}."));
    }
    let PairingLink::Invitation(invitation) = link else { return Ok(()) };
    let trust = match invitation.pin {
        Some(pin) => format!("only the one with the pin {} is taken", pin.short()),
        None => "checked by this system's roots".to_owned(),
    };
    context.output.say(&format!(
        "Relay:       {}\nFingerprint: {}\nCertificate: {trust}",
        invitation.host(),
        invitation.fingerprint(),
    ));
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(
            "Nothing was changed. Compare the fingerprint with what `roost-relay pair` shows; then run \
             this again with --yes.",
        ));
    }
    context.output.ask("Does the relay show the same, and is this computer to be paired? [y/N] ");
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|_| line)
    });
    let answer = answer.await.map_err(|error| Failure::work("internal", error.to_string()))?;
    if matches!(answer.unwrap_or_default().trim(), "y" | "Y" | "yes") {
        return Ok(());
    }
    Err(Failure::work("cancelled", "Nothing was changed."))
}

/// Takes the token that is kept already over to a link that names no scheduler, when the relay is the
/// same. Returns what to say of one that is dropped.
async fn keep_known_token(context: &Context, link: &mut Link) -> Result<Option<String>, Failure> {
    // A pairing that can't be read must not keep anybody from pairing again.
    let had = roost_pairing::paired(&context.data).ok().flatten();
    let Some(had) = had.filter(|had| had.has_qstash && link.qstash.is_none()) else {
        return Ok(None);
    };
    let (data, asked) = (context.data.clone(), link.clone());
    let kept = tokio::task::spawn_blocking(move || {
        roost_pairing::kept_qstash(&data, &asked, KEYRING_PATIENCE)
    });
    let why = match kept.await.map_err(|error| Failure::work("internal", error.to_string()))? {
        Ok(Some(qstash)) => {
            link.qstash = Some(qstash);
            return Ok(None);
        }
        Ok(None) => String::new(),
        Err(error) => format!(" {error}"),
    };
    let relay = had.relay_url;
    Ok(Some(format!("The QStash token that was kept for {relay} is not kept any more.{why}")))
}

/// Keeps QStash's token beside the pairing that there is.
async fn keep_token(context: &Context, url: String) -> Result<Exit, Failure> {
    // Before anybody types a token.
    if roost_pairing::paired(&context.data)?.is_none() {
        return Err(roost_pairing::Error::NotPaired.into());
    }
    let Some(qstash) = token(url, &context.output).await? else {
        return Err(Failure::usage(NO_TOKEN));
    };
    let url = qstash.url.clone();
    let kept =
        keep(context, move |data| roost_pairing::keep_scheduler(&data, &qstash, KEYRING_PATIENCE));
    let kept = kept.await?;
    old_relay::forget_scheduler_refusal(context).await?;
    context.output.result(&serde_json::json!({ "keys": kept, "qstash": url }), || {
        format!(
            "QStash's token is in {}. `roost doctor` tries it, and sends QStash's signing keys to the \
             relay.",
            place(kept)
        )
    });
    Ok(Exit::Done)
}

/// What is said where no token was given.
pub(super) const NO_TOKEN: &str = "There is no token. Type it when asked, write it to standard input, or \
                                   set QSTASH_TOKEN. QStash's console shows it.";

/// The link: from the person or from standard input; as an argument only with a warning.
async fn link(argument: Option<String>, output: &Output) -> Result<PairingLink, Failure> {
    if let Some(text) = argument.filter(|text| text != "-") {
        output.say(
            "A link among the arguments is seen by `ps` and kept in the shell's history, with its \
             keys. `roost pair` without it asks, or reads standard input.",
        );
        return Ok(PairingLink::parse(&text)?);
    }
    let question = "Pairing link (roost://pair?…; what you type is not shown): ";
    match ask(question, output).await? {
        Some(text) => Ok(PairingLink::parse(&text)?),
        None => Err(Failure::usage(
            "There is no pairing link. Type it when asked, or write it to standard input. \
             `roost-relay pair` on your server prints one.",
        )),
    }
}

/// QStash's token, as the environment or the person tells it.
pub(super) async fn token(url: String, output: &Output) -> Result<Option<Endpoint>, Failure> {
    let named = std::env::var("QSTASH_TOKEN").ok().filter(|token| !token.is_empty());
    let question = "QStash's token (not shown; Enter leaves it out): ";
    let token = match named {
        Some(token) => Some(token),
        None => ask(question, output).await?,
    };
    let Some(token) = token else { return Ok(None) };
    let url = if url.is_empty() { roost_pairing::QSTASH_URL.to_owned() } else { url };
    let endpoint = roost_pairing::qstash(url, token);
    endpoint.map(Some).map_err(|error| Failure::usage(error.to_string()))
}

async fn ask(question: &'static str, output: &Output) -> Result<Option<String>, Failure> {
    let output = output.clone();
    let asked = tokio::task::spawn_blocking(move || secret::read(question, &output));
    asked.await.map_err(|error| Failure::work("internal", error.to_string()))?
}

/// Writes to keyring and files, which may block.
pub(super) async fn keep(
    context: &Context,
    work: impl FnOnce(PathBuf) -> Result<KeptIn, roost_pairing::Error> + Send + 'static,
) -> Result<KeptIn, Failure> {
    let data = context.data.clone();
    let kept = tokio::task::spawn_blocking(move || work(data));
    Ok(kept.await.map_err(|error| Failure::work("internal", error.to_string()))??)
}

pub(super) const fn place(kept: KeptIn) -> &'static str {
    match kept {
        KeptIn::Keyring => "the keyring",
        KeptIn::File => "a file in the data folder that only you can read",
    }
}
