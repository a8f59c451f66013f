//! An embedded, durable scheduler that speaks QStash's API.
