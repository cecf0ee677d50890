// UsePhone: the test phone of this page, drawn anew when it changes, and switched off with the page.
import { useEffect, useState } from 'preact/hooks';
import type { ConsoleHost } from './host.ts';
import { openBrowserSocket } from './phone/browser-socket.ts';
import { openBrowserSound } from './phone/browser-sound.ts';
import { Phone, type PhoneView } from './phone/phone.ts';
import type { Store } from './store.ts';

export function usePhone(store: Store, host: ConsoleHost): readonly [Phone, PhoneView] {
  const [, redraw] = useState(0);
  const [phone] = useState(
    () =>
      new Phone({
        host,
        openSocket: openBrowserSocket,
        openSound: openBrowserSound,
        onChange: () => redraw((count) => count + 1),
        onCall: (callId) => {
          if (store.state.selected !== callId) store.select(callId);
        },
      }),
  );
  useEffect(() => () => phone.close(), [phone]);
  return [phone, phone.view];
}
