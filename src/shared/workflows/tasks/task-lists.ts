// The five lists. A task is in at most one list of a person, by the first rule that fits:
//
//   done       completed by me, or completed in a process that I started
//   scheduled  mine to do, with a follow-up date that lies ahead
//   next       mine to do, and taken by me or due within three days
//   inbox      mine to do: offered to me or my group and taken by nobody, or just assigned to me
//   waiting    open in a process that I started, for somebody else to do
//
// Tasks that another member of my group has taken are in none, and so are cancelled ones; their links still open.
import type { PageQuery } from '../../contracts/common.ts';
import type { TaskList } from '../../contracts/workflows.ts';
import type { Database } from '../../database/database.ts';
import { type UserTask, UserTaskEntity } from '../entities.ts';

interface ListScope {
  personId: string;
  groupIds: readonly string[];
  now: Date;
}

interface ListedTasks {
  total: number;
  counts: Record<TaskList, number>;
  tasks: UserTask[];
}

/** $1 the person, $2 their groups, $3 now. Who sees what is the rule of `maySee`. */
const listed = `
  select t.id, t.priority, t.due_at, t.follow_up_at, t.created_at, t.completed_at,
    case
      when t.status = 'completed' then 'done'
      when case
          when t.assignee_id is not null then t.assignee_id = $1::uuid
          else t.excluded_id is distinct from $1::uuid
            and (t.candidate_ids @> jsonb_build_array($1::uuid) or t.group_id = any ($2::uuid[]))
        end
      then case
          when t.follow_up_at > $3::timestamptz then 'scheduled'
          when t.claimed_at is not null or t.due_at <= $3::timestamptz + interval '3 days' then 'next'
          else 'inbox'
        end
      when t.starter_id = $1::uuid then 'waiting'
    end as list
  from user_tasks t
  where t.status = 'open' and (
      t.starter_id = $1::uuid
      or t.candidate_ids @> jsonb_build_array($1::uuid)
      or t.group_id = any ($2::uuid[])
      or (t.group_id is null and t.assignee_id = $1::uuid)
    )
    or t.status = 'completed' and (
      t.starter_id = $1::uuid
      or (t.completed_by_id = $1::uuid and (
        t.group_id is null
        or t.group_id = any ($2::uuid[])
        or t.candidate_ids @> jsonb_build_array($1::uuid)
      ))
    )`;

const order: Record<TaskList, string> = {
  inbox: 'due_at asc nulls last, priority desc, created_at desc',
  next: 'due_at asc nulls last, priority desc, created_at desc',
  waiting: 'due_at asc nulls last, created_at desc',
  scheduled: 'follow_up_at asc, created_at desc',
  done: 'completed_at desc',
};

export async function listTasks(
  database: Database,
  scope: ListScope,
  list: TaskList,
  page: PageQuery,
): Promise<ListedTasks> {
  const parameters = [scope.personId, scope.groupIds, scope.now];
  const counted = await database.query<{ list: TaskList; count: number }>(
    `select list, count(*) as count from (${listed}) s where list is not null group by list`,
    parameters,
  );
  const count = (name: TaskList) => counted.find((row) => row.list === name)?.count ?? 0;
  const counts = {
    inbox: count('inbox'),
    next: count('next'),
    waiting: count('waiting'),
    scheduled: count('scheduled'),
    done: count('done'),
  };
  const rows = await database.query<{ id: string }>(
    `select id from (${listed}) s where list = $4 order by ${order[list]}, id desc limit $5 offset $6`,
    [...parameters, list, page.limit, page.offset],
  );
  const found = await database.em.find(UserTaskEntity, { id: { $in: rows.map(({ id }) => id) } });
  const byId = new Map(found.map((task) => [task.id, task]));
  return { total: counts[list], counts, tasks: rows.flatMap(({ id }) => byId.get(id) ?? []) };
}
