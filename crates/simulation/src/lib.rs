//! The simulation is in `tests/simulation`: engine, relay and scheduler, as they are shipped, in one process
//! and on one thread. `cargo xtask simulate` runs it; `docs/simulation.md` tells what it covers. Nothing
//! that is shipped knows of it, and what it needs of Tokio is no part of any program.
