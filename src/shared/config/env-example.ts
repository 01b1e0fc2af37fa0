import { environmentSchema } from './schema.ts';

/** The text of `.env.example`: every variable with its meaning and default, grouped, all commented out. */
export function envExample(): string {
  const groups = Map.groupBy(
    Object.entries(environmentSchema.shape),
    ([, schema]) => schema.meta()?.group ?? 'Other',
  );
  const sections = [...groups].map(([group, variables]) => {
    const lines = variables.map(([name, schema]) => {
      const meta = schema.meta();
      const fallback =
        environmentSchema.shape[name as keyof typeof environmentSchema.shape].safeParse(undefined);
      const value = fallback.success && fallback.data !== undefined ? String(fallback.data) : '';
      return `# ${meta?.description}.\n# Expected: ${meta?.expected}.\n# ${name}=${value}\n`;
    });
    return `## ${group}\n\n${lines.join('\n')}`;
  });
  return `# Concierge reads these from the environment or from a file called .env. None is needed to start.\n\n${sections.join('\n')}`;
}
