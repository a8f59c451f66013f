//! The verifier against texts that are nearly right, on every toolchain; `fuzz/` does the same
//! for hours.

mod signature;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use proptest::prelude::*;
use roost_qstash::signature::Signer;
use sha2::{Digest, Sha256};
use signature::{BODY, NOW, URL};

/// A value of JSON that a claim may be mistaken for.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        (NOW - 400..NOW + 400).prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
        ".{0,20}".prop_map(|text| serde_json::Value::from(text).to_string()),
        Just(format!("\"{URL}\"")),
        Just("\"Upstash\"".to_owned()),
        Just(format!("\"{}\"", URL_SAFE.encode(Sha256::digest(BODY)))),
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("\"\\ud800\"".to_owned()),
    ]
}

/// Claims with good values, of which some are replaced, dropped, or given twice.
fn claims() -> impl Strategy<Value = String> {
    let names = ["aud", "body", "exp", "iat", "iss", "jti", "nbf", "sub"];
    let name = prop::sample::select(names.to_vec());
    prop::collection::vec((name, value()), 0..6).prop_map(|changes| {
        let hash = URL_SAFE.encode(Sha256::digest(BODY));
        let mut claims = vec![
            ("aud", "\"\"".to_owned()),
            ("body", format!("\"{hash}\"")),
            ("exp", (NOW + 300).to_string()),
            ("iat", NOW.to_string()),
            ("iss", "\"Upstash\"".to_owned()),
            ("jti", "\"jwt_1\"".to_owned()),
            ("nbf", "0".to_owned()),
            ("sub", format!("\"{URL}\"")),
        ];
        for (number, (name, value)) in changes.into_iter().enumerate() {
            match number % 3 {
                0 => claims
                    .iter_mut()
                    .filter(|(it, _)| *it == name)
                    .for_each(|it| it.1 = value.clone()),
                1 => claims.retain(|(it, _)| *it != name),
                _ => claims.push((name, value)),
            }
        }
        let fields: Vec<String> =
            claims.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", fields.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_is_believed_that_the_key_did_not_make(
        cut in any::<prop::sample::Index>(),
        between in "[-_A-Za-z0-9.= ]{0,8}",
        key in "sig_[a-z]{0,8}",
    ) {
        let token = Signer::new(key).sign(URL, BODY, NOW);
        let at = cut.index(token.len() + 1);
        signature::header(format!("{}{between}{}", &token[..at], &token[at..]).as_bytes());
        signature::header(between.as_bytes());
    }

    #[test]
    fn whatever_a_good_key_signed_is_held_to_its_address_body_and_time(claims in claims()) {
        signature::claims(claims.as_bytes());
    }

    #[test]
    fn bytes_of_any_kind_are_no_claims(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        signature::header(&bytes);
        signature::claims(&bytes);
    }
}
