//! Reads files as an import does, and tells what became of each: its rows, how long it took, and the most
//! memory that the program had until then.
//!
//! ```console
//! $ cargo run -p roost-import --example read_file --release -- [--rows] FILE…
//! ```

use std::time::Instant;

use roost_import::source::{ReadOptions, read};
use roost_import::table::RawTable;

fn main() -> std::io::Result<()> {
    let mut show_rows = false;
    for path in std::env::args().skip(1) {
        if path == "--rows" {
            show_rows = true;
            continue;
        }
        let bytes = std::fs::read(&path)?;
        let begun = Instant::now();
        let result = read(&bytes, Some(&path), &ReadOptions::default());
        let took = begun.elapsed();
        println!("{path}: {} bytes, {took:?}, at most {} kB of memory", bytes.len(), peak_kb());
        match result {
            Ok(table) => show(&table, show_rows),
            Err(error) => println!("  {}", error.problem()),
        }
    }
    Ok(())
}

fn show(table: &RawTable, with_rows: bool) {
    println!("  {}: {} rows, {:?}", table.format.label(), table.len(), table.reading);
    for note in &table.notes {
        println!("  {note}");
    }
    for (at, fault) in table.faults().take(20) {
        println!("  {}", table.fault_problem(at, fault));
    }
    for row in table.rows().filter(|_| with_rows) {
        let cells = row.cells().map(|(column, cell)| {
            let name = &table.columns[usize::from(column)].name;
            format!("{name}={:?} ({:?})", cell.text, cell.kind)
        });
        println!("  {}: {}", row.line(), cells.collect::<Vec<_>>().join(" "));
    }
}

/// Returns the most memory that this program had, where the system tells.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0)
}
