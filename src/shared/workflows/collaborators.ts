import type { Database } from '../database/database.ts';
import type { NoticeWriter } from '../notifications/notice-writer.ts';
import type { Groups, People, TaskChange } from '../services.ts';

/** What the workflows need of the rest of the application. */
export interface WorkflowCollaborators {
  database: Database;
  groups: Pick<Groups, 'find' | 'isMember' | 'ofPerson'> & GroupMembers;
  people: Pick<People, 'find'>;
  notices: NoticeWriter;
  /** Tells the live feeds of these people; called after the commit, may be lost. */
  publish(change: TaskChange, personIds: readonly string[]): void | Promise<void>;
  clock: () => Date;
}

interface GroupMembers {
  /** Everybody known to be in the group. Asked inside of transactions, so it must answer from the database alone. */
  membersOf(groupId: string): Promise<readonly string[]>;
}
