import { csvField, csvText } from '../csv';
import { RunGroups, dayOf } from '../runGroups';
import { withinSpans } from '../activity';
import { changedLabels, commonLabels } from '../labels';
import { makeRow } from './rows';

describe('RunGroups', () => {
  it('know where each begins, and follow what comes and goes', () => {
    const groups = new RunGroups();
    groups.reset([
      ['2026-11-21', 2],
      ['2026-11-19', 3]
    ]);
    expect(groups.at(0)?.name).toBe('2026-11-21');
    expect(groups.at(2)).toEqual({ name: '2026-11-19', start: 2, count: 3 });
    const noon = new Date(2026, 10, 20, 12).toISOString();
    groups.addDay(makeRow({ start_time: noon }));
    expect(groups.at(2)?.name).toBe('2026-11-20');
    expect(groups.at(3)?.name).toBe('2026-11-19');
    groups.removeAt(2);
    expect(groups.at(2)?.name).toBe('2026-11-19');
  });

  it('name days by the local date', () => {
    const late = new Date(2026, 0, 5, 23, 59).toISOString();
    expect(dayOf(makeRow({ start_time: late }))).toBe('2026-01-05');
  });
});

describe('a range of the activity', () => {
  it('replaces the times of the filter', () => {
    const activity = {
      start: '2026-11-21T00:00:00+00:00',
      step: 3600,
      spans: []
    };
    expect(withinSpans('train since:3d', activity, 11, 10)).toBe(
      'train since:2026-11-21T10:00:00Z until:2026-11-21T11:59:59Z'
    );
  });
});

describe('labels', () => {
  it('that runs share are edited, others and own ones stay', () => {
    const all: Record<string, string>[] = [
      { kind: 'local', team: 'a', only: '1' },
      { kind: 'local', team: 'a' }
    ];
    const common = commonLabels(all);
    expect(common).toEqual([{ name: 'team', value: 'a' }]);
    const after = [{ name: ' stage ', value: 'test' }];
    expect(changedLabels(all[0], common, after)).toEqual({
      kind: 'local',
      only: '1',
      stage: 'test'
    });
  });
});

describe('CSV', () => {
  it('quotes what must be quoted, and makes no formulas', () => {
    expect(csvField('a,"b"')).toBe('"a,""b"""');
    expect(csvField('=1+1')).toBe("'=1+1");
    expect(csvField('-0.5')).toBe('-0.5');
    expect(
      csvText([
        ['a', 'b'],
        ['1', '']
      ])
    ).toBe('a,b\r\n1,\r\n');
  });
});
