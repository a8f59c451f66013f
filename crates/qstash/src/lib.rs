//! A client for Upstash QStash: publish, batch, cancel, DLQ, events, keys, signatures.
