"""tweepy, which speaks in X's older field names, posts, reads and deletes at the sandbox.

Usage: older_names.py BASE_URL ACCESS_TOKEN
"""

import sys

import tweepy
from requests.adapters import HTTPAdapter


class Redirected(HTTPAdapter):
    """tweepy knows one host only: its requests are sent to the sandbox instead."""

    def __init__(self, base_url):
        self.base_url = base_url
        super().__init__()

    def send(self, request, **options):
        request.url = request.url.replace("https://api.twitter.com", self.base_url, 1)
        return super().send(request, **options)


def refused(kind, call):
    """The call must fail in this way; the error comes back."""
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}, and the call passed")


def main(base_url, access_token):
    client = tweepy.Client(bearer_token=access_token)
    client.session.mount("https://api.twitter.com", Redirected(base_url))

    me = client.get_me(user_auth=False, user_fields=["created_at", "verified_type"]).data
    first = client.create_tweet(text="From tweepy", user_auth=False).data
    reply = client.create_tweet(
        text="And on", in_reply_to_tweet_id=first["id"], user_auth=False
    ).data
    poll = client.create_tweet(
        text="Which?", poll_options=["this", "that"], poll_duration_minutes=60, user_auth=False
    ).data
    error = refused(
        tweepy.Forbidden, lambda: client.create_tweet(text="From tweepy", user_auth=False)
    )
    assert "duplicate content" in str(error), error
    refused(tweepy.BadRequest, lambda: client.create_tweet(text="x" * 281, user_auth=False))

    fields = ["created_at", "referenced_tweets", "conversation_id", "in_reply_to_user_id"]
    page = client.get_users_tweets(me.id, max_results=100, tweet_fields=fields)
    by_id = {str(post.id): post for post in page.data}
    assert by_id[reply["id"]].referenced_tweets[0].id == int(first["id"])
    assert by_id[reply["id"]].conversation_id == int(first["id"])
    assert by_id[first["id"]].created_at is not None
    assert poll["id"] in by_id
    newer = client.get_users_tweets(me.id, since_id=first["id"], exclude=["replies"])
    assert reply["id"] not in {str(post.id) for post in newer.data or []}
    found = client.get_tweets([first["id"], 1])
    assert len(found.data) == 1 and len(found.errors) == 1, found

    assert client.delete_tweet(first["id"], user_auth=False).data["deleted"]
    stranger = tweepy.Client(bearer_token="nobody")
    stranger.session.mount("https://api.twitter.com", Redirected(base_url))
    refused(tweepy.Unauthorized, lambda: stranger.get_me(user_auth=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
    print("older names: ok")
