// Light and dark: the page's own choice, and the colours that Telegram hands to Mini Apps.
import { changed } from './store.js';

const KEY = 'playground-theme';
const listeners = new Set();

const PARAMS = {
  light: {
    bg_color: '#ffffff',
    text_color: '#000000',
    hint_color: '#707579',
    link_color: '#3390ec',
    button_color: '#3390ec',
    button_text_color: '#ffffff',
    secondary_bg_color: '#f4f4f5',
    header_bg_color: '#ffffff',
    bottom_bar_bg_color: '#ffffff',
    accent_text_color: '#3390ec',
    section_bg_color: '#ffffff',
    section_header_text_color: '#707579',
    section_separator_color: '#e3e3e6',
    subtitle_text_color: '#707579',
    destructive_text_color: '#df3f40',
  },
  dark: {
    bg_color: '#212121',
    text_color: '#ffffff',
    hint_color: '#aaaaaa',
    link_color: '#8774e1',
    button_color: '#8774e1',
    button_text_color: '#ffffff',
    secondary_bg_color: '#0f0f0f',
    header_bg_color: '#212121',
    bottom_bar_bg_color: '#212121',
    accent_text_color: '#8774e1',
    section_bg_color: '#212121',
    section_header_text_color: '#aaaaaa',
    section_separator_color: '#333335',
    subtitle_text_color: '#aaaaaa',
    destructive_text_color: '#ff595a',
  },
};

export const currentTheme = () => document.documentElement.dataset.theme;
export const themeParams = () => PARAMS[currentTheme()];

export function startTheme() {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const chosen = localStorage.getItem(KEY);
  setTheme(chosen ?? (system.matches ? 'dark' : 'light'));
  system.addEventListener('change', () => {
    if (!localStorage.getItem(KEY)) setTheme(system.matches ? 'dark' : 'light');
  });
}

export function toggleTheme() {
  const next = currentTheme() === 'dark' ? 'light' : 'dark';
  localStorage.setItem(KEY, next);
  setTheme(next);
}

export function onTheme(listener) {
  listeners.add(listener);
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  for (const listener of listeners) listener();
  changed();
}
