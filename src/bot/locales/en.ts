import type { TaskList } from '#shared/contracts/workflows.ts';
import type { ErrorCode } from '#shared/errors.ts';
import { type PluralForms, plural } from './plural.ts';

const count = (n: number, forms: PluralForms) => plural('en', n, forms);

export const en = {
  commands: {
    start: 'Back to the beginning',
    new: 'Begin a new conversation',
    chat: 'Your conversations',
    search: 'Search the knowledge bases',
    tasks: 'Your tasks',
    run: 'Start a workflow',
    profile: 'What I know about you',
    settings: 'Language, streaming, notifications',
    help: 'What I can do',
    stop: 'Stop the answer',
    cancel: 'Leave a form',
  },

  yes: 'Yes',
  no: 'No',
  on: 'on',
  off: 'off',
  back: '‹ Back',
  previousPage: '‹ Previous',
  nextPage: 'Next ›',
  menuButton: 'App',
  openApp: 'Open the app',
  openInApp: 'Open in the app',
  openPrivately: 'Go to our private chat',
  unnamed: 'New conversation',
  cancelled: 'All right, we leave it.',

  start: {
    welcome: (name: string) =>
      [
        `Hello, ${name}! I'm Concierge.`,
        '',
        'Ask me anything in your own words. I look things up in the knowledge bases that you may read and show where I found them.',
        '',
        'I also look after work: /run starts a workflow, and /tasks shows what waits for you.',
        '',
        'Would you like to try one of these?',
      ].join('\n'),
    questions: ['What can you do?', 'Which knowledge bases are there?', 'How do I get an expense approved?'],
    again: (name: string) => `Good to see you, ${name}. What shall we do?`,
    openTasks: (n: number) =>
      n === 0
        ? 'No task waits for you.'
        : count(n, { one: '# task waits for you.', other: '# tasks wait for you.' }),
    tasks: (n: number) => `My tasks (${n})`,
    prompts: ['What is new?', 'What can you do?'],
    kb: (name: string) =>
      `This conversation is about “${name}” only. What would you like to know? With /new you leave it.`,
    group: (title: string) => `You come from “${title}”. Here we can talk in private.`,
    gone: 'What this link led to is not there any more, or it is not for you.',
  },

  chats: {
    fresh: 'A new conversation begins here. What is it about?',
    none: 'You have no conversations yet. Write something, and the first one begins.',
    list: (n: number) =>
      count(n, { one: 'You have # conversation.', other: 'You have # conversations.' }) +
      ' Choose the one to go on with:',
    continued: (title: string) => `We go on with “${title}”.`,
    empty: 'Nothing has been said here yet.',
    you: 'You',
    me: 'Concierge',
    rename: 'Rename',
    remove: 'Delete',
    askTitle: (title: string) => `What shall “${title}” be called? Write the new name, or /cancel.`,
    titleRules: 'A name has 1 to 200 characters. Please write it once more, or /cancel.',
    renamed: (title: string) => `It is called “${title}” now.`,
    confirmRemove: (title: string) =>
      `Delete “${title}” with everything that was said in it? It cannot be undone.`,
    reallyRemove: 'Yes, delete it',
    keep: 'No, keep it',
    removed: (title: string) => `“${title}” is deleted.`,
    toList: 'All conversations',
    inPrivate: 'In a group there is one conversation for all. Your own ones are in our private chat.',
  },

  search: {
    pick: 'Where shall I search? Without a tick I search everywhere that you may read.',
    noBases: 'There is no knowledge base that you may read yet.',
    go: 'Search',
    ask: 'What are you looking for? Write it, or /cancel.',
    found: (shown: number, words: string) =>
      count(shown, { one: '# find', other: '# finds' }) + ` for “${words}”:`,
    nothing: (words: string) =>
      `I found nothing for “${words}”. Other words may help, or a search in all knowledge bases.`,
    tooLong: 'That is a lot to look for. Up to 500 characters are fine.',
    open: (n: number) => `Open ${n}`,
    inPrivate: 'What I find may not be for everybody here. Let us search in our private chat.',
  },

  tasks: {
    lists: {
      inbox: 'Inbox',
      next: 'Next',
      waiting: 'Waiting',
      scheduled: 'Scheduled',
      done: 'Done',
    } satisfies Record<TaskList, string>,
    empty: {
      inbox: 'Nothing new. Enjoy the quiet!',
      next: 'Nothing is due soon.',
      waiting: 'Nothing waits for somebody else.',
      scheduled: 'Nothing is put off until later.',
      done: 'Nothing is done yet.',
    } satisfies Record<TaskList, string>,
    heading: (list: string) => `Your tasks: ${list}`,
    process: (name: string, startedBy: string | null) =>
      startedBy === null ? name : `${name}, started by ${startedBy}`,
    due: 'Due',
    overdue: 'Overdue since',
    followUp: 'Put off until',
    assignee: (name: string) => `Taken by ${name}`,
    free: 'Nobody has taken it yet',
    completed: (name: string | null) => (name === null ? 'Done' : `Done by ${name}`),
    cancelled: 'Not needed any more',
    vanished: 'This task is not there any more.',
    take: 'Take it',
    done: 'Done',
    fillIn: 'Fill in here',
    openForm: 'Open form',
    open: 'Open',
    taken: 'It is yours now.',
    takenBy: (name: string) => `${name} has it already.`,
    openBotFirst: 'It is yours now. Open our private chat to go on.',
    notForYou: 'This task is not for you.',
    needsForm: 'It needs some details. Open the form to complete it.',
    finishedBy: (name: string | null) =>
      name === null ? 'It is done already.' : `${name} has already done it.`,
    finishedByYou: 'You have already done it.',
    takeFirst: 'Take it first, then you can fill it in.',
    finished: 'Done, thank you.',
    inPrivate: 'Your tasks are for your eyes. I show them in our private chat.',
  },

  run: {
    list: 'What shall I start?',
    none: 'No workflow is set up yet.',
    unknown: (key: string) => `I know no workflow called “${key}”. These are there:`,
    started: (name: string) => `“${name}” is under way.`,
    waitingFor: (steps: string) => `Next: ${steps}`,
    ended: 'It is already finished.',
  },

  form: {
    counter: (i: number, n: number) => `${i}/${n}`,
    intro: (n: number) =>
      count(n, { one: 'One question', other: '# questions' }) + ', /cancel leaves the form at any time.',
    optional: 'optional',
    keep: (value: string) => `Keep ${value}`,
    skip: 'Skip',
    clear: 'Leave empty',
    cancel: 'Cancel',
    send: 'Send',
    edit: 'Edit',
    today: 'Today',
    yesterday: 'Yesterday',
    tomorrow: 'Tomorrow',
    choose: 'Choose below.',
    yesOrNo: 'Yes or no?',
    date: 'Choose below, or write a date such as 2026-11-21.',
    placeholder: 'Your answer',
    cannotSkip: 'This one is needed, it cannot be skipped.',
    onlyText: 'Please answer with text, or with a button.',
    check: 'Is everything right?',
    pressSend: 'Everything is filled in. Use the buttons above to send it or to change something.',
    which: 'What would you like to change?',
    nothing: '—',
    cancelled: 'Left. Nothing was sent.',
    leftFor: 'I put the form away, nothing was sent.',
    nothingToCancel: 'There is nothing to leave.',
    over: 'This form is closed.',
    answered: 'This is answered already. “Edit” at the end changes it.',
    foreign: 'This form is somebody else’s.',
    sent: 'Sent, thank you.',
    fileOnlyInApp: (label: string) =>
      `“${label}” needs a file, and files go through the app. Please open the form there.`,
    fileSkipped: (label: string) => `“${label}” takes a file; in the app you can add one.`,
    nowDone: (name: string | null) =>
      name === null
        ? 'Meanwhile this task has been completed, so I close the form.'
        : `Meanwhile ${name} has completed this task, so I close the form.`,
    nowMine: 'You have already completed this task, so I close the form.',
    nowCancelled: 'This task is not needed any more, so I close the form.',
    nowTaken: (name: string) => `Meanwhile ${name} has taken this task, so I close the form.`,
    failed: 'It did not work just now. Please press the button once more.',
    failedText: 'It did not work just now. Please send it once more.',
    group: 'Reply to this message to answer.',
  },

  profile: {
    since: (date: string) => `Here since ${date}`,
    messages: (n: number) => count(n, { one: '# question asked', other: '# questions asked' }),
    tasks: (n: number) => count(n, { one: '# task completed', other: '# tasks completed' }),
    groups: (n: number) => count(n, { one: '# group managed', other: '# groups managed' }),
    knowledge: (mb: string) => `${mb} MB of knowledge`,
    running: 'Under way:',
    inPrivate: 'Your profile is for your eyes. I show it in our private chat.',
  },

  settings: {
    heading: 'Your settings',
    language: (name: string) => `Language: ${name}`,
    streaming: (state: string) => `Answers appear while I write: ${state}`,
    notifications: (state: string) => `Notifications about tasks: ${state}`,
    languageName: 'English',
    switchStreaming: (isOn: boolean): string =>
      isOn ? 'Show answers only when finished' : 'Show answers while I write',
    switchNotifications: (isOn: boolean): string =>
      isOn ? 'Mute task notifications' : 'Notify me about tasks',
    saved: 'Saved.',
    inPrivate: 'Your settings are in our private chat.',
  },

  help: {
    privately: [
      'Ask me anything, as you would ask a colleague. I answer from the knowledge bases that you may read, and name my sources.',
      '',
      '/new – begin a new conversation',
      '/chat – your conversations: go on, rename, delete',
      '/search – search the knowledge bases yourself',
      '/run – start a workflow, such as an expense approval',
      '/tasks – what waits for you',
      '/profile, /settings – about you',
      '/stop – stop the answer that is being written',
      '',
      'You can also forward me a text and I tell you about it. In groups I answer when you mention me or reply to me.',
    ].join('\n'),
    group: (username: string) =>
      [
        `I answer when you mention me (@${username}) or reply to one of my messages.`,
        '/run starts a workflow for this group. /stop stops my answer.',
      ].join('\n'),
  },

  stop: {
    stopped: 'Stopped.',
    nothing: 'I am not answering anything at the moment.',
    notYours: 'Only whoever asked may stop this answer.',
    retryNotYours: 'Only whoever asked may ask again.',
  },

  unknownCommand: (command: string, nearest: string | undefined) =>
    nearest === undefined
      ? `I don't know ${command}. /help shows what I can do.`
      : `I don't know ${command}. Did you mean ${nearest}?`,

  content: {
    voice: 'I cannot listen to voice messages yet. Please write it to me.',
    photo: 'I cannot look at pictures yet. If there is text in it, please write or paste it.',
    document: 'I cannot read files here yet. Please paste the part that matters.',
    sticker: 'Nice one! I understand words best, though.',
    other: 'I cannot do anything with this yet. I understand text, also forwarded text.',
    forwarded: (origin: string, text: string) => `Forwarded from ${origin}:\n\n${text}`,
    somebody: 'somebody',
    quoted: (name: string, text: string) => `${name} wrote:\n${text}`,
  },

  group: {
    added: (title: string) =>
      `Thank you for adding me to “${title}”. I stay quiet there until somebody needs me.`,
    works: (username: string) =>
      `What works: I answer when I am mentioned (@${username}) or replied to, /run starts a workflow for the group, and tasks for the group appear there with buttons.`,
    privacyMode:
      'What does not: I see only messages that are meant for me, because Telegram’s privacy mode is on. Make me an administrator if I should see more.',
    seesAll: 'I can see all messages there. I answer only those that are meant for me.',
    cannotWrite: 'I may not write there. Please allow me to send messages.',
    emptyMention: 'Yes? Write your question together with the mention, or reply to this message.',
  },

  buttons: {
    old: 'This button is out of date.',
  },

  answer: {
    thinking: 'Thinking…',
    toolRunning: (label: string) => `${label}…`,
    toolDone: (label: string) => `${label}: done`,
    toolFailed: (label: string) => `${label}: did not work`,
    stopped: 'Stopped.',
    interrupted: 'I was interrupted here.',
    empty: 'I have nothing to say to this. Could you put it differently?',
    stop: 'Stop',
    retry: 'Try again',
    sources: 'Sources',
  },

  tooFast: (seconds: number) =>
    count(seconds, {
      one: 'That was a bit fast for me. Please try again in a second.',
      other: 'That was a bit fast for me. Please try again in # seconds.',
    }),

  errors: {
    AUTH_INVALID_TOKEN: 'I cannot find your account. Please send /start.',
    AUTH_INVALID_SIGNATURE: 'I could not verify that. Please open the app anew.',
    AUTH_REQUIRED: 'For this I need to know who you are. Please send /start.',
    PERMISSION_DENIED: 'This is not for you. Whoever is in charge of it can let you in.',
    UPGRADE_REQUIRED: 'For this you need an account. Please send /start.',
    RESOURCE_NOT_FOUND: 'I cannot find this. It is gone, or it is not for you.',
    CONFLICT: 'Somebody was faster: this has changed meanwhile.',
    PAYLOAD_TOO_LARGE: 'This is too long for me. Please make it shorter.',
    UNSUPPORTED_MEDIA_TYPE: 'I cannot work with this kind of content.',
    VALIDATION_ERROR: 'Something in it is not right. Please check it and try again.',
    RATE_LIMIT_EXCEEDED: 'That was a bit fast for me. Please wait a moment and try again.',
    WORKFLOW_ERROR: 'The workflow could not go on. Nothing is lost; please try again later.',
    TOOL_ERROR: 'A tool that I needed failed. Please try again.',
    UPSTREAM_UNAVAILABLE: 'A service that I need is not answering. Please try again in a minute.',
    INTERNAL_ERROR: 'Something went wrong on my side. Please try again.',
  } satisfies Record<ErrorCode, string>,
};

export type Texts = typeof en;
