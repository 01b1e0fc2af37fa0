import { Fragment, memo, type ReactNode } from 'react';
import { useApp, useTranslator } from '../app/context.ts';
import { type Block, type Inline, parseMarkdown } from './markdown.ts';

interface MarkdownProps {
  text: string;
  /** Numbers that have a source to go to; another `[n]` stays text. */
  cited: ReadonlySet<number>;
  onCite: (n: number) => void;
}

export const Markdown = memo(function Markdown({ text, cited, onCite }: MarkdownProps) {
  return <div className="markdown">{parseMarkdown(text).map((block, index) => drawBlock(block, index))}</div>;

  function drawBlock(block: Block, key: number): ReactNode {
    switch (block.kind) {
      case 'paragraph':
        return <p key={key}>{drawInlines(block.children)}</p>;
      case 'heading':
        return (
          <p
            key={key}
            className={`heading heading-${Math.min(block.level, 3)}`}
            role="heading"
            aria-level={block.level + 1}
          >
            {drawInlines(block.children)}
          </p>
        );
      case 'code':
        return <CodeBlock key={key} language={block.language} text={block.text} />;
      case 'quote':
        return <blockquote key={key}>{block.children.map(drawBlock)}</blockquote>;
      case 'list': {
        const items = block.items.map((item, index) => <li key={index}>{drawItem(item)}</li>);
        return block.ordered ? (
          <ol key={key} start={block.start}>
            {items}
          </ol>
        ) : (
          <ul key={key}>{items}</ul>
        );
      }
      case 'table':
        return (
          <div key={key} className="table-scroll">
            <table>
              <thead>
                <tr>
                  {block.head.map((cell, index) => (
                    <th key={index}>{drawInlines(cell)}</th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {block.rows.map((row, index) => (
                  <tr key={index}>
                    {row.map((cell, column) => (
                      <td key={column}>{drawInlines(cell)}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        );
      default:
        return <hr key={key} />;
    }
  }

  /** A lone paragraph in a list item needs no paragraph's margins. */
  function drawItem(blocks: Block[]): ReactNode {
    return blocks.map((block, index) =>
      block.kind === 'paragraph' ? (
        <Fragment key={index}>{drawInlines(block.children)}</Fragment>
      ) : (
        drawBlock(block, index)
      ),
    );
  }

  function drawInlines(inlines: readonly Inline[]): ReactNode {
    return inlines.map((inline, index) => <Fragment key={index}>{drawInline(inline)}</Fragment>);
  }

  function drawInline(inline: Inline): ReactNode {
    switch (inline.kind) {
      case 'text':
        return inline.text;
      case 'code':
        return <code>{inline.text}</code>;
      case 'strong':
        return <strong>{drawInlines(inline.children)}</strong>;
      case 'emphasis':
        return <em>{drawInlines(inline.children)}</em>;
      case 'strike':
        return <s>{drawInlines(inline.children)}</s>;
      case 'link':
        return <OutLink href={inline.href}>{drawInlines(inline.children)}</OutLink>;
      case 'citation':
        return cited.has(inline.n) ? <Citation n={inline.n} onCite={onCite} /> : `[${inline.n}]`;
      default:
        return <br />;
    }
  }
});

function Citation({ n, onCite }: { n: number; onCite: (n: number) => void }) {
  const { t } = useTranslator();
  return (
    <button
      type="button"
      className="citation"
      aria-label={t('chat.source', { n })}
      onClick={() => onCite(n)}
      data-testid={`citation-${n}`}
    >
      {n}
    </button>
  );
}

/** A link out of the app, opened the way Telegram wants it. */
export function OutLink({
  href,
  children,
  className,
}: {
  href: string;
  children: ReactNode;
  className?: string;
}) {
  const { telegram } = useApp();
  return (
    <a
      href={href}
      className={className}
      target="_blank"
      rel="noopener noreferrer nofollow"
      onClick={(event) => {
        event.preventDefault();
        telegram.open(href);
      }}
    >
      {children}
    </a>
  );
}

function CodeBlock({ language, text }: { language: string; text: string }) {
  const { toasts, telegram } = useApp();
  const { t } = useTranslator();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Web views may forbid it; then nothing was copied and nothing is claimed.
      return;
    }
    telegram.haptic('press');
    toasts.show(t('common.copied'));
  };
  return (
    <div className="code-block">
      <div className="code-head">
        <span>{language}</span>
        <button type="button" onClick={() => void copy()}>
          {t('common.copy')}
        </button>
      </div>
      <pre>
        <code>{text}</code>
      </pre>
    </div>
  );
}
