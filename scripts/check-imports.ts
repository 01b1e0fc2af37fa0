// Checks the direction of imports. A cruise that sees no modules would be green as well, so their number counts.
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { forbidden } from './import-rules.ts';

const root = join(import.meta.dirname, '..');
process.chdir(root);
const { output } = await cruise(['src', 'playground', 'webapp/src', 'scripts', 'test'], {
  ruleSet: { forbidden },
  validate: true,
  // The TypeScript compiler's own parser is not usable with TypeScript 7: without swc nothing would be seen.
  parser: 'swc',
  tsPreCompilationDeps: true,
  enhancedResolveOptions: {
    exportsFields: ['exports'],
    conditionNames: ['node', 'import', 'types', 'default'],
  },
  exclude: '(^|/)dist/|playground/page/',
  doNotFollow: 'node_modules',
});
if (typeof output === 'string') throw new Error('The import check answered text instead of a result');
const { error, totalCruised } = output.summary;
for (const violation of output.summary.violations) {
  console.error(`${violation.rule.name}: ${violation.from} → ${violation.to}`);
}
if (totalCruised < 50) throw new Error(`Only ${totalCruised} modules were seen: the check itself is broken`);
console.log(`${totalCruised} modules, ${error} imports in a forbidden direction`);
process.exitCode = error > 0 ? 1 : 0;
