// Who may see which knowledge base, as SQL. It stands inside every query, so nothing foreign is ever loaded.
import type { Caller } from '../identity/caller.ts';

/** Nobody's id: what a caller without an account compares owners and members with. */
const nobody = '00000000-0000-0000-0000-000000000000';

export function personIdOf(caller: Caller): string {
  return caller.kind === 'person' ? caller.personId : nobody;
}

/** Mine: I own it or I am a member. `$1` is the person. */
const mine = `(kb.owner_id = $1::uuid or exists (
  select 1 from knowledge_members m where m.kb_id = kb.id and m.person_id = $1::uuid))`;

/** A base that is switched off is visible to its owner alone. */
const inService = `(kb.status in ('enabled', 'indexing') or kb.owner_id = $1::uuid)`;

/** May be read by whoever knows the id. */
export const readable = `(${inService} and (kb.visibility in ('public', 'unlisted') or ${mine}))`;

/** Is offered without being asked for: unlisted ones only to their own people. */
export const listed = `(${inService} and (kb.visibility = 'public' or ${mine}))`;
