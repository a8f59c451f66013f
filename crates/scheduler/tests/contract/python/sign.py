"""A second implementation of the signature: `sign.py KEY URL BODY NOW JTI` prints the token."""

import base64
import hashlib
import hmac
import json
import sys

key, url, body, now, jti = sys.argv[1:]
claims = {
    "aud": "",
    "body": base64.urlsafe_b64encode(hashlib.sha256(body.encode()).digest()).decode(),
    "exp": int(now) + 300,
    "iat": int(now),
    "iss": "Upstash",
    "jti": jti,
    "nbf": -62135596800,
    "sub": url,
}


def part(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


signed = ".".join(
    part(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())
    for value in ({"alg": "HS256", "typ": "JWT"}, claims)
)
print(f"{signed}.{part(hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest())}")
