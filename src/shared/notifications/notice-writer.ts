/** What a feature needs to keep people informed of its objects. Call it inside the transaction of the change. */
export interface NoticeWriter {
  /** From now on this target sees the subject; repeated calls are harmless. */
  show(notice: {
    subjectKind: 'task';
    subjectId: string;
    target: { kind: 'group'; id: string; topicId?: number | undefined } | { kind: 'person'; id: string };
  }): Promise<void>;
  /** The subject changed: whoever sees it shall see it anew. */
  changed(subjectKind: 'task', subjectId: string): Promise<void>;
}
