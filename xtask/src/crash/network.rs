//! The ways between the programs of a run: from everybody to the relay, to the scheduler and to X.
//! Each can be cut while the programs run, in the ways in which networks are.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result};
use roost_chaos_proxy::{Direction, Proxy, Rule};
use tokio::runtime::Runtime;

use super::rng::Rng;

/// One way in so many is cut at a time.
const CUT_IN: u64 = 3;
/// How a way is cut: not reached at all; cut in a request; done, and the answer lost, three ways.
const CUTS: [Rule; 5] = [
    Rule::Refuse,
    Rule::Cut { direction: Direction::Up, after: 200 },
    Rule::Reset { direction: Direction::Down, after: 0 },
    Rule::HalfClose { direction: Direction::Down, after: 0 },
    Rule::Stall { direction: Direction::Down, after: 0 },
];

/// The addresses at which the programs of a run reach each other.
pub(crate) struct Ways {
    pub(crate) relay: String,
    pub(crate) scheduler: String,
    pub(crate) x: String,
    /// None where they reach each other directly.
    network: Option<Network>,
}

/// Where the ways go through.
struct Network {
    proxies: [Proxy; 3],
    // Dropped last: the proxies end on it.
    _runtime: Runtime,
}

impl Ways {
    /// Returns the ways that nothing can cut.
    pub(crate) fn direct(relay: u16, scheduler: u16, x: &str) -> Self {
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        Self { relay: url(relay), scheduler: url(scheduler), x: x.to_owned(), network: None }
    }

    /// Returns ways that can be cut.
    ///
    /// # Errors
    /// When no port of loopback can be had.
    pub(crate) fn through_proxies(relay: u16, scheduler: u16, x: &str) -> Result<Self> {
        let x_port = x.rsplit(':').next().and_then(|port| port.parse().ok());
        let x_port: u16 = x_port.context("the sandbox's address has no port")?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let proxy = |port: u16| {
            runtime.block_on(Proxy::start(SocketAddr::from((Ipv4Addr::LOCALHOST, port))))
        };
        let proxies = [proxy(relay)?, proxy(scheduler)?, proxy(x_port)?];
        let [relay, scheduler, x] = proxies.each_ref().map(Proxy::url);
        Ok(Self { relay, scheduler, x, network: Some(Network { proxies, _runtime: runtime }) })
    }

    /// Cuts some of the ways, as chance has it, and opens the others.
    pub(crate) fn cut_some(&self, rng: &mut Rng) {
        for proxy in self.network.iter().flat_map(|network| &network.proxies) {
            if rng.below(CUT_IN) > 0 {
                proxy.heal();
                continue;
            }
            let rule = CUTS[rng.below(CUTS.len() as u64) as usize];
            proxy.set(rule);
            if rule == Rule::Refuse {
                proxy.sever();
            }
        }
    }

    /// Opens every way.
    pub(crate) fn heal(&self) {
        self.network.iter().flat_map(|network| &network.proxies).for_each(Proxy::heal);
    }
}
