//! Signing in with X from the window: begun here, allowed on X's page in the person's browser, ended by
//! the browser's way back or by a pasted address. The tokens go to the relay and are kept nowhere else.

use std::sync::{Mutex, PoisonError};

use roost_core::clock::SystemClock;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_engine::Engine;
use roost_engine::api::Failure;
use roost_sign_in::{App, ExpectedAccount, SignIn, SignedIn};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use url::Url;

use crate::environment::X_API_BASE;
use crate::failure::{of_a_sign_in, of_the_shell};
use crate::ipc::Type;

/// What a sign-in needs to know of the person's own app at X.
#[derive(Clone, Deserialize, Type)]
pub(crate) struct SignInRequest {
    /// The OAuth 2.0 client id of the app.
    client_id: String,
    /// Its client secret, where the app has one.
    client_secret: Option<String>,
    /// The account that is to sign in again; none for any.
    x_user_id: Option<XUserId>,
    /// Whether the person pastes the address that the browser ends on: the browser may run elsewhere.
    paste: bool,
}

/// Where the person goes on.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct SignInPage {
    /// X's page, for the person's browser.
    url: String,
    /// The callback address, which must stand in the app's settings to the letter.
    redirect_uri: String,
    /// Whether the browser comes back by itself; otherwise the person pastes.
    comes_back: bool,
}

/// The account that was connected.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct ConnectedAccount {
    /// X's id of the user.
    x_user_id: XUserId,
    /// The handle, without `@`.
    username: String,
}

impl ConnectedAccount {
    /// Returns the account as the window is told of it.
    pub(crate) const fn of(x_user_id: XUserId, username: String) -> Self {
        Self { x_user_id, username }
    }
}

/// The one sign-in that may be under way.
#[derive(Default)]
pub(crate) struct SigningIn {
    begun: Mutex<Option<Begun>>,
    paste: Mutex<Option<mpsc::Sender<String>>>,
}

/// A sign-in that was begun, until something waits for its end.
struct Begun {
    sign_in: SignIn,
    expected: Option<ExpectedAccount>,
    x_api_base: String,
    pasted: mpsc::Receiver<String>,
}

impl SigningIn {
    /// Begins a sign-in; one that was under way is over.
    pub(crate) async fn begin(
        &self,
        engine: &Engine,
        request: SignInRequest,
    ) -> Result<SignInPage, Failure> {
        self.cancel();
        let x_api_base = engine.x_api_base().await?.unwrap_or_else(|| X_API_BASE.to_owned());
        let url = Url::parse(&x_api_base)
            .map_err(|error| of_the_shell(format!("{x_api_base}: {error}.")))?;
        let app = App::new(&request.client_id, request.client_secret.as_deref());
        let sign_in = SignIn::begin(app, &url, !request.paste).await;
        let sign_in = sign_in.map_err(|error| of_a_sign_in(&error))?;
        let expected = match request.x_user_id {
            Some(id) => expected(engine, id).await?,
            None => None,
        };
        let page = SignInPage {
            url: sign_in.page().to_string(),
            redirect_uri: sign_in.redirect_uri().to_owned(),
            comes_back: sign_in.is_listening(),
        };
        let (paste, pasted) = mpsc::channel(1);
        *lock(&self.paste) = Some(paste);
        *lock(&self.begun) = Some(Begun { sign_in, expected, x_api_base, pasted });
        Ok(page)
    }

    /// Waits for the browser, or for what the person pastes; then gives the sign-in to the relay.
    pub(crate) async fn finish(&self, engine: &Engine) -> Result<ConnectedAccount, Failure> {
        let begun = lock(&self.begun).take().ok_or_else(none_under_way)?;
        let Begun { sign_in, expected, x_api_base, mut pasted } = begun;
        let address = tokio::select! {
            address = sign_in.browser_returned() => address.map_err(|error| of_a_sign_in(&error))?,
            address = pasted.recv() => address.ok_or_else(cancelled)?,
        };
        let signed_in = sign_in.complete(&address, expected.as_ref(), &SystemClock).await;
        let SignedIn { user, grant } = signed_in.map_err(|error| of_a_sign_in(&error))?;
        let account = engine.connect(user, grant).await?;
        engine.set_x_api_base(&x_api_base).await?;
        Ok(ConnectedAccount::of(account.x_user_id, account.username))
    }

    /// Takes the address that the browser ended on. A text that is none is refused, and the sign-in
    /// goes on: the person copies once more.
    pub(crate) fn paste(&self, address: String) -> Result<(), Failure> {
        let paste = lock(&self.paste).clone().ok_or_else(none_under_way)?;
        roost_sign_in::check_address(&address).map_err(|error| of_a_sign_in(&error))?;
        paste.try_send(address).map_err(|_| none_under_way())
    }

    /// Ends the sign-in that is under way, if there is one.
    pub(crate) fn cancel(&self) {
        *lock(&self.paste) = None;
        *lock(&self.begun) = None;
    }
}

async fn expected(engine: &Engine, id: XUserId) -> Result<Option<ExpectedAccount>, Failure> {
    let known = engine.accounts().await?.into_iter().find(|account| account.x_user_id == id);
    Ok(known.map(|account| ExpectedAccount { id, username: account.username }))
}

fn none_under_way() -> Failure {
    Failure::new(Code::SignInIncomplete, "No sign-in is under way. Begin it again.")
}

fn cancelled() -> Failure {
    Failure::new(Code::SignInIncomplete, "The sign-in was cancelled. Nothing was connected.")
}

fn lock<T>(place: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_pasted_without_a_sign_in_is_refused_in_words() {
        let signing_in = SigningIn::default();
        let refused = signing_in.paste("http://127.0.0.1/callback?code=a".to_owned()).unwrap_err();
        assert_eq!(refused.code, Code::SignInIncomplete);
        assert!(refused.message.contains("Begin it again"), "{}", refused.message);
    }

    #[tokio::test]
    async fn a_pasted_text_that_is_no_address_is_refused_and_the_sign_in_goes_on() {
        let signing_in = SigningIn::default();
        let (paste, mut pasted) = mpsc::channel(1);
        *lock(&signing_in.paste) = Some(paste);
        let refused = signing_in.paste("hello".to_owned()).unwrap_err();
        assert!(refused.message.contains("That is no address"), "{}", refused.message);
        let address = "http://127.0.0.1:1/callback?state=s&code=c".to_owned();
        signing_in.paste(address.clone()).unwrap();
        assert_eq!(pasted.recv().await, Some(address));
    }
}
