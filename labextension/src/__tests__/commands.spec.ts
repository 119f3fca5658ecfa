import { runOfArgs, runsOfArgs } from '../commands';

describe('runOfArgs', () => {
  it('takes a run', () => {
    expect(runOfArgs({ project: 'p', uid: 'u', iter: 1 })).toEqual({
      project: 'p',
      uid: 'u'
    });
  });

  it.each([
    [{}],
    [{ project: 'p' }],
    [{ project: 'p', uid: '../../x' }],
    [{ project: 'p', uid: 'a b' }],
    [{ project: '', uid: 'u' }],
    [{ project: 'p?x=1', uid: 'u' }],
    [{ project: 7, uid: 'u' }]
  ])('refuses %j', args => {
    expect(runOfArgs(args)).toBeNull();
  });
});

describe('runsOfArgs', () => {
  it('takes several or one', () => {
    const run = { project: 'p', uid: 'u' };
    expect(runsOfArgs({ runs: [run, { bad: 1 }, null] })).toEqual([run]);
    expect(runsOfArgs(run)).toEqual([run]);
    expect(runsOfArgs({})).toEqual([]);
  });
});
