import React from 'react';
import { mounted } from '../../__tests__/mounted';
import { Chip } from '../button';
import { Fact } from '../fact';
import { Icon } from '../icon';
import { KeyValues } from '../keyValues';

const place = mounted();
const titleOf = (selector: string) =>
  place.host.querySelector(selector)?.getAttribute('title');

test('what may be shortened has the whole as its tooltip', async () => {
  await place.draw(
    <>
      <Fact>a name of many letters</Fact>
      <Chip label="log_loss" on={false} onClick={() => undefined} />
      <KeyValues items={[{ key: 'file', value: '/home/ana/model.pkl' }]} />
    </>
  );
  expect(titleOf('span')).toBe('a name of many letters');
  expect(titleOf('button')).toBe('log_loss');
  expect(titleOf('dd')).toBe('/home/ana/model.pkl');
});

test('a tooltip of its own goes before the text', async () => {
  await place.draw(
    <Fact icon="clock" title="Fri, 20 Nov 2026">
      12:41
    </Fact>
  );
  expect(titleOf('span')).toBe('Fri, 20 Nov 2026');
  expect(place.host.querySelector('svg')).not.toBeNull();
  expect(place.host.querySelector('bdi')?.textContent).toBe('12:41');
});

test('glyphs that point somewhere say so, for pages that read from the right', async () => {
  await place.draw(
    <>
      <Icon name="next" />
      <Icon name="copy" />
    </>
  );
  const [next, copy] = [...place.host.querySelectorAll('svg')];
  expect(next.classList.contains('jp-mod-directed')).toBe(true);
  expect(copy.classList.contains('jp-mod-directed')).toBe(false);
});
