//! The person's own app at X.

use roost_x_api::Secret;

/// An app in X's developer portal. Its kind decides how it proves itself at the token endpoint,
/// and X refuses the other way, so the kind is named and never guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum App {
    /// "Native App" or "Single page App": has a client id and no secret.
    Public {
        /// The OAuth 2.0 client id.
        client_id: String,
    },
    /// "Web App" or "Automated App or Bot": has a client id and a secret.
    Confidential {
        /// The OAuth 2.0 client id.
        client_id: String,
        /// The OAuth 2.0 client secret.
        client_secret: Secret,
    },
}

impl App {
    /// Returns the app as the portal shows it: with a secret it is confidential, without one it is
    /// public. Spaces around pasted values are dropped; an empty secret is none.
    #[must_use]
    pub fn new(client_id: &str, client_secret: Option<&str>) -> Self {
        let client_id = client_id.trim().to_owned();
        match client_secret.map(str::trim).filter(|secret| !secret.is_empty()) {
            Some(secret) => Self::Confidential { client_id, client_secret: Secret::new(secret) },
            None => Self::Public { client_id },
        }
    }

    /// Returns the OAuth 2.0 client id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        match self {
            Self::Public { client_id } | Self::Confidential { client_id, .. } => client_id,
        }
    }

    /// Returns the OAuth 2.0 client secret of a confidential app.
    #[must_use]
    pub const fn client_secret(&self) -> Option<&Secret> {
        match self {
            Self::Public { .. } => None,
            Self::Confidential { client_secret, .. } => Some(client_secret),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_makes_an_app_confidential_and_spaces_of_a_paste_do_not_count() {
        assert_eq!(App::new(" id\n", None), App::Public { client_id: "id".to_owned() });
        assert_eq!(App::new("id", Some("  ")), App::Public { client_id: "id".to_owned() });
        let app = App::new("id", Some(" secret "));
        assert_eq!(app.client_secret().map(Secret::expose), Some("secret"));
        assert!(!format!("{app:?}").contains("secret\""), "{app:?}");
    }
}
