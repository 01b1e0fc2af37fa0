// The buttons under a message, and what happens when one is pressed.
import { act } from './api.js';
import { ask, h, icon, toast } from './dom.js';
import { followLink } from './links.js';
import { openMiniApp } from './mini-app.js';
import { store } from './store.js';

export function inlineKeyboard(message) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return h(
    'div',
    { class: 'inline-keyboard', role: 'group', 'aria-label': 'Buttons' },
    rows.map((row, r) =>
      h(
        'div',
        { class: 'inline-row' },
        row.map((button, c) => inlineButton(message, button, `${r}-${c}`)),
      ),
    ),
  );
}

function inlineButton(message, button, place) {
  const outside = button.url ? 'link' : button.web_app ? 'phone' : null;
  const node = h(
    'button',
    {
      type: 'button',
      class: `inline-button ${button.style ?? ''}`,
      'data-focus': place,
      onclick: () => void pressButton(node, message, button),
    },
    h('span', { class: 'inline-label' }, button.text),
    outside && icon(outside),
  );
  return node;
}

async function pressButton(node, message, button) {
  if (button.web_app) return openMiniApp({ url: button.web_app.url, chat: store.chat });
  if (button.copy_text) {
    await navigator.clipboard?.writeText(button.copy_text.text).catch(() => {});
    return toast('Copied');
  }
  if (button.url) return followLink(button.url) || window.open(button.url, '_blank', 'noopener');
  if (button.callback_data === undefined)
    return toast('The playground does not know this kind of button', 'bad');
  node.classList.add('waiting');
  const done = (answer) => {
    node.classList.remove('waiting');
    if (answer.url) followLink(answer.url);
    else if (answer.text && answer.alert)
      void ask({ message: answer.text, buttons: [{ id: 'ok', text: 'OK' }] });
    else if (answer.text) toast(answer.text);
  };
  setTimeout(() => node.classList.remove('waiting'), 15_000);
  const pressed = await act('press', {
    chat: store.chat,
    message: message.message_id,
    button: button.callback_data,
  });
  if (!pressed) return node.classList.remove('waiting');
  const early = store.earlyAnswers.get(pressed.query);
  if (early) {
    store.earlyAnswers.delete(pressed.query);
    return done(early);
  }
  return store.presses.set(pressed.query, done);
}
