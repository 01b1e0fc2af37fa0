import type { Permission } from '../contracts/auth.ts';
import { AppError } from '../errors.ts';
import type { Language } from '../language.ts';
import { guestPermissions, userPermissions } from './permissions.ts';

/** Who is asking. Every service takes one and loads nothing outside its scope. */
export type Caller = AnonymousCaller | GuestCaller | PersonCaller;

export interface AnonymousCaller {
  kind: 'anonymous';
  language: Language;
}

/** A visitor without an account: an own ephemeral conversation, public knowledge bases only. */
export interface GuestCaller {
  kind: 'guest';
  guestId: string;
  language: Language;
}

export interface PersonCaller {
  kind: 'person';
  personId: string;
  displayName: string;
  language: Language;
  /** IANA name, for dates in texts. */
  timeZone: string;
}

export function permissionsOf(caller: Caller): readonly Permission[] {
  switch (caller.kind) {
    case 'anonymous':
      return ['read:public_kb'];
    case 'guest':
      return guestPermissions;
    case 'person':
      return userPermissions;
  }
}

/** Throws UPGRADE_REQUIRED for a guest, AUTH_REQUIRED for a stranger, PERMISSION_DENIED for anybody else. */
export function requirePermission(caller: Caller, permission: Permission): void {
  if (permissionsOf(caller).includes(permission)) return;
  if (caller.kind === 'anonymous') {
    throw new AppError('AUTH_REQUIRED', 'Sign in first, or continue as a guest.', {
      details: { permission },
    });
  }
  if (caller.kind === 'guest' && userPermissions.includes(permission)) {
    throw AppError.upgradeRequired(permission);
  }
  throw AppError.denied(permission);
}

export function requirePerson(caller: Caller): PersonCaller {
  if (caller.kind === 'person') return caller;
  if (caller.kind === 'guest') throw AppError.upgradeRequired('account');
  throw new AppError('AUTH_REQUIRED', 'Sign in first.');
}
