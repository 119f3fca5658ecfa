import React from 'react';
import type { IMLRunService } from '../tokens';

/** Whether the service is not reachable, kept up to date. */
export function useOffline(service: IMLRunService): boolean {
  const [offline, setOffline] = React.useState(
    service.connection === 'offline'
  );
  React.useEffect(() => {
    const slot = () => setOffline(service.connection === 'offline');
    service.connectionChanged.connect(slot);
    slot();
    return () => {
      service.connectionChanged.disconnect(slot);
    };
  }, [service]);
  return offline;
}
