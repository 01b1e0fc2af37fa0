// The playground's page: joins the parts and shows them again whenever the state changes.
import { listen } from './api.js';
import { mountChat, showChat } from './chat-view.js';
import { mountMiniApp, showMiniApp } from './mini-app.js';
import { mountSidebar, showSidebar } from './sidebar.js';
import { onRender, readUrl, store, writeUrl } from './store.js';
import { startTheme } from './theme.js';
import { mountTools, showTools } from './tools.js';

const [page, sidebar, chat, tools, miniApp] = ['page', 'sidebar', 'chat', 'tools', 'mini-app'].map((id) =>
  document.querySelector(`#${id}`),
);

mountSidebar(sidebar);
mountChat(chat);
mountTools(tools);
mountMiniApp(miniApp);
onRender(() => {
  page.dataset.panel = store.panel ?? '';
  page.classList.toggle('loaded', Boolean(store.data));
  showSidebar();
  showTools(tools);
  showMiniApp(miniApp);
  showChat();
  if (store.data) writeUrl();
});
readUrl();
startTheme();
listen();
