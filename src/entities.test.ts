import { expect, it } from 'vitest';
import { entities } from './entities.ts';
import { schemaDifference } from './shared/database/schema-difference.ts';
import { openTestDatabase } from './shared/database/test-database.ts';

it('are what the migrations make', async () => {
  await using database = await openTestDatabase(entities);
  expect(await schemaDifference(database)).toBe('');
});
