//! Relay and scheduler on loopback, for «This computer».
