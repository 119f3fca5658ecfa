import React from 'react';
import { useTrans } from './translation';

/** Times with their dates, in the schedule's zone and, where it differs, in the user's. */
export function NextTimes(props: { times: readonly string[]; zone: string }) {
  const trans = useTrans();
  const { times } = props;
  const known = isZone(props.zone);
  const zone = known ? props.zone : 'UTC';
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const format = (time: string, timeZone: string) =>
    new Intl.DateTimeFormat(undefined, {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'short',
      timeZone
    }).format(new Date(time));
  return (
    <>
      {!known && (
        <p className="jp-mlrun-quiet">
          {trans.__(
            'This browser does not know the zone %1: the times are in UTC.',
            props.zone
          )}
        </p>
      )}
      <ol className="jp-mlrun-times" aria-label={trans.__('Next runs')}>
        {times.map(time => (
          <li key={time} title={new Date(time).toISOString()}>
            <bdi>{format(time, zone)}</bdi>
            {own !== zone && (
              <span className="jp-mlrun-dim">
                <bdi>{format(time, own)}</bdi>
              </span>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat(undefined, { timeZone: zone });
    return true;
  } catch {
    // the service may know zones that this browser does not
    return false;
  }
}
