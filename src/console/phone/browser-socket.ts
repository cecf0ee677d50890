// BrowserSocket: the socket of the test phone, at the Gateway's own origin.
import type { PhoneSocket, SocketListener } from './phone.ts';

export function openBrowserSocket(path: string, listener: SocketListener): PhoneSocket {
  const url = new URL(path, location.origin);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') listener.onText(data);
    else listener.onSound(new Uint8Array(data));
  });
  socket.addEventListener('close', () => listener.onClosed());
  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(message);
    },
    close: () => socket.close(1000),
  };
}
