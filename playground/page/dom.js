// Builds DOM nodes. Text always becomes text nodes: nothing people or bots write is parsed as HTML.

/** @example h('button', { class: 'flat', 'aria-label': 'Send', onclick: send }, icon('send')) */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'value' || name === 'checked') node[name] = value;
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SHAPES = {
  send: 'M4 12 3 4.500 21 12 3 19.500 4 12Zm0 0h8',
  clip: 'm20 11-8.200 8.200a5 5 0 0 1-7-7L13 4a3.400 3.400 0 0 1 4.800 4.800l-8.200 8.100a1.700 1.700 0 0 1-2.400-2.400l7.500-7.400',
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6 6 18',
  more: 'M12 5.500v.01M12 12v.01M12 18.500v.01',
  tools: 'M5 7h8m4 0h2M5 12h2m4 0h8M5 17h8m4 0h2M15 5v4M9 10v4M15 15v4',
  sun: 'M12 3v2m0 14v2M3 12h2m14 0h2M5.600 5.600 7 7m10 10 1.400 1.400M5.600 18.400 7 17M17 7l1.400-1.400M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z',
  moon: 'M20 14.500A8.500 8.500 0 1 1 9.500 4a7 7 0 0 0 10.500 10.500Z',
  plus: 'M12 5v14M5 12h14',
  reply: 'M10 8V4l-7 7 7 7v-4c5 0 8 1.500 10.500 5C20 13 17 8 10 8Z',
  forward: 'M14 8V4l7 7-7 7v-4c-5 0-8 1.500-10.500 5C4 13 7 8 14 8Z',
  edit: 'M4 20l1-4L16.500 4.500a2 2 0 0 1 3 3L8 19l-4 1ZM14.500 6.500l3 3',
  trash: 'M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13',
  smile: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM8.500 14.500c2 2.500 5 2.500 7 0M9 9.500v.01M15 9.500v.01',
  phone:
    'M8 3h8a1.500 1.500 0 0 1 1.500 1.500v15A1.500 1.500 0 0 1 16 21H8a1.500 1.500 0 0 1-1.500-1.500v-15A1.500 1.500 0 0 1 8 3ZM11 18h2',
  keyboard: 'M4 6.500h16v11H4zM7.500 10v.01M12 10v.01M16.500 10v.01M8 14h8',
  stop: 'M7 7h10v10H7z',
  file: 'M7 3h7l4 4v14H7zM14 3v4h4',
  slash: 'M4.500 4.500h15v15h-15zM14 8l-4 8',
  link: 'M9 15 17 7m-6 0h6v6',
  down: 'M12 5v14m-6-6 6 6 6-6',
  group:
    'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7Zm-6 9c0-4 2.500-6 6-6s6 2 6 6M16 4.500a3.500 3.500 0 0 1 0 6M17.500 14c2.300.700 3.500 2.700 3.500 6',
  reload: 'M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5',
  check: 'm5 13 4 4L19 7',
};

export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svg.namespaceURI, 'path');
  path.setAttribute('d', SHAPES[name]);
  svg.append(path);
  return svg;
}

/** Shows items in order, touching only the nodes whose signature changed: focus and selection stay. */
export function showKeyed(container, items, { key, signature, render }) {
  const old = new Map();
  for (const node of container.children) old.set(node.dataset.key, node);
  let last = null;
  for (const item of items) {
    const id = String(key(item));
    const sign = signature(item);
    let node = old.get(id);
    old.delete(id);
    if (!node || node.signature !== sign) {
      const fresh = render(item);
      fresh.dataset.key = id;
      fresh.signature = sign;
      if (node) {
        const focused = node.contains(document.activeElement)
          ? document.activeElement.dataset.focus
          : undefined;
        node.replaceWith(fresh);
        if (focused && fresh.dataset.focus === focused) fresh.focus();
        else if (focused) fresh.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
      }
      node = fresh;
    }
    const place = last ? last.nextSibling : container.firstChild;
    if (place !== node) container.insertBefore(node, place);
    last = node;
  }
  for (const node of old.values()) node.remove();
}

const HUES = ['#e17076', '#faa774', '#a695e7', '#7bc862', '#6ec9cb', '#65aadd', '#ee7aae'];
const DEEP = ['#c03d4b', '#c87025', '#7a5bd0', '#3f9142', '#2a93a0', '#2f7fc1', '#c6438a'];

export function nameColor(id) {
  return Math.abs(id) % HUES.length;
}

/** A round picture with initials, as Telegram draws people without a photo. */
export function avatar({ id, first_name, last_name, title, is_bot }, size = 'm') {
  const words = (title ?? [first_name, last_name].filter(Boolean).join(' ')).split(/\s+/u);
  const initials = [words[0], words[1]]
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
  const node = h('span', { class: `avatar avatar-${size}`, 'aria-hidden': 'true' }, initials);
  const hue = nameColor(id);
  const [from, to] = is_bot ? ['#5eb5f7', '#2b7fd6'] : [HUES[hue], DEEP[hue]];
  node.style.setProperty('--from', from);
  node.style.setProperty('--to', to);
  return node;
}

export function fullName(user) {
  return [user?.first_name, user?.last_name].filter(Boolean).join(' ') || 'Deleted account';
}

export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

export function toast(text, kind = '') {
  const node = h('div', { class: `toast ${kind}` }, text);
  document.querySelector('#toasts').append(node);
  setTimeout(() => node.classList.add('leaving'), 3600);
  setTimeout(() => node.remove(), 4000);
}

/** A small question in a dialog. Resolves with the chosen id, or '' when it was dismissed. */
export function ask({ title, message, buttons, input }) {
  const field =
    input === undefined
      ? null
      : h('input', { class: 'field', 'aria-label': input, placeholder: input, maxlength: 200 });
  return new Promise((resolve) => {
    let chosen = '';
    const dialog = h('dialog', { class: 'dialog', 'aria-label': title || 'Question' });
    const choose = (id) => {
      chosen = field && id ? field.value.trim() : id;
      dialog.close();
    };
    const row = buttons.map(({ id, text, danger }) =>
      h(
        'button',
        { type: 'button', class: `text-button ${danger ? 'danger' : ''}`, onclick: () => choose(id) },
        text,
      ),
    );
    dialog.append(
      ...[
        title && h('h2', {}, title),
        message && h('p', {}, message),
        field,
        h('div', { class: 'dialog-buttons' }, row),
      ].filter(Boolean),
    );
    field?.addEventListener('keydown', (event) => event.key === 'Enter' && choose(buttons.at(-1).id));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(chosen);
    });
    document.body.append(dialog);
    dialog.showModal();
    (field ?? row.at(-1)).focus();
  });
}

/** A menu at a place of the window; arrows, Enter and Escape work. Items: {text, icon, danger, run} or a node. */
export function openMenu(anchor, items) {
  document.querySelector('.menu')?.remove();
  const menu = h('div', { class: 'menu', role: 'menu', popover: 'auto' });
  for (const item of items) {
    if (item instanceof Node) menu.append(item);
    else {
      const run = () => {
        menu.hidePopover();
        item.run();
      };
      const classes = item.danger ? 'menu-item danger' : 'menu-item';
      menu.append(
        h(
          'button',
          { type: 'button', role: 'menuitem', class: classes, onclick: run },
          icon(item.icon),
          item.text,
        ),
      );
    }
  }
  menu.addEventListener('toggle', (event) => event.newState === 'closed' && menu.remove());
  menu.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...menu.querySelectorAll('button')];
    buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length)?.focus();
  });
  document.body.append(menu);
  menu.showPopover();
  const box =
    anchor instanceof Element
      ? anchor.getBoundingClientRect()
      : { left: anchor.x, right: anchor.x, bottom: anchor.y, top: anchor.y };
  const { width, height } = menu.getBoundingClientRect();
  const left = box.left + width > innerWidth - 8 ? box.right - width : box.left;
  const top = box.bottom + height > innerHeight - 8 ? box.top - height - 4 : box.bottom + 4;
  menu.style.left = `${Math.max(8, left)}px`;
  menu.style.top = `${Math.max(8, top)}px`;
  menu.querySelector('button')?.focus();
}
