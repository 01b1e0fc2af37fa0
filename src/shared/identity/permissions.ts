// The permission matrix as data. What depends on an object (owner, member, collaborator) is a scope inside its query.
import type { Permission } from '../contracts/auth.ts';

export const guestPermissions: readonly Permission[] = [
  'read:public_kb',
  'search:public_kb',
  'chat:ephemeral',
];

export const userPermissions: readonly Permission[] = [
  ...guestPermissions,
  'chat:threads',
  'read:private_kb',
  'write:kb',
  'manage:kb',
  'execute:workflows',
  'view:tasks',
  'complete:tasks',
  'view:profile',
  'upload:files',
];
