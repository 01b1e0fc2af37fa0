import { type DestinationStream, type Logger, pino } from 'pino';
import { logContext } from './context.ts';
import { redact, redactText } from './redact.ts';

export type { Logger } from 'pino';

/** JSON lines on standard output, each with the ids of its context and without secrets. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: {},
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'message',
      errorKey: 'error',
      // The formatter below serialises errors, redacted; pino's own serialiser would run first and hide the cause's shape.
      serializers: { error: (error: unknown) => error },
      mixin: () => ({ ...logContext() }),
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields) as Record<string, unknown>,
      },
      hooks: {
        logMethod(args, method) {
          const clean = args.map((argument) =>
            typeof argument === 'string' ? redactText(argument) : argument,
          );
          method.apply(this, clean as Parameters<typeof method>);
        },
      },
    },
    destination ?? pino.destination({ sync: false, dest: 1 }),
  );
}
