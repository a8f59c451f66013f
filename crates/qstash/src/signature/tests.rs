//! Laws of the signature. The known tokens were computed by another implementation:
//! ```python
//! import base64, hashlib, hmac, json
//! part = lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
//! signed = part(b'{"alg":"HS256","typ":"JWT"}') + "." + part(
//!     json.dumps(claims, separators=(",", ":"), sort_keys=True).encode())
//! token = signed + "." + part(hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest())
//! ```

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use proptest::prelude::*;

use super::claims::body_hash;
use super::key::Key;
use super::{CLOCK_TOLERANCE_SECONDS, Claims, MatchedKey, Refused, Signer, Verifier};

/// QStash's public keys for development.
const CURRENT: &str = "sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r";
const NEXT: &str = "sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs";
const URL: &str = "https://relay.example/api/qstash/post-tweet";
const BODY: &[u8] = br#"{"postId":"p","revision":1}"#;
const SIGNED_AT: i64 = 1_800_000_000;
const SIGNED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOiIiLCJib2R5IjoiZjdSNlp5SEFC\
    UEdyaHRzcmFad21VcFBiUlBDRGRyU29QUjIxTzktYWxQYz0iLCJleHAiOjE4MDAwMDAzMDAsImlhdCI6MTgwMDAwMDAwMCw\
    iaXNzIjoiVXBzdGFzaCIsImp0aSI6Imp3dF80aVZiU1Z3cHpzTEFiUmJScmJZaUxWRnZSTFh6IiwibmJmIjotNjIxMzU1OT\
    Y4MDAsInN1YiI6Imh0dHBzOi8vcmVsYXkuZXhhbXBsZS9hcGkvcXN0YXNoL3Bvc3QtdHdlZXQifQ";
const BY_CURRENT: &str = "cbc_MGWZ3Na6iRNyqsfKvtX8R1ALjWIB3FhxOZr1B_Y";
const BY_NEXT: &str = "YQ-zflOQMselLSlJfrWmSs4X0No_OoJvq0NPOXYz55o";

fn claims() -> Claims {
    Claims {
        aud: String::new(),
        body: body_hash(BODY),
        exp: SIGNED_AT + 300,
        iat: SIGNED_AT,
        iss: "Upstash".into(),
        jti: "jwt_4iVbSVwpzsLAbRbRrbYiLVFvRLXz".into(),
        nbf: -62_135_596_800,
        sub: URL.into(),
    }
}

fn verifier() -> Verifier {
    Verifier::new(CURRENT, NEXT)
}

fn verify(token: &str) -> Result<Claims, Refused> {
    verifier().verify(token, BODY, &[URL], SIGNED_AT)
}

/// A token of any header and claims, with a good HMAC.
fn signed(header: &str, claims: &str) -> String {
    let (header, claims) = (URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let text = format!("{header}.{claims}");
    let mac = Key::new(CURRENT.into()).mac(text.as_bytes()).finalize().into_bytes();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac))
}

#[test]
fn we_sign_as_another_implementation_does() {
    assert_eq!(Signer::new(CURRENT).token(&claims()), format!("{SIGNED}.{BY_CURRENT}"));
    assert_eq!(Signer::new(NEXT).token(&claims()), format!("{SIGNED}.{BY_NEXT}"));
}

#[test]
fn tokens_of_both_keys_are_believed() {
    let named = |mac: &str| {
        verifier().verify_and_name_key(&format!("{SIGNED}.{mac}"), BODY, &[URL], SIGNED_AT).unwrap()
    };
    assert_eq!(named(BY_CURRENT), (claims(), MatchedKey::Current));
    assert_eq!(named(BY_NEXT), (claims(), MatchedKey::Next));
    assert_eq!(
        Verifier::new("sig_other", "sig_another").verify(
            &format!("{SIGNED}.{BY_CURRENT}"),
            BODY,
            &[URL],
            SIGNED_AT
        ),
        Err(Refused::Key)
    );
}

#[test]
fn a_body_is_worth_reading_only_with_a_token_of_our_keys_whatever_it_was_made_for() {
    let verifier = verifier();
    for mac in [BY_CURRENT, BY_NEXT] {
        assert_eq!(verifier.is_made_by_us(&format!("{SIGNED}.{mac}")), Ok(()));
    }
    let elsewhere = Signer::new(CURRENT).sign("https://elsewhere.example", b"", 0);
    assert_eq!(verifier.is_made_by_us(&elsewhere), Ok(()));
    let of_others = Signer::new("sig_other").sign(URL, BODY, SIGNED_AT);
    assert_eq!(verifier.is_made_by_us(&of_others), Err(Refused::Key));
    assert!(matches!(verifier.is_made_by_us("no token"), Err(Refused::Malformed(_))));
}

#[test]
fn an_empty_key_matches_nothing() {
    let token = Signer::new("").sign(URL, BODY, SIGNED_AT);
    let verifier = Verifier::new("", "");
    assert_eq!(verifier.verify(&token, BODY, &[URL], SIGNED_AT), Err(Refused::Key));
}

#[test]
fn every_attempt_has_its_own_token() {
    let signer = Signer::new(CURRENT);
    let (one, other) = (signer.sign(URL, BODY, SIGNED_AT), signer.sign(URL, BODY, SIGNED_AT));
    assert_ne!(verify(&one).unwrap().jti, verify(&other).unwrap().jti);
}

#[test]
fn other_algorithms_are_refused_even_with_a_good_hmac() {
    let claims = serde_json::to_string(&claims()).unwrap();
    for alg in ["none", "None", "HS384", "HS512", "RS256", "hs256", ""] {
        let token = signed(&format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#), &claims);
        assert_eq!(verify(&token), Err(Refused::Algorithm), "{alg}");
    }
    let unsigned = format!("{}.", signed(r#"{"alg":"none"}"#, &claims).rsplit_once('.').unwrap().0);
    assert_eq!(verify(&unsigned), Err(Refused::Algorithm));
}

#[test]
fn the_url_is_bound_byte_for_byte() {
    for other in [
        "https://relay.example/api/qstash/failure",
        "https://relay.example/api/qstash/post-tweet/",
        "https://relay.example/api/qstash/post-tweet?x=1",
        "http://relay.example/api/qstash/post-tweet",
        "https://RELAY.example/api/qstash/post-tweet",
        "https://relay.example:443/api/qstash/post-tweet",
    ] {
        let token = Signer::new(CURRENT).sign(other, BODY, SIGNED_AT);
        assert_eq!(verify(&token), Err(Refused::Url { signed_for: other.into() }));
        assert!(verifier().verify(&token, BODY, &[URL, other], SIGNED_AT).is_ok());
    }
}

#[test]
fn a_hash_without_padding_is_the_same_hash_and_no_other_form_is() {
    let hash = body_hash(BODY);
    let with = |body: &str| {
        verify(&Signer::new(CURRENT).token(&Claims { body: body.to_owned(), ..claims() }))
    };
    let bare = hash.trim_end_matches('=');
    assert!(with(&hash).is_ok() && with(bare).is_ok());
    let spare_bits = format!("{}d=", &bare[..bare.len() - 1]);
    assert_eq!(&bare[bare.len() - 1..], "c", "\"d\" decodes to the same bytes");
    for other in ["", "=", &format!("{hash}="), &format!(" {hash}"), &spare_bits, &bare[1..]] {
        assert_eq!(with(other), Err(Refused::Body), "{other}");
    }
}

#[test]
fn a_token_that_asks_for_an_extension_is_void() {
    let claims = serde_json::to_string(&claims()).unwrap();
    let token = |header: &str| signed(header, &claims);
    assert!(verify(&token(r#"{"alg":"HS256","typ":"JWT","kid":"1"}"#)).is_ok());
    let extended = token(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#);
    assert!(matches!(verify(&extended), Err(Refused::Malformed(_))));
}

#[test]
fn header_and_claims_are_objects_with_nothing_after_them() {
    let (header, all) = (r#"{"alg":"HS256"}"#, serde_json::to_string(&claims()).unwrap());
    assert!(verify(&signed(&format!(" \n{header}"), &all)).is_ok());
    let claims = claims();
    let array = serde_json::to_string(&(
        claims.aud,
        claims.body,
        claims.exp,
        claims.iat,
        claims.iss,
        claims.jti,
        claims.nbf,
        claims.sub,
    ));
    for (header, claims) in [
        (r#"["HS256"]"#, all.as_str()),
        (r#"["HS256",null]"#, &all),
        (header, &array.unwrap()),
        (header, &format!("[{all}]")),
        (header, &format!("{all}{all}")),
        (&format!("{header},"), &all),
        ("", &all),
        (header, ""),
    ] {
        let refused = verify(&signed(header, claims));
        assert!(matches!(refused, Err(Refused::Malformed(_))), "{header} {claims}");
    }
}

#[test]
fn a_token_past_the_limit_is_not_even_looked_at() {
    let longest = |length: usize| "a".repeat(length);
    let limit = 16 * 1024;
    assert_eq!(verify(&longest(limit + 1)), Err(Refused::Malformed("it is too long")));
    assert_ne!(verify(&longest(limit)), Err(Refused::Malformed("it is too long")));
}

#[test]
fn the_issuer_is_qstash_letter_for_letter() {
    for iss in ["", "upstash", "Upstash ", "UPSTASH", "Upstash2"] {
        let token = Signer::new(CURRENT).token(&Claims { iss: iss.into(), ..claims() });
        assert_eq!(verify(&token), Err(Refused::Issuer), "{iss}");
    }
}

#[test]
fn what_is_signed_now_says_now_and_five_minutes() {
    let claims = verify(&Signer::new(CURRENT).sign(URL, BODY, SIGNED_AT)).unwrap();
    let made = (claims.iat, claims.exp, claims.nbf, claims.aud.as_str(), claims.sub.as_str());
    assert_eq!(made, (SIGNED_AT, SIGNED_AT + 300, -62_135_596_800, "", URL));
    let jti = claims.jti.strip_prefix("jwt_").unwrap();
    assert_eq!(jti.len(), 28);
}

#[test]
fn a_missing_claim_is_refused() {
    let all = serde_json::to_value(claims()).unwrap();
    for name in ["body", "exp", "iat", "iss", "nbf", "sub"] {
        let mut claims = all.clone();
        claims.as_object_mut().unwrap().remove(name);
        let token = signed(r#"{"alg":"HS256","typ":"JWT"}"#, &claims.to_string());
        assert!(matches!(verify(&token), Err(Refused::Malformed(_))), "{name}");
    }
    let named = Claims { aud: "someone".into(), ..claims() };
    let token = Signer::new(CURRENT).token(&named);
    assert!(matches!(verify(&token), Err(Refused::Malformed(_))), "an audience");
    let twice = serde_json::to_string(&claims()).unwrap().replacen('{', r#"{"sub":"x","#, 1);
    let token = signed(r#"{"alg":"HS256"}"#, &twice);
    assert!(matches!(verify(&token), Err(Refused::Malformed(_))), "a claim given twice");
}

#[test]
fn a_wrong_clock_is_told_apart_from_a_forged_token() {
    let token = format!("{SIGNED}.{BY_CURRENT}");
    let at = |now| verifier().verify(&token, BODY, &[URL], now);
    assert!(at(SIGNED_AT + 60).is_ok() && at(SIGNED_AT - 60).is_ok());
    for (now, expired) in [(61, false), (-61, false), (300, true), (86_400, true), (-86_400, false)]
    {
        let now = SIGNED_AT + now;
        let skew = Refused::ClockSkew { issued_at: SIGNED_AT, now, expired };
        assert_eq!(at(now), Err(skew));
    }
    let forged = format!("{SIGNED}.{}", BY_CURRENT.replace('c', "d"));
    assert_eq!(verifier().verify(&forged, BODY, &[URL], SIGNED_AT + 3600), Err(Refused::Key));
    let other_body = verifier().verify(&token, b"{}", &[URL], SIGNED_AT + 3600);
    assert_eq!(other_body, Err(Refused::Body));
}

#[test]
fn exp_holds_to_the_second_and_nbf_may_be_as_far_ahead_as_clocks_differ() {
    let with = |exp, nbf| {
        let claims = Claims { exp, nbf, ..claims() };
        verify(&Signer::new(CURRENT).token(&claims))
    };
    assert!(with(SIGNED_AT + 1, SIGNED_AT).is_ok());
    assert_eq!(with(SIGNED_AT, 0), Err(Refused::Expired { expired_at: SIGNED_AT }));
    for ahead in [1, CLOCK_TOLERANCE_SECONDS] {
        assert!(with(SIGNED_AT + 300, SIGNED_AT + ahead).is_ok(), "{ahead} s ahead");
    }
    let not_before = SIGNED_AT + CLOCK_TOLERANCE_SECONDS + 1;
    assert_eq!(with(SIGNED_AT + 300, not_before), Err(Refused::NotYetValid { not_before }));
    let never = Refused::NotYetValid { not_before: i64::MAX };
    assert_eq!(with(SIGNED_AT + 300, i64::MAX), Err(never));
}

#[test]
fn instants_at_the_ends_of_time_do_not_overflow() {
    for iat in [i64::MIN, i64::MAX] {
        let token = Signer::new(CURRENT).token(&Claims { iat, exp: iat, ..claims() });
        assert!(matches!(verify(&token), Err(Refused::ClockSkew { .. })));
    }
}

#[test]
fn every_changed_byte_of_the_token_is_refused() {
    let token = format!("{SIGNED}.{BY_CURRENT}");
    for position in 0..token.len() {
        for flip in [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40] {
            let mut bytes = token.clone().into_bytes();
            bytes[position] ^= flip;
            let altered = String::from_utf8(bytes).unwrap();
            assert!(verify(&altered).is_err(), "byte {position}, bit {flip:#x}");
        }
    }
}

proptest! {
    #[test]
    fn what_is_signed_is_believed_and_nothing_else_is(
        body in proptest::collection::vec(any::<u8>(), 0..200),
        path in "[a-zA-Z0-9/?=&%._-]{0,40}",
        position in any::<prop::sample::Index>(),
        change in 1_u8..,
    ) {
        let url = format!("https://host.example/{path}");
        let token = Signer::new(NEXT).sign(&url, &body, SIGNED_AT);
        let accepted = [url];
        prop_assert!(verifier().verify(&token, &body, &accepted, SIGNED_AT).is_ok());

        let mut longer = body.clone();
        longer.push(change);
        let refused = verifier().verify(&token, &longer, &accepted, SIGNED_AT);
        prop_assert_eq!(refused, Err(Refused::Body));
        if !body.is_empty() {
            let mut altered = body.clone();
            altered[position.index(body.len())] ^= change;
            let refused = verifier().verify(&token, &altered, &accepted, SIGNED_AT);
            prop_assert_eq!(refused, Err(Refused::Body));
        }

        let mut bytes = token.into_bytes();
        let at = position.index(bytes.len());
        bytes[at] ^= change;
        if let Ok(altered) = String::from_utf8(bytes) {
            prop_assert!(verifier().verify(&altered, &body, &accepted, SIGNED_AT).is_err());
        }
    }

    #[test]
    fn no_text_makes_the_verifier_panic(token in ".{0,300}", body in ".{0,50}") {
        prop_assert!(verifier().verify(&token, body.as_bytes(), &[URL], SIGNED_AT).is_err());
    }
}
