//! What was promised, what arrived, and whether the two agree.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use roost_scheduler::system_clock;

use super::publisher::Sent;

/// A delivery as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    id: String,
    body: String,
    retried: String,
    /// Unix milliseconds.
    at: i64,
    /// In which of the program's lives it was sent; each dials a path of its own.
    life: usize,
}

/// The destination.
#[derive(Clone)]
pub(super) struct Sink {
    pub(super) url: String,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
}

impl Sink {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let sink = Self { url, arrivals: Arc::default() };
        let router = Router::new().fallback(receive).with_state(sink.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        sink
    }

    pub(super) fn ids(&self) -> HashSet<String> {
        self.arrivals.lock().unwrap().iter().map(|arrival| arrival.id.clone()).collect()
    }

    pub(super) fn count(&self) -> usize {
        self.arrivals.lock().unwrap().len()
    }

    /// In the order in which they were sent: what a dead life sent may be read late.
    fn arrivals(&self) -> Vec<Arrival> {
        let mut arrivals = self.arrivals.lock().unwrap().clone();
        arrivals.sort_by_key(|arrival| arrival.life);
        arrivals
    }
}

async fn receive(
    State(sink): State<Sink>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let at = system_clock()();
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let arrival = Arrival {
        id: header("upstash-message-id"),
        body: String::from_utf8(body.to_vec()).unwrap(),
        retried: header("upstash-retried"),
        at,
        life: uri.path().split('/').nth(1).unwrap().parse().unwrap(),
    };
    let fails = arrival.body.starts_with("fails-first") && arrival.retried == "0";
    sink.arrivals.lock().unwrap().push(arrival);
    if fails { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

pub(super) struct Ledger {
    sent: Vec<Sent>,
}

impl Ledger {
    pub(super) fn new(sent: Vec<Sent>) -> Self {
        Self { sent }
    }

    /// The ids that were acknowledged.
    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        self.sent.iter().filter_map(|sent| sent.id.as_ref())
    }

    /// How many acknowledged messages have not arrived for good.
    pub(super) fn missing(&self, sink: &Sink) -> usize {
        let arrivals = sink.arrivals.lock().unwrap();
        let good =
            |arrival: &&Arrival| !arrival.body.starts_with("fails-first") || arrival.retried != "0";
        let arrived: HashSet<&str> =
            arrivals.iter().filter(good).map(|arrival| arrival.id.as_str()).collect();
        self.ids().filter(|id| !arrived.contains(id.as_str())).count()
    }

    /// Compares the promises with what came; tells what it counted.
    pub(super) fn settle(&self, sink: &Sink, delivered: &HashMap<String, Vec<i64>>) -> String {
        let arrivals = sink.arrivals();
        let by_body: HashMap<&str, &Sent> =
            self.sent.iter().map(|sent| (sent.body.as_str(), sent)).collect();
        for arrival in &arrivals {
            let sent = by_body[arrival.body.as_str()];
            assert!(arrival.at >= sent.not_before, "before its time: {arrival:?} {sent:?}");
            assert!(sent.id.as_ref().is_none_or(|id| *id == arrival.id), "{arrival:?} {sent:?}");
        }
        let repeated = repeats(&arrivals, delivered);
        let torn = self.unanswered_batches_are_whole(&arrivals);
        self.queues_kept_their_order(&arrivals, &by_body);
        let accepted = self.ids().count();
        let ids: HashSet<&String> = self.ids().collect();
        assert_eq!(ids.len(), accepted, "no id was given twice");
        format!(
            "{accepted} messages accepted of {} sent, {} arrivals, {repeated} of them repeated, \
             {torn} batches without an answer",
            self.sent.len(),
            arrivals.len(),
        )
    }

    /// A batch that nobody answered was accepted whole, or not at all. Tells how many there were.
    fn unanswered_batches_are_whole(&self, arrivals: &[Arrival]) -> usize {
        let arrived: HashSet<&str> = arrivals.iter().map(|arrival| arrival.body.as_str()).collect();
        let mut batches: HashMap<(usize, usize), (usize, usize)> = HashMap::new();
        for sent in self.sent.iter().filter(|sent| sent.id.is_none()) {
            let (all, here) = batches.entry((sent.lane, sent.request)).or_default();
            *all += 1;
            *here += usize::from(arrived.contains(sent.body.as_str()));
        }
        for (request, (all, here)) in &batches {
            assert!(
                *here == 0 || here == all,
                "{here} of {all} of batch {request:?} were accepted"
            );
        }
        batches.values().filter(|(all, _)| *all > 1).count()
    }

    /// Whatever died in between: of one queue nothing overtakes anything.
    fn queues_kept_their_order(&self, arrivals: &[Arrival], sent: &HashMap<&str, &Sent>) {
        let mut last: BTreeMap<usize, usize> = BTreeMap::new();
        for arrival in arrivals {
            let sent = sent[arrival.body.as_str()];
            if sent.queued {
                let place = last.entry(sent.lane).or_default();
                assert!(sent.place >= *place, "{arrival:?} came after place {place} of its queue");
                *place = sent.place;
            }
        }
    }
}

/// Checks that what arrived twice did so because of a kill, which came before the answer to the
/// first was on disk; tells how much did.
fn repeats(arrivals: &[Arrival], delivered: &HashMap<String, Vec<i64>>) -> usize {
    let mut attempts: HashMap<(&str, &str), Vec<&Arrival>> = HashMap::new();
    for arrival in arrivals {
        attempts.entry((&arrival.id, &arrival.retried)).or_default().push(arrival);
    }
    let mut repeated = 0;
    for same in attempts.values() {
        for pair in same.windows(2) {
            let [one, next] = pair else { continue };
            assert!(one.life < next.life, "repeated without a kill: {one:?} {next:?}");
            repeated += 1;
        }
        let last = same[same.len() - 1];
        let [written] = delivered[&last.id][..] else {
            panic!("delivered more than once by its own account: {last:?}")
        };
        // Until the last was answered, no answer was written down.
        assert!(written >= last.at, "sent again after it was delivered: {last:?}");
    }
    repeated
}
