//! Files opened as sessions, and what is asked of them.

use std::sync::Arc;

use roost_core::clock::UnixMillis;
use roost_core::duplicate::DuplicateKey;
use roost_core::failure::Code;
use roost_core::id::{PostId, XUserId};
use roost_core::limits::Subscription;
use roost_core::post::Content;
use roost_core::status::Status;
use roost_core::zone::{WallTime, Zone, resolve, wall_time_of};
use roost_import::choices::Choices;
use roost_import::finding::{Finding, Severity};
use roost_import::mapping::Mapping;
use roost_import::session::{Outcome, ReadyRow, RowFilter, RowView, Session};
use roost_import::source::{self, ReadOptions};
use roost_import::surroundings::{
    Known, KnownAccount, KnownPost, KnownText, LookupFailed, ShownPost, Surroundings,
};
use roost_import::table::RawTable;

/// 2027-01-01 00:00 UTC.
pub(crate) const NOW: UnixMillis = UnixMillis(1_798_761_600_000);

/// Posts that are there already.
#[derive(Debug, Clone, Default)]
pub(crate) struct Posts(pub(crate) Vec<There>);

/// A post that is there already.
#[derive(Debug, Clone)]
pub(crate) struct There {
    pub(crate) account: Option<XUserId>,
    pub(crate) own_id: Option<String>,
    /// The plan of that id; none counts within any.
    pub(crate) plan: Option<String>,
    pub(crate) text: String,
    pub(crate) content: Content,
    pub(crate) tags: Vec<String>,
    pub(crate) note: Option<String>,
    pub(crate) post: KnownPost,
}

impl There {
    pub(crate) fn new(account: Option<&str>, text: &str, at: Option<&str>) -> Self {
        let post = KnownPost {
            id: PostId::new(NOW),
            status: Status::Pending,
            at: at.map(kolkata),
            key: roost_core::duplicate::duplicate_key(text),
        };
        let account = account.map(|id| XUserId(id.to_owned()));
        Self {
            account,
            own_id: None,
            plan: None,
            text: text.to_owned(),
            content: Content::of_texts([text]),
            tags: Vec::new(),
            note: None,
            post,
        }
    }

    /// The post that a row of an earlier import became.
    pub(crate) fn of_row(row: ReadyRow) -> Self {
        let post = KnownPost {
            id: PostId::new(NOW),
            status: row.status,
            at: row.scheduled_at,
            key: row.content.duplicate_key(),
        };
        let text = row.content.first_text().to_owned();
        Self {
            account: row.account,
            own_id: row.own_id,
            plan: row.plan,
            text,
            content: row.content,
            tags: row.tags,
            note: row.note,
            post,
        }
    }
}

impl Known for Posts {
    fn by_key(
        &self,
        account: Option<&XUserId>,
        keys: &[DuplicateKey],
    ) -> Result<Vec<KnownPost>, LookupFailed> {
        let of_account = self.0.iter().filter(|it| it.account.as_ref() == account);
        Ok(of_account.map(|it| it.post).filter(|post| keys.contains(&post.key)).collect())
    }

    fn by_own_id(
        &self,
        plan: Option<&str>,
        ids: &[&str],
    ) -> Result<Vec<(String, KnownPost)>, LookupFailed> {
        let of_plan = self.0.iter().filter(|it| it.plan.is_none() || it.plan.as_deref() == plan);
        let with_id = of_plan.filter_map(|it| Some((it.own_id.clone()?, it.post)));
        Ok(with_id.filter(|(id, _)| ids.contains(&id.as_str())).collect())
    }

    fn times(
        &self,
        account: Option<&XUserId>,
        from: UnixMillis,
    ) -> Result<Vec<UnixMillis>, LookupFailed> {
        let of_account = self.0.iter().filter(|it| it.account.as_ref() == account);
        let going = of_account.filter(|it| it.post.status != Status::Draft);
        Ok(going.filter_map(|it| it.post.at).filter(|at| *at >= from).collect())
    }

    fn texts(
        &self,
        account: Option<&XUserId>,
        _from: UnixMillis,
    ) -> Result<Vec<KnownText>, LookupFailed> {
        let of_account = self.0.iter().filter(|it| it.account.as_ref() == account);
        let text = |it: &There| {
            let KnownPost { id, at, key, .. } = it.post;
            KnownText { id, at, key, text: it.text.clone() }
        };
        Ok(of_account.map(text).collect())
    }

    fn shown(&self, posts: &[PostId]) -> Result<Vec<ShownPost>, LookupFailed> {
        let shown = |it: &There| ShownPost {
            id: it.post.id,
            status: it.post.status,
            content: it.content.clone(),
            account: it.account.clone(),
            tags: it.tags.clone(),
            note: it.note.clone(),
            follow_up: None,
            wall_time: it.post.at.map(|at| wall_time_of(at, &Zone::default()).to_string()),
            zone: Some(Zone::default().name().to_owned()),
            at: it.post.at,
        };
        Ok(self.0.iter().filter(|it| posts.contains(&it.post.id)).map(shown).collect())
    }
}

pub(crate) fn account(id: &str, username: &str, subscription: Subscription) -> KnownAccount {
    KnownAccount {
        id: XUserId(id.to_owned()),
        username: username.to_owned(),
        subscription,
        limits: None,
        connected: true,
        zone: None,
        slots: Vec::new(),
    }
}

/// Two accounts, and no posts.
pub(crate) fn connected() -> Surroundings {
    Surroundings {
        accounts: vec![
            account("11", "roost_app", Subscription::None),
            account("22", "Premium_Bird", Subscription::Premium),
        ],
        ..Surroundings::empty(NOW)
    }
}

/// Two accounts, and these posts.
pub(crate) fn with_posts(posts: Vec<There>) -> Surroundings {
    Surroundings { known: Arc::new(Posts(posts)), ..connected() }
}

/// The choices of a person who posts as @roost_app.
pub(crate) fn mine() -> Choices {
    Choices { account: Some("@roost_app".to_owned()), ..Choices::default() }
}

/// The instant of a wall time in Kolkata.
pub(crate) fn kolkata(wall: &str) -> UnixMillis {
    resolve(&WallTime::parse(wall).unwrap(), &Zone::default()).instant
}

/// A file with these rows, in `Asia/Kolkata`.
pub(crate) fn file(rows: &[&str]) -> String {
    format!("{{\"timezone\": \"Asia/Kolkata\", \"posts\": [\n{}\n]}}", rows.join(",\n"))
}

pub(crate) fn row(content: &str, at: &str) -> String {
    serde_json::json!({ "content": content, "scheduledAt": at }).to_string()
}

pub(crate) fn table(bytes: &[u8]) -> RawTable {
    source::read(bytes, None, &ReadOptions::default()).expect("a readable file")
}

pub(crate) fn open(text: &str, choices: Choices, surroundings: Surroundings) -> Session {
    open_bytes(text.as_bytes(), choices, surroundings)
}

pub(crate) fn open_bytes(bytes: &[u8], choices: Choices, surroundings: Surroundings) -> Session {
    let table = table(bytes);
    let mapping = Mapping::recognise(&table);
    let session = Session::open(table, mapping, choices, surroundings).expect("a session");
    assert_adds_up(&session);
    session
}

/// Goes on whatever is told.
pub(crate) fn unwatched(_: u32) -> std::ops::ControlFlow<()> {
    std::ops::ControlFlow::Continue(())
}

/// Each row ends in exactly one way, and what is counted is what is there.
pub(crate) fn assert_adds_up(session: &Session) {
    let summary = session.summary();
    let ends = summary.ready + summary.drafts + summary.skipped + summary.refused;
    assert_eq!((summary.rows, ends), (session.rows(), session.rows()));
    let all = session.page(&RowFilter::default(), 0, u32::MAX).unwrap();
    assert_eq!(all.total, session.rows());
    let count = |outcome| all.rows.iter().filter(|row| row.outcome == outcome).count() as u32;
    assert_eq!(
        Outcome::ALL.map(count),
        [summary.ready, summary.drafts, summary.skipped, summary.refused]
    );
    let ready: Vec<ReadyRow> = session.ready().collect();
    assert_eq!(ready.len() as u32, summary.ready + summary.drafts);
    assert_eq!(session.rejects().count() as u32, summary.skipped + summary.refused);
    let going = ready.iter().filter(|row| row.status == Status::Pending);
    let cost: i64 = going.clone().map(|row| row.cost.0).sum();
    assert_eq!(cost, summary.cost_micros);
    assert!(going.clone().all(|row| row.scheduled_at.is_some_and(|at| at.0 % 1000 == 0)));
    assert_eq!(going.clone().filter_map(|row| row.scheduled_at).min(), summary.first_at);
    assert_eq!(going.filter_map(|row| row.scheduled_at).max(), summary.last_at);
    assert_eq!(summary.days.iter().map(|day| day.count).sum::<u32>(), summary.ready);
    assert_eq!(summary.months.iter().map(|month| month.posts).sum::<u32>(), summary.ready);
    let by_code = |severity| {
        let rows = all.rows.iter();
        let with = rows.filter(|row| row.findings.iter().any(|it| it.severity == severity));
        with.count()
    };
    for severity in [Severity::Error, Severity::Warning] {
        let most = summary.by_code.iter().filter(|it| it.severity == severity);
        assert!(most.clone().map(|it| it.rows as usize).max().unwrap_or(0) <= by_code(severity));
        for count in most {
            let filter = RowFilter { codes: vec![count.code], ..RowFilter::default() };
            let found = session.page(&filter, 0, u32::MAX).unwrap();
            assert!(found.total >= count.rows, "{:?}", count.code);
            let told = |row: &RowView| row.findings.iter().any(|it| it.problem.code == count.code);
            assert!(found.rows.iter().all(told), "{:?}: {:#?}", count.code, found.rows);
        }
    }
}

pub(crate) fn views(session: &Session) -> Vec<RowView> {
    session.page(&RowFilter::default(), 0, u32::MAX).unwrap().rows
}

pub(crate) fn ready(session: &Session) -> Vec<ReadyRow> {
    session.ready().collect()
}

fn findings(session: &Session, severity: Severity) -> Vec<Finding> {
    let found = session.findings(usize::MAX).into_iter();
    found.filter(|finding| finding.severity == severity).collect()
}

pub(crate) fn errors(session: &Session) -> Vec<Finding> {
    let errors = findings(session, Severity::Error);
    assert_eq!(errors.len() as u64, session.summary().errors, "{errors:#?}");
    errors
}

pub(crate) fn warnings(session: &Session) -> Vec<Finding> {
    let warnings = findings(session, Severity::Warning);
    assert_eq!(warnings.len() as u64, session.summary().warnings, "{warnings:#?}");
    warnings
}

/// Code, row and field of each.
pub(crate) fn places(findings: &[Finding]) -> Vec<(Code, Option<u32>, &str)> {
    findings
        .iter()
        .map(|it| (it.problem.code, it.problem.row, it.problem.field.as_deref().unwrap_or("")))
        .collect()
}
