// NgrokSdk: a tunnel by ngrok's own library, where somebody has installed it. It is never part of our bundle.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { NgrokSettings } from '../config/tunnel.ts';
import { reasonOf } from '../lib/errors.ts';
import type { Env } from './command.ts';
import { ngrokCode, ngrokError } from './ngrok-errors.ts';
import type { LocalDoor, OpenTunnel, Tunnel, TunnelNews } from './tunnel.ts';

/** As much of `@ngrok/ngrok` 1.x as we use (its index.d.ts). */
export interface NgrokSdk {
  forward(config: {
    readonly addr: string;
    readonly authtoken?: string;
    readonly domain?: string;
    /** A session that broke is not used again. */
    readonly force_new_session?: boolean;
    /** `closed`: the connection is lost. */
    readonly onStatusChange?: (status: string) => void;
  }): Promise<NgrokListener>;
}

interface NgrokListener {
  url(): string | null;
  close(): Promise<void>;
}

export interface NgrokSdkDeps {
  readonly sdk: NgrokSdk;
  readonly settings: NgrokSettings;
  readonly door: LocalDoor;
  /** NGROK_AUTHTOKEN is read from here when the settings have none. */
  readonly env: Env;
}

/** The library as found from one of `folders`, in order; null when it is in none, or does not run here. */
export function findNgrokSdk(folders: readonly string[]): NgrokSdk | null {
  for (const folder of folders) {
    try {
      const found: unknown = createRequire(join(folder, 'any.js'))('@ngrok/ngrok');
      if (isSdk(found)) return found;
    } catch {
      // Not there, or its binary is for another machine: there are other places, and the command.
    }
  }
  return null;
}

function isSdk(found: unknown): found is NgrokSdk {
  return (
    typeof found === 'object' && found !== null && 'forward' in found && typeof found.forward === 'function'
  );
}

export function ngrokSdk(deps: NgrokSdkDeps): Tunnel {
  let opened = 0;
  return {
    name: 'ngrok',
    open: (news) => {
      opened += 1;
      return openSdk(deps, news, opened > 1);
    },
  };
}

function openSdk({ sdk, settings, door, env }: NgrokSdkDeps, news: TunnelNews, isAgain: boolean): OpenTunnel {
  let isOver = false;
  const die = (code: string | null, why: string): void => {
    if (isOver) return;
    isOver = true;
    news.died(ngrokError(code, why));
  };
  const authtoken = settings.authToken ?? env['NGROK_AUTHTOKEN'];
  const opening = sdk
    .forward({
      addr: door.at,
      ...(authtoken && { authtoken }),
      ...(settings.domain !== null && { domain: settings.domain }),
      ...(isAgain && { force_new_session: true }),
      onStatusChange: (status) => {
        if (status === 'closed') die(null, 'its connection was lost');
      },
    })
    .catch((error: unknown) => {
      // Without a code its words are not repeated: the authtoken may stand in them.
      die(ngrokCode(reasonOf(error)), 'it could not be opened');
      return null;
    });
  void opening.then((listener) => {
    const url = listener?.url() ?? null;
    if (isOver || listener === null) return;
    if (url === null) die(null, 'it has no address');
    else news.opened(`${new URL(url).origin}${door.webhookPath}`);
  });
  return {
    close: async () => {
      isOver = true;
      const listener = await opening;
      await listener?.close().catch(() => undefined);
    },
  };
}
