// Redocly's recommended rules over API documents: node lint-api.mjs FILE…. Errors fail; warnings are counted.
import { createConfig, lint } from "@redocly/openapi-core";

const config = await createConfig({ extends: ["recommended"] });
let errors = 0;
for (const file of process.argv.slice(2)) {
  const problems = await lint({ ref: file, config });
  const failed = problems.filter((problem) => problem.severity === "error" && !problem.ignored);
  for (const problem of failed) {
    console.log(`${file}${problem.location[0]?.pointer ?? ""}: [${problem.ruleId}] ${problem.message}`);
  }
  const counts = new Map();
  for (const problem of problems.filter((one) => one.severity === "warn")) {
    counts.set(problem.ruleId, (counts.get(problem.ruleId) ?? 0) + 1);
  }
  const warnings = [...counts].map(([rule, count]) => `${count} of ${rule}`).join(", ");
  console.log(`${file}: ${failed.length} errors, warnings: ${warnings || "none"}`);
  errors += failed.length;
}
process.exit(errors > 0 ? 1 : 0);
