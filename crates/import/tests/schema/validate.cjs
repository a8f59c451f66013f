// Says of each document on standard input what npm ajv finds wrong with it; nothing where it is valid.
'use strict';

const Ajv = require('ajv/dist/2020');

let question = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (piece) => (question += piece));
process.stdin.on('end', () => {
  const { schema, documents } = JSON.parse(question);
  // Strict but for lists and texts that may be null, and for rules that stand in a place of their own.
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false, strictRequired: false });
  const validate = ajv.compile(schema);
  const verdicts = documents.map((document) =>
    validate(document) ? null : ajv.errorsText(validate.errors),
  );
  process.stdout.write(JSON.stringify(verdicts));
});
