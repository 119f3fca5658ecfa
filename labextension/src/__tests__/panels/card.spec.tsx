import { nullTranslator } from '@jupyterlab/translation';
import React from 'react';
import { makeRow } from '../../models/__tests__/rows';
import { FakeSocket, answeredBy } from '../../models/__tests__/server';
import { MLRunService } from '../../models/service';
import { CardBody } from '../../panels/card/body';
import { parseCard } from '../../panels/card/bundle';
import { CardModel } from '../../panels/card/model';
import type { ICardProps } from '../../panels/card/props';
import { plainLine, stillCard } from '../../panels/card/snapshot';
import { mounted } from '../mounted';

const page = mounted();
const GAP = '4096 bytes of the log are missing: No space left on device';
const card = parseCard({
  project: 'p',
  uid: '4f2a91c0',
  name: 'train',
  snapshot: { state: 'completed', reason: GAP }
})!;

const actions = {} as ICardProps['actions'];

it.each(['line', 'open'] as const)(
  'a card of form %s says that bytes of the log are missing',
  async form => {
    const { settings } = answeredBy(() => ({ body: {} }));
    const model = new CardModel(new MLRunService(settings), card, form);
    await page.draw(
      <CardBody model={model} actions={actions} edited={false} />
    );
    const status = page.host.querySelector('[role=status]');
    expect(status?.textContent).toContain(GAP);
    model.dispose();
  }
);

it('says so of a run that goes on, whatever its progress', async () => {
  const live = parseCard({
    project: 'p',
    uid: '4f2a91c0',
    name: 'train',
    snapshot: { state: 'running', status_text: GAP }
  })!;
  const { settings } = answeredBy(() => ({ body: {} }));
  const model = new CardModel(new MLRunService(settings), live, 'line');
  await page.draw(<CardBody model={model} actions={actions} edited={false} />);
  expect(page.host.textContent?.split(GAP)).toHaveLength(2);
  model.dispose();
});

it('draws the points that events bring, also after its document was read', async () => {
  const started = parseCard({
    project: 'p',
    uid: 'u1',
    name: 'train',
    snapshot: { state: 'running', outputs_declared: ['loss'] }
  })!;
  const read = {
    metadata: { project: 'p', uid: 'u1', name: 'train' },
    spec: {},
    status: {
      state: 'running',
      results: { loss: 1 },
      series: { loss: [[1, 1]] }
    }
  };
  const { settings } = answeredBy(() => ({ body: { data: read } }));
  const service = new MLRunService(settings);
  service.start();
  FakeSocket.last.greet();
  const model = new CardModel(service, started, 'open');
  await model.open();
  const summary = makeRow({
    state: 'running',
    results: { loss: 0.25 },
    series: { loss: [1, 2, 3].map(step => [step, 1 / step]) }
  });
  const event = { kind: 'run', action: 'updated', project: 'p', uid: 'u1' };
  FakeSocket.last.say({ type: 'event', event: { ...event, summary } });
  await page.draw(<CardBody model={model} actions={actions} edited={false} />);
  expect(page.host.querySelectorAll('.jp-mlrun-spark')).toHaveLength(1);
  model.dispose();
  service.dispose();
});

it('so does what is kept for places without the extension', () => {
  const trans = nullTranslator.load('jupyter_mlrun');
  expect(stillCard(card.row, trans)).toContain(GAP);
  expect(plainLine(card.row, trans)).toContain(GAP);
});

it('keeps each output that was asked for in sight, whatever else comes', () => {
  const outputs = ['accuracy', 'table', 'figure'];
  const of = (state: string) =>
    parseCard({
      project: 'p',
      uid: '4f2a91c0',
      name: 'train',
      snapshot: { state, outputs_declared: outputs }
    })!;
  const { settings } = answeredBy(() => ({ body: {} }));
  const rowsOf = (state: string) => {
    const model = new CardModel(new MLRunService(settings), of(state), 'auto');
    model.dispose();
    return model.rows;
  };
  expect(rowsOf('running')).toBe(4);
  expect(rowsOf('completed')).toBe(3);
});
