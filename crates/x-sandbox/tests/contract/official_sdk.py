"""X's own Python SDK (xdk) signs in, posts, reads, refreshes, uploads and deletes at the sandbox.

Usage: official_sdk.py BASE_URL CLIENT_ID CLIENT_SECRET
"""

import base64
import os
import sys
from urllib.parse import parse_qs, urlparse

import requests

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

from xdk import Client  # noqa: E402  (the line above must come first)

SCOPE = "tweet.read tweet.write users.read media.write offline.access"
REDIRECT = "http://127.0.0.1:8976/callback"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03"


def sign_in(client):
    """The sandbox was started to consent by itself."""
    url = client.get_authorization_url(state="the-state")
    answer = requests.get(url, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    query = parse_qs(urlparse(answer.headers["location"]).query)
    assert query["state"] == ["the-state"], query
    token = client.exchange_code(query["code"][0])
    # The client takes the token for its calls only when it is made with it.
    assert set(token["scope"].split()) == set(SCOPE.split()), token["scope"]
    return token


def refused(call, status):
    """The call must fail with this status; the answer's body comes back."""
    try:
        call()
    except requests.HTTPError as error:
        assert error.response.status_code == status, error.response.text
        return error.response.json()
    raise AssertionError(f"expected status {status}, and the call passed")


def main(base_url, client_id, client_secret):
    options = {
        "base_url": base_url,
        "authorization_base_url": base_url + "/i",
        "client_id": client_id,
        "client_secret": client_secret,
        "redirect_uri": REDIRECT,
        "scope": SCOPE,
    }
    token = sign_in(Client(**options))
    client = Client(token=token, **options)

    me = client.users.get_me(user_fields=["subscription_type", "verified_type"]).data
    assert me.username == "ada", me

    text = "From the official SDK: example.com & more"
    created = client.posts.create({"text": text}).data
    assert created.id.isdigit(), created
    problem = refused(lambda: client.posts.create({"text": text}), 403)
    assert "duplicate content" in problem["detail"], problem
    refused(lambda: client.posts.create({"text": "x", "schedule": "soon"}), 400)

    fields = ["created_at", "entities", "author_id", "note_post"]
    page = next(iter(client.users.get_posts(me.id, max_results=5, post_fields=fields)))
    post = next(post for post in page.data if post.id == created.id)
    urls = post.entities["urls"] if isinstance(post.entities, dict) else post.entities.urls
    url = urls[0] if isinstance(urls[0], dict) else urls[0].model_dump()
    assert url["expanded_url"] == "http://example.com", url
    found = client.posts.get_by_ids([created.id, "1"])
    assert [post.id for post in found.data] == [created.id], found
    assert len(found.errors) == 1, found

    picture = {"media": base64.b64encode(PNG).decode(), "media_category": "tweet_image"}
    media = client.media.upload(picture).data
    media_id = media["id"] if isinstance(media, dict) else media.id
    client.media.create_metadata({"id": media_id, "metadata": {"alt_text": {"text": "Alt"}}})
    client.posts.create({"text": "A picture", "media": {"media_ids": [media_id]}})

    spent = client.oauth2_auth.token["refresh_token"]
    renewed = client.oauth2_auth.refresh_token()
    assert renewed["refresh_token"] != spent, "the refresh token was not rotated"
    replay = requests.post(
        base_url + "/2/oauth2/token",
        data={"grant_type": "refresh_token", "refresh_token": spent},
        auth=(client_id, client_secret),
        timeout=10,
    )
    assert replay.status_code == 400, replay.text
    assert replay.json()["error"] == "invalid_request", replay.text

    fresh = Client(token=renewed, **options)
    deleted = fresh.posts.delete(created.id).data
    assert deleted["deleted"] if isinstance(deleted, dict) else deleted.deleted
    gone = fresh.posts.get_by_ids([created.id])
    assert not getattr(gone, "data", None), gone


if __name__ == "__main__":
    main(*sys.argv[1:])
    print("official SDK: ok")
