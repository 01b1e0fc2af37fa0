import type { ClientFrame, ServerFrame } from '#shared/contracts/gateway-frames.ts';
import { ChatSession } from './chat-session.ts';
import { gatewayProtocol } from './gateway-protocol.ts';
import type { Surface } from './socket-server.ts';
import type { SessionOptions } from './socket-session.ts';
import { TaskSession } from './task-session.ts';

export type GatewaySurface = Surface<ClientFrame, ServerFrame>;
type Collaborators = Omit<SessionOptions, 'caller' | 'connection'>;

/** `/ws/chat` and `/ws/tasks`, by path. */
export function gatewaySurfaces(collaborators: Collaborators): Map<string, GatewaySurface> {
  const common: Pick<GatewaySurface, 'protocol' | 'tokenIn'> = {
    protocol: gatewayProtocol,
    tokenIn: (frame) => (frame.type === 'auth' ? { token: frame.token, mode: frame.stream_mode } : undefined),
  };
  const chat: GatewaySurface = {
    ...common,
    name: 'chat',
    session: (caller, connection) => new ChatSession({ ...collaborators, caller, connection }),
  };
  const tasks: GatewaySurface = {
    ...common,
    name: 'tasks',
    session: (caller, connection) => new TaskSession({ ...collaborators, caller, connection }),
  };
  return new Map([
    ['/ws/chat', chat],
    ['/ws/tasks', tasks],
  ]);
}
