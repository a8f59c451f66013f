//! The address that X sent the browser to.

use url::Url;

use crate::error::Error;

/// The longest word of X's that is repeated to the person.
const WORD_MAX_CHARS: usize = 60;

/// Returns the code in a redirect address, when it is the answer to the sign-in with `state`.
pub(crate) fn code(address: &str, state: &str) -> Result<String, Error> {
    let address = parse(address)?;
    let value = |name: &str| value(&address, name);
    let (code, error) = (value("code"), value("error"));
    if value("state").as_deref() != Some(state) {
        return Err(Error::OtherSignIn);
    }
    match error.as_deref() {
        Some("access_denied") => return Err(Error::Denied),
        Some(word) => {
            let word = word.chars().filter(|c| !c.is_control()).take(WORD_MAX_CHARS).collect();
            return Err(Error::RefusedByX(word));
        }
        None => {}
    }
    code.filter(|code| !code.is_empty()).ok_or(Error::NoCode)
}

/// Checks that a text is an address that X may have sent a browser to. A host asks this before it gives
/// what was pasted to [`SignIn::complete`](crate::SignIn::complete), which ends the sign-in.
///
/// # Errors
/// [`Error::NotAnAddress`].
pub fn check_address(address: &str) -> Result<(), Error> {
    parse(address).map(drop)
}

/// Returns the address, when it has something of X's answer in it.
fn parse(address: &str) -> Result<Url, Error> {
    let address = Url::parse(address.trim()).map_err(|_| Error::NotAnAddress)?;
    if ["code", "error", "state"].iter().any(|name| value(&address, name).is_some()) {
        return Ok(address);
    }
    Err(Error::NotAnAddress)
}

fn value(address: &Url, name: &str) -> Option<String> {
    address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_answer_to_this_sign_in_is_taken() {
        let at = |query: &str| code(&format!(" http://127.0.0.1:1/callback?{query}\n"), "s");
        assert_eq!(at("state=s&code=c"), Ok("c".to_owned()));
        assert_eq!(at("state=other&code=c"), Err(Error::OtherSignIn));
        assert_eq!(at("code=c"), Err(Error::OtherSignIn));
        assert_eq!(at("state=s&error=access_denied"), Err(Error::Denied));
        assert_eq!(at("state=s&error=server_error"), Err(Error::RefusedByX("server_error".into())));
        assert_eq!(at("state=s"), Err(Error::NoCode));
        assert_eq!(at("state=s&code="), Err(Error::NoCode));
        for nonsense in ["", "code", "https://x.com/home"] {
            assert_eq!(code(nonsense, "s"), Err(Error::NotAnAddress), "{nonsense}");
        }
    }
}
