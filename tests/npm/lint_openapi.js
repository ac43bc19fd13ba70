// Checks an OpenAPI description with Redocly's rules (redocly.yaml): FILE. Prints a line for each finding; exit 1 if there are any.
"use strict";
const path = require("path");
const { lint, loadConfig } = require("@redocly/openapi-core");

async function main(file) {
  const config = await loadConfig({ configPath: path.join(__dirname, "redocly.yaml") });
  const findings = await lint({ ref: file, config });
  for (const f of findings) {
    const at = f.location[0];
    console.log(`${f.severity} ${f.ruleId} ${at ? at.pointer : ""}: ${f.message}`);
  }
  process.exitCode = findings.length ? 1 : 0;
}

main(process.argv[2]);
