/** Stable, for logs and start-up messages; people never see these: a caller maps them to its own words. */
export type DatabaseErrorCode =
  | 'database_folder_in_use'
  | 'database_folder_not_writable'
  | 'database_disk_full'
  | 'database_unreachable'
  | 'database_migration_failed'
  | 'database_start_failed'
  | 'database_restarting'
  | 'database_outside_transaction'
  | 'database_transaction_doomed';

/** What can go wrong with the database itself. Errors of single statements are those of MikroORM. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DatabaseError';
    this.code = code;
  }

  static folderInUse(folder: string, holder: string): DatabaseError {
    return new DatabaseError(
      'database_folder_in_use',
      `The database in ${folder} is in use by ${holder}. Stop it, or set DATA_DIR to another folder.`,
    );
  }

  static folderNotWritable(folder: string, cause?: unknown): DatabaseError {
    return new DatabaseError(
      'database_folder_not_writable',
      `Nothing can be written to ${folder}. Make it writable, or set DATA_DIR to another folder.`,
      cause,
    );
  }

  static diskFull(folder: string, cause?: unknown): DatabaseError {
    return new DatabaseError(
      'database_disk_full',
      `There is no space left for the database in ${folder}. Free some, or set DATA_DIR to another disk.`,
      cause,
    );
  }

  /** @param address `host:port` only: the URL holds a password. */
  static unreachable(address: string, reason: string, cause?: unknown): DatabaseError {
    return new DatabaseError(
      'database_unreachable',
      `PostgreSQL at ${address} cannot be used: ${reason}. Check DATABASE_URL.`,
      cause,
    );
  }

  static migrationFailed(cause: unknown): DatabaseError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new DatabaseError(
      'database_migration_failed',
      `The database was left as it was, because a migration failed: ${reason}`,
      cause,
    );
  }

  static startFailed(folder: string, cause: unknown): DatabaseError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new DatabaseError(
      'database_start_failed',
      `The database in ${folder} did not start: ${reason}`,
      cause,
    );
  }

  /** The embedded database stopped, and starts again by itself as soon as it can. */
  static restarting(folder: string, reason: string): DatabaseError {
    if (isDiskFull(reason)) return DatabaseError.diskFull(folder, reason);
    return new DatabaseError(
      'database_restarting',
      `The database in ${folder} is being restarted, because it stopped: ${reason}`,
    );
  }

  static outsideTransaction(): DatabaseError {
    return new DatabaseError(
      'database_outside_transaction',
      'A transaction is running here, but this query belongs to an entity manager from outside of it. ' +
        'Take database.em inside the transaction instead of keeping one.',
    );
  }

  static transactionDoomed(cause: unknown): DatabaseError {
    return new DatabaseError(
      'database_transaction_doomed',
      'The transaction was rolled back: a part of it had failed, and the error was caught inside.',
      cause,
    );
  }
}

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const NOT_WRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST']);

function isDiskFull(text: string): boolean {
  return /ENOSPC|no space left/i.test(text);
}

/** Errors of the file system below DATA_DIR, told by their code; everything else is a failed start. */
export function folderError(folder: string, cause: unknown): DatabaseError {
  if (cause instanceof DatabaseError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const text = cause instanceof Error ? cause.message : String(cause);
  if (FULL.has(code) || isDiskFull(text)) return DatabaseError.diskFull(folder, cause);
  if (NOT_WRITABLE.has(code)) return DatabaseError.folderNotWritable(folder, cause);
  return DatabaseError.startFailed(folder, cause);
}
