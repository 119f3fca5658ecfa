import React from 'react';
import { mounted } from '../../__tests__/mounted';
import { LinkButton } from '../button';

const place = mounted();

test('a link tells its whole word, or what a tooltip says of its own', async () => {
  await place.draw(
    <>
      <LinkButton label="a-long-name" onClick={() => {}} />
      <LinkButton label="a-long-name" title="of a run" onClick={() => {}} />
    </>
  );
  const titles = [...place.host.querySelectorAll('button')].map(
    button => button.title
  );
  expect(titles).toEqual(['a-long-name', 'of a run']);
});
