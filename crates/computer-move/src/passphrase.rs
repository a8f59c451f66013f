//! What a person seals the file with.

use std::fmt;

use age::secrecy::{ExposeSecret as _, SecretString};

use crate::{Error, PASSPHRASE_LETTERS_MIN};

/// A passphrase. It is in no log and no error, and wiped when it is dropped.
#[derive(Clone)]
pub struct Passphrase(SecretString);

impl fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passphrase(..)")
    }
}

impl Passphrase {
    /// Takes what the person typed.
    #[must_use]
    pub fn new(typed: String) -> Self {
        Self(SecretString::from(typed))
    }

    /// Refuses one that is too short to seal something with.
    ///
    /// # Errors
    /// [`Error::PassphraseTooShort`].
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.0.expose_secret().chars().count() {
            letters if letters < PASSPHRASE_LETTERS_MIN => Err(Error::PassphraseTooShort),
            _ => Ok(()),
        }
    }

    pub(crate) fn secret(&self) -> SecretString {
        self.0.clone()
    }
}
