//! URL groups: a name for several destinations.

use rusqlite::{Connection, OptionalExtension, params};

use super::quota;
use super::writer::Write;
use crate::error::Error;
use crate::header::Headers;

/// URL and name of an endpoint.
pub(crate) type Endpoint = (String, Option<String>);

/// A group as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct UrlGroup {
    pub(crate) name: String,
    /// What a publish to it asks for unless it says otherwise.
    pub(crate) headers: Headers,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) endpoints: Vec<Endpoint>,
}

impl UrlGroup {
    pub(crate) fn by_name(connection: &Connection, name: &str) -> Result<Option<Self>, Error> {
        let sql = "SELECT headers, created_at, updated_at FROM url_group WHERE name = ?1";
        let mut statement = connection.prepare_cached(sql)?;
        let found = statement
            .query_row([name], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)));
        let Some((headers, created_at, updated_at)) = found.optional()? else { return Ok(None) };
        Ok(Some(Self {
            name: name.to_owned(),
            headers: serde_json::from_str(&headers)?,
            created_at,
            updated_at,
            endpoints: Self::endpoints_of(connection, name)?,
        }))
    }

    /// All groups, by name.
    pub(crate) fn all(connection: &Connection) -> Result<Vec<Self>, Error> {
        let mut statement = connection.prepare("SELECT name FROM url_group ORDER BY name")?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        let mut all = Vec::new();
        for name in names {
            all.extend(Self::by_name(connection, &name?)?);
        }
        Ok(all)
    }

    /// Endpoints of a group in the order in which they came; none when there is no such group.
    pub(crate) fn endpoints_of(
        connection: &Connection,
        name: &str,
    ) -> Result<Vec<Endpoint>, Error> {
        let sql = "SELECT url, name FROM url_group_endpoint WHERE group_name = ?1 ORDER BY seq";
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Adds endpoints, and makes the group when there is none. An endpoint takes the place of the one
/// with its URL, and of the one with its name.
pub(crate) fn add(
    write: &Write<'_>,
    group: &str,
    endpoints: &[Endpoint],
    now: i64,
) -> Result<(), Error> {
    let sql = "INSERT INTO url_group (name, headers, created_at, updated_at)
               VALUES (?1, '[]', ?2, ?2) ON CONFLICT (name) DO UPDATE SET updated_at = ?2";
    write.connection.prepare_cached(sql)?.execute(params![group, now])?;
    for (url, name) in endpoints {
        let sql = "DELETE FROM url_group_endpoint
                   WHERE group_name = ?1 AND name = ?3 AND url <> ?2";
        write.connection.prepare_cached(sql)?.execute(params![group, url, name])?;
        let sql = "INSERT INTO url_group_endpoint (group_name, url, name) VALUES (?1, ?2, ?3)
                   ON CONFLICT (group_name, url) DO UPDATE SET name = excluded.name";
        write.connection.prepare_cached(sql)?.execute(params![group, url, name])?;
    }
    let count = UrlGroup::endpoints_of(write.connection, group)?.len() as u64;
    quota::within("maxEndpointsPerTopic", count, write.limits.endpoints)?;
    quota::within("maxTopics", quota::count(write, "url_group")?, write.limits.url_groups)
}

/// Removes endpoints by URL or by name; a group without endpoints is no more.
pub(crate) fn remove(
    write: &Write<'_>,
    group: &str,
    endpoints: &[(Option<String>, Option<String>)],
    now: i64,
) -> Result<(), Error> {
    for (url, name) in endpoints {
        let sql = "DELETE FROM url_group_endpoint
                   WHERE group_name = ?1 AND (url = ?2 OR name = ?3)";
        write.connection.prepare_cached(sql)?.execute(params![group, url, name])?;
    }
    let sql = "UPDATE url_group SET updated_at = ?2 WHERE name = ?1";
    write.connection.prepare_cached(sql)?.execute(params![group, now])?;
    let sql = "DELETE FROM url_group WHERE name = ?1
               AND NOT EXISTS (SELECT 1 FROM url_group_endpoint WHERE group_name = ?1)";
    write.connection.prepare_cached(sql)?.execute([group])?;
    Ok(())
}

/// Sets what a publish asks for unless it says otherwise; false when there is no such group.
pub(crate) fn set_headers(
    write: &Write<'_>,
    group: &str,
    headers: &Headers,
    now: i64,
) -> Result<bool, Error> {
    let sql = "UPDATE url_group SET headers = ?2, updated_at = ?3 WHERE name = ?1";
    let headers = serde_json::to_string(headers)?;
    Ok(write.connection.prepare_cached(sql)?.execute(params![group, headers, now])? == 1)
}

/// Removes the group.
pub(crate) fn delete(write: &Write<'_>, group: &str) -> Result<(), Error> {
    write.connection.execute("DELETE FROM url_group WHERE name = ?1", [group])?;
    Ok(())
}
