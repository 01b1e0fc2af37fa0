import { expect, it } from 'vitest';
import { entities } from './entities.ts';
import { schemaDifference } from './shared/database/schema-difference.ts';
import { openTestDatabase } from './shared/database/test-database.ts';

it('are what the migrations make', async () => {
  const database = await openTestDatabase(entities);
  try {
    expect(await schemaDifference(database)).toBe('');
  } finally {
    await database.close();
  }
});
