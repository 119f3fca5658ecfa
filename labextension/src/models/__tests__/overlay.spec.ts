import { overlay } from '../overlay';

const PLOTLY = 'application/vnd.plotly.v1+json';
const VEGA = 'application/vnd.vegalite.v5+json';

describe('overlay', () => {
  it('puts traces of Plotly into one figure, told apart by letter, colour and dash', () => {
    const one = (y: number) => ({
      data: [{ y: [y], name: 'roc' }],
      layout: {}
    });
    const merged = overlay(
      [
        { letter: 'A', mime: PLOTLY, data: one(1) },
        { letter: 'B', mime: PLOTLY, data: one(2) }
      ],
      ['blue', 'red']
    );
    const { data } = merged?.data as { data: Record<string, unknown>[] };
    expect(data.map(trace => trace.name)).toEqual(['A roc', 'B roc']);
    expect(data[1].line).toEqual({ color: 'red', dash: 'dash' });
  });

  it('lays Vega-Lite marks over each other with the data of each', () => {
    const one = (value: number) => ({
      mark: 'line',
      encoding: { x: { field: 'x' }, color: { field: 'c' } },
      data: { name: 'd' },
      datasets: { d: [{ x: value }] },
      width: 300
    });
    const merged = overlay(
      [
        { letter: 'A', mime: VEGA, data: one(1) },
        { letter: 'B', mime: VEGA, data: one(2) }
      ],
      ['blue', 'red']
    );
    const spec = merged?.data as Record<string, any>;
    expect(spec.datasets).toEqual({ 'A-d': [{ x: 1 }], 'B-d': [{ x: 2 }] });
    expect(spec.layer.map((layer: any) => layer.data.name)).toEqual([
      'A-d',
      'B-d'
    ]);
    expect(spec.layer[1].encoding).toEqual({ x: { field: 'x' } });
    expect(spec.width).toBe(300);
  });

  it('leaves alone what cannot be laid over each other', () => {
    const pie = { data: [{ type: 'pie' }] };
    expect(
      overlay(
        [
          { letter: 'A', mime: PLOTLY, data: pie },
          { letter: 'B', mime: PLOTLY, data: pie }
        ],
        ['blue']
      )
    ).toBeNull();
    expect(
      overlay(
        [
          { letter: 'A', mime: PLOTLY, data: pie },
          { letter: 'B', mime: VEGA, data: {} }
        ],
        ['blue']
      )
    ).toBeNull();
  });
});
