//! The use cases: compose, import, hand over, recover, pull results.
