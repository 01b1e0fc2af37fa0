/** What of a pino logger is used here. */
export interface DatabaseLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export const silentLogger: DatabaseLogger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
