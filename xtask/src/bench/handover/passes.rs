//! What a pass costs that finds nothing to hand over.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use roost_core::clock::SystemClock;
use roost_engine::{Engine, EngineConfig};

use super::world::World;
use crate::bench::load::quantile;

/// Passes, of which the median counts.
const PASSES: usize = 41;

/// Returns the milliseconds of a pass without work, its questions to relay and scheduler included.
pub(super) fn without_work(world: &World) -> Result<f64> {
    // Refused when there is one already, which is fine.
    rustls::crypto::ring::default_provider().install_default().ok();
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let path = world.data().join("roost.db");
        let engine = Engine::open(EngineConfig::new(path), Arc::new(SystemClock))?;
        engine.use_endpoints(Some(world.endpoints()))?;
        engine.sync().await?;
        let mut times = Vec::with_capacity(PASSES);
        for _ in 0..PASSES {
            let began = Instant::now();
            engine.sync().await?;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        Ok(quantile(&mut times, 0.5))
    })
}
