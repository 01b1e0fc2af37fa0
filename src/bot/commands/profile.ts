import type { BotContext } from '../context.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { showDate } from '../locales/moments.ts';
import { clip, say } from '../say.ts';
import { TextBuilder } from '../text/formatted-text.ts';

const maxProcesses = 10;

export async function showProfile(ctx: BotContext, { services, links }: HandlerDeps): Promise<void> {
  const { t, caller, language } = ctx;
  const profile = await services.people.profile(caller);
  const { stats } = profile;
  const builder = new TextBuilder().append(caller.displayName, { type: 'bold' });
  if (profile.username !== null) builder.append(` (@${profile.username})`);
  const megabytes = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(stats.kb_size_mb);
  const lines = [
    t.profile.since(showDate(profile.created_at, caller)),
    '',
    t.profile.messages(stats.messages_sent),
    t.profile.tasks(stats.tasks_completed),
    t.profile.groups(stats.groups_managed),
    t.profile.knowledge(megabytes),
  ];
  builder.append(`\n${lines.join('\n')}`);
  if (profile.active_processes.length > 0) {
    builder.append(`\n\n${t.profile.running}`);
    for (const { name, waiting_for } of profile.active_processes.slice(0, maxProcesses)) {
      builder.append(`\n• ${clip([name, ...waiting_for].join(' – '), 200)}`);
    }
  }
  const url = links.webApp('profile');
  await say(
    ctx,
    builder.build(),
    url === undefined ? {} : { keyboard: [[{ text: t.openInApp, web_app: { url } }]] },
  );
}
