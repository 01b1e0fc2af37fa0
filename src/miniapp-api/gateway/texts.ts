// What the gateway itself says to people. Everything else comes translated from the services.
import type { Language } from '#shared/language.ts';

const en = {
  welcome: (name: string) => `Hello, ${name}! Ask me anything.`,
  guestWelcome: 'Welcome! You are here as a guest: chat and search in public knowledge bases.',
  guestCreated: 'You are a guest for an hour. Open the app from Telegram to keep your conversations.',
  modes: {
    chat: 'Chat',
    tasks: 'Tasks',
    catalog: 'Catalog',
    search: 'Search',
    groups: 'Groups',
    profile: 'Profile',
  },
  prompts: {
    canDo: 'What can you do?',
    tasks: 'What are my open tasks?',
    search: 'What do the knowledge bases know?',
  },
  everything: 'Everything',
  noTasks: 'All done',
  noTasksText: 'No task is waiting for you.',
};

const ru: typeof en = {
  welcome: (name) => `Здравствуйте, ${name}! Спрашивайте.`,
  guestWelcome: 'Добро пожаловать! Вы гость: можно общаться и искать в открытых базах знаний.',
  guestCreated: 'Вы гость на один час. Откройте приложение из Telegram, чтобы сохранить переписку.',
  modes: {
    chat: 'Чат',
    tasks: 'Задачи',
    catalog: 'Каталог',
    search: 'Поиск',
    groups: 'Группы',
    profile: 'Профиль',
  },
  prompts: {
    canDo: 'Что ты умеешь?',
    tasks: 'Какие у меня открытые задачи?',
    search: 'Что есть в базах знаний?',
  },
  everything: 'Всё',
  noTasks: 'Всё сделано',
  noTasksText: 'Вас не ждёт ни одна задача.',
};

export const texts: Record<Language, typeof en> = { en, ru };
