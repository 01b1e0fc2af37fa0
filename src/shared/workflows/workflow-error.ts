// Everything that can go wrong with workflows, in the language of the person who caused it.
import { AppError } from '../errors.ts';
import type { Language } from '../language.ts';

function say(language: Language, english: string, russian: string): string {
  return language === 'ru' ? russian : english;
}

export const WorkflowError = {
  unknownWorkflow(key: string, known: readonly string[], language: Language): AppError {
    const list = known.join(', ');
    return new AppError(
      'RESOURCE_NOT_FOUND',
      say(
        language,
        `There is no workflow "${key}". These exist: ${list}.`,
        `Нет процесса «${key}». Есть такие: ${list}.`,
      ),
      { details: { known } },
    );
  },

  completedBefore(by: { id: string; name: string } | null, language: Language): AppError {
    const name = by?.name ?? say(language, 'Somebody', 'Кто-то');
    return AppError.conflict(
      say(language, `${name} has completed this task already.`, `Задача уже выполнена: ${name}.`),
      { completed_by: by },
    );
  },

  taskCancelled(language: Language): AppError {
    return AppError.conflict(
      say(language, 'This task was cancelled and is no longer needed.', 'Задача отменена и больше не нужна.'),
    );
  },

  takenBy(by: { id: string; name: string }, language: Language): AppError {
    return AppError.conflict(
      say(language, `${by.name} has taken this task.`, `Эту задачу уже делает ${by.name}.`),
      { assignee: by },
    );
  },

  forOthers(language: Language): AppError {
    return new AppError(
      'PERMISSION_DENIED',
      say(
        language,
        'You started this, so somebody else has to do this step.',
        'Вы это начали, поэтому этот шаг делает кто-то другой.',
      ),
    );
  },

  processEnded(language: Language): AppError {
    return AppError.conflict(
      say(
        language,
        'This process has ended and cannot be cancelled.',
        'Процесс завершён, его нельзя отменить.',
      ),
    );
  },

  /** The process itself is wrong, not what the person did: nothing happened, and repeating will not help. */
  stuck(processName: string, language: Language, cause: unknown): AppError {
    return new AppError(
      'WORKFLOW_ERROR',
      say(
        language,
        `The process "${processName}" cannot go on because of a mistake in it. Nothing was changed; please tell its author.`,
        `В процессе «${processName}» ошибка, он не может продолжиться. Ничего не изменено; сообщите его автору.`,
      ),
      { cause },
    );
  },
};
