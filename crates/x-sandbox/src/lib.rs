//! An honest imitation of X's API v2, with a ledger and fault injection.
