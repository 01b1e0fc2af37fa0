import { environmentSchema, meaningOf, type VariableName } from './schema.ts';

/** The text of `.env.example`: every variable with its meaning and default, grouped, all commented out. */
export function envExample(): string {
  const names = Object.keys(environmentSchema.shape) as VariableName[];
  const groups = Map.groupBy(names, (name) => meaningOf(name).group);
  const sections = [...groups].map(([group, members]) => {
    const variables = members.map((name) => {
      const { description, expected } = meaningOf(name);
      return `# ${description}.\n# Expected: ${expected}.\n# ${name}=${defaultOf(name)}\n`;
    });
    return `## ${group}\n\n${variables.join('\n')}`;
  });
  return `# Concierge reads these from the environment or from a file called .env. None is needed to start.\n\n${sections.join('\n')}`;
}

function defaultOf(name: VariableName): string {
  const parsed = environmentSchema.shape[name].safeParse(undefined);
  return parsed.success && parsed.data !== undefined ? String(parsed.data) : '';
}
