//! The published schema, with a validator of Rust's.

use boon::{Compiler, SchemaIndex, Schemas};
use roost_core::clock::UnixMillis;
use roost_core::zone::Zone;
use roost_import::schema::json_schema;
use serde_json::Value;

/// 2027-01-01 00:00 UTC.
pub(crate) const NOW: UnixMillis = UnixMillis(1_798_761_600_000);

/// The schema that is published, as it stands at [`NOW`].
pub(crate) fn document() -> Value {
    let text = json_schema(NOW, &Zone::parse("Asia/Kolkata").expect("a zone"));
    serde_json::from_str(&text).expect("the schema is JSON")
}

pub(crate) struct Schema(Schemas, SchemaIndex);

impl Schema {
    pub(crate) fn published() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("import.json", document()).expect("the schema is a schema");
        let index = compiler.compile("import.json", &mut schemas).expect("the schema compiles");
        Self(schemas, index)
    }

    pub(crate) fn allows(&self, file: &Value) -> bool {
        self.0.validate(file, self.1).is_ok()
    }
}
