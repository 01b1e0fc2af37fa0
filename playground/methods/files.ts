// Files that the bot sends, and those it downloads.
import type { Message } from 'grammy/types';
import { badRequest } from '../checks/errors.ts';
import { readCaption } from '../checks/text.ts';
import { DOWNLOAD_LIMIT } from '../files.ts';
import { imageSize } from '../image-size.ts';
import type { FileRecord } from '../world/state.ts';
import type { Content } from '../world/world.ts';
import { type Call, type Method, requireWritableChat, sendAsBot } from './call.ts';

type Field = 'document' | 'photo' | 'voice';
const FOLDERS = { document: 'documents', photo: 'photos', voice: 'voice' } as const;

const sender =
  (field: Field): Method =>
  async (call) => {
    const record = requireWritableChat(call);
    const caption = readCaption(call.params);
    const media = mediaContent(field, await readFileParam(call, field));
    return sendAsBot(call, record, {
      ...media,
      ...(caption.text ? { caption: caption.text } : {}),
      ...(caption.entities.length > 0 ? { caption_entities: caption.entities } : {}),
    });
  };

/** The message fields that show a stored file. */
export function mediaContent(field: Field, { file, size }: StoredFile): Content {
  const { file_id, file_unique_id, size: file_size, name: file_name, mime: mime_type } = file;
  const ids = { file_id, file_unique_id, file_size };
  if (field === 'photo') return { photo: [{ ...ids, ...size }] as NonNullable<Message['photo']> };
  if (field === 'voice')
    return { voice: { ...ids, mime_type, duration: Math.max(1, Math.round(file_size / 4000)) } };
  return { document: { ...ids, file_name, mime_type } };
}

interface StoredFile {
  file: FileRecord;
  size: { width: number; height: number };
}

/** An upload, or the id of a file sent before. Links are refused: the playground fetches nothing from outside. */
async function readFileParam(call: Call, field: Field): Promise<StoredFile> {
  const value = call.params.string(field);
  const upload = call.params.files.get(
    value.startsWith('attach://') ? value.slice('attach://'.length) : field,
  );
  if (upload) {
    if (upload.bytes.length === 0) throw badRequest('file must be non-empty');
    const size = imageSize(upload.bytes);
    if (field === 'photo' && !size) throw badRequest('IMAGE_PROCESS_FAILED');
    return { file: await call.files.add(upload, FOLDERS[field]), size: size ?? { width: 0, height: 0 } };
  }
  if (value === '') throw badRequest(`there is no ${field} in the request`);
  if (/^https?:/u.test(value)) throw badRequest('failed to get HTTP URL content');
  const file = call.files.byId(value);
  if (!file) throw badRequest('wrong file identifier/HTTP URL specified');
  const bytes = await call.files.read(file);
  return { file, size: (bytes && imageSize(bytes)) ?? { width: 0, height: 0 } };
}

const getFile: Method = ({ params, files }) => {
  const file = files.byId(params.string('file_id'));
  if (!file) throw badRequest('invalid file_id');
  if (file.size > DOWNLOAD_LIMIT) throw badRequest('file is too big');
  const { file_id, file_unique_id, size: file_size, file_path } = file;
  return { file_id, file_unique_id, file_size, file_path };
};

export const fileMethods: Record<string, Method> = {
  sendDocument: sender('document'),
  sendPhoto: sender('photo'),
  sendVoice: sender('voice'),
  getFile,
};
