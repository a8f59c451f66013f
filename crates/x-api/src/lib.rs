//! A client for X API v2: OAuth 2 refresh, posts, media, typed errors.
