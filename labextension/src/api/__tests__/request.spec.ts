import { answeredBy } from '../../models/__tests__/server';
import { joinPath, request, RequestError, serviceUrl } from '../request';

describe('serviceUrl', () => {
  const { settings } = answeredBy(() => ({}));

  it('stays below the base address and leaves out what is empty', () => {
    expect(
      serviceUrl(settings, 'lab/runs', {
        q: 'a b',
        none: null,
        label: ['x', 'y']
      })
    ).toBe(
      'http://localhost/user/ana/mlrun/api/v1/lab/runs?q=a+b&label=x&label=y'
    );
  });
});

describe('joinPath', () => {
  it('encodes every segment', () => {
    expect(joinPath('a/b', 'ü?')).toBe('a%2Fb/%C3%BC%3F');
  });

  it.each(['', '.', '..'])('refuses %j', segment => {
    expect(() => joinPath('a', segment)).toThrow(RequestError);
  });
});

describe('request', () => {
  it.each([
    [{ detail: 'no such run' }, 'no such run'],
    [{ message: 'm', reason: 'r' }, 'r'],
    [[1], '404 ']
  ])('says why it failed: %j', async (body, message) => {
    const { settings } = answeredBy(() => ({ status: 404, body }));
    await expect(request(settings, 'x')).rejects.toMatchObject({
      status: 404,
      message
    });
  });

  it('sends JSON', async () => {
    const { settings, requests } = answeredBy(() => ({ body: { ok: 1 } }));
    const answer = await request(settings, 'x', {
      method: 'POST',
      body: { a: 1 }
    });
    expect(answer).toEqual({ ok: 1 });
    expect(requests[0]).toMatchObject({ method: 'POST', body: { a: 1 } });
  });
});
