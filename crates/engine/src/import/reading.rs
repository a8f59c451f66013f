//! From the bytes of sources to one table of cells.

use roost_core::failure::Code;
use roost_import::format::Format;
use roost_import::row::plan_name;
use roost_import::source::{self as formats, ReadOptions};
use roost_import::table::RawTable;

use crate::open_import::{Opened, Source, refused};
use crate::{Error, Result};

/// What a person says of the sources that would otherwise be found out.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) format: Option<Format>,
    pub(super) sheet: Option<String>,
    pub(super) list: Option<String>,
    pub(super) plan: Option<String>,
}

impl Wanted {
    pub(super) fn of(opened: &Opened) -> Self {
        Self {
            format: opened.format,
            sheet: opened.sheet.clone(),
            list: opened.list.clone(),
            plan: opened.plan.clone(),
        }
    }
}

/// Reads sources into one table: the rows of each follow those of the one before.
pub(super) fn read(sources: &[Source], wanted: &Wanted) -> Result<RawTable> {
    let tables =
        sources.iter().map(|source| read_one(source, wanted)).collect::<Result<Vec<_>>>()?;
    let mut table = joined(tables, sources)?;
    if wanted.plan.is_some() {
        table.defaults.plan.clone_from(&wanted.plan);
    }
    // Ids count within a plan: the file's name, where none is named, so that the ids of two files that
    // know nothing of each other stay apart.
    let named = table.defaults.plan.as_deref().and_then(plan_name);
    table.defaults.plan = named.or_else(|| plan_name(&sources.first()?.name));
    Ok(table)
}

fn read_one(source: &Source, wanted: &Wanted) -> Result<RawTable> {
    let options = ReadOptions {
        format: wanted.format,
        sheet: wanted.sheet.clone(),
        list: wanted.list.clone(),
        ..ReadOptions::default()
    };
    formats::read(&source.bytes, Some(&source.name), &options).map_err(|error| {
        let problem = Box::new(error.problem());
        Error::Source { name: source.name.clone(), problem, options: error.options().to_vec() }
    })
}

/// Returns the rows of all tables as one; columns of one name become one.
fn joined(tables: Vec<RawTable>, sources: &[Source]) -> Result<RawTable> {
    let mut tables = tables.into_iter();
    let Some(mut all) = tables.next() else {
        return Err(refused(Code::BadRequest, "Name a file or a text to import."));
    };
    for (table, source) in tables.zip(&sources[1..]) {
        if table.defaults != all.defaults {
            let message = format!(
                "{} and {} name different zones, accounts or plans for all their posts. Import them \
                 one by one.",
                sources[0].name, source.name
            );
            return Err(refused(Code::BadRequest, message));
        }
        all.append(&sources[0].name, &table, &source.name);
    }
    Ok(all)
}
