import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import React from 'react';
import { readArtifactBytes } from '../../api/artifacts';
import type { IArtifact, Json } from '../../api/documents';
import { Chip } from '../../components/button';
import { Letter, letterOf } from '../../components/letter';
import { useTrans } from '../../components/translation';
import type { ComparedRuns } from '../../models/comparedRuns';
import { IPlot, overlay } from '../../models/overlay';
import { isPicture, LARGE, previewOf } from '../../models/preview';
import { ArtifactPreview } from '../../components/artifactPreview';

const SERIES = ['--jp-brand-color1', '--jp-warn-color0', '--jp-info-color0'];

interface IOne {
  run: number;
  artifact: IArtifact;
}

/** The plots that several runs have under the same key: in one, else side by side. */
export function Plots(props: {
  model: ComparedRuns;
  rendermime: IRenderMimeRegistry | null;
}) {
  const trans = useTrans();
  const { model, rendermime } = props;
  const byKey = plotsByKey(model);
  const keys = [...byKey.keys()];
  const [chosen, setChosen] = React.useState('');
  const key = byKey.has(chosen) ? chosen : keys[0];
  const ones = byKey.get(key) ?? [];
  const merged = useOverlay(model, ones);
  if (!rendermime || key === undefined) {
    return null;
  }
  const { settings } = model.service;
  return (
    <section className="jp-mlrun-compare-plots">
      <h2 className="jp-mlrun-caption jp-mlrun-compare-caption">
        {merged
          ? trans.__('%1, %2 runs in one plot', key, ones.length)
          : trans.__('%1 of %2 runs', key, ones.length)}
        <span className="jp-mlrun-grow" />
        {keys.map(each => (
          <Chip
            key={each}
            label={each}
            on={each === key}
            onClick={() => setChosen(each)}
          />
        ))}
      </h2>
      {merged ? (
        <ArtifactPreview
          artifact={merged}
          rendermime={rendermime}
          settings={settings}
        />
      ) : (
        <div className="jp-mlrun-compare-side">
          {ones.map(({ run, artifact }) => (
            <figure key={run}>
              <figcaption>
                <Letter index={run} />{' '}
                <bdi>{model.runs[run]?.metadata.name}</bdi>
              </figcaption>
              <ArtifactPreview
                artifact={artifact}
                rendermime={rendermime}
                settings={settings}
              />
            </figure>
          ))}
        </div>
      )}
    </section>
  );
}

function plotsByKey(model: ComparedRuns): Map<string, IOne[]> {
  const found = new Map<string, IOne[]>();
  model.runs.forEach((run, index) => {
    for (const artifact of model.artifacts(run)) {
      if (isPicture(previewOf(artifact))) {
        const { key } = artifact.metadata;
        found.set(key, [...(found.get(key) ?? []), { run: index, artifact }]);
      }
    }
  });
  for (const [key, ones] of found) {
    if (ones.length < 2) {
      found.delete(key);
    }
  }
  return found;
}

/** One artifact with the plots of all, or null where they cannot be laid over each other. */
function useOverlay(
  model: ComparedRuns,
  ones: readonly IOne[]
): IArtifact | null {
  const [merged, setMerged] = React.useState<IArtifact | null>(null);
  const asked = ones
    .map(({ run, artifact }) => `${run} ${artifact.metadata.uid ?? ''}`)
    .join();
  React.useEffect(() => {
    let current = true;
    setMerged(null);
    void Promise.all(ones.map(one => plotOf(model, one))).then(plots => {
      const whole = plots.filter((plot): plot is IPlot => plot !== null);
      const found =
        whole.length === ones.length ? overlay(whole, colours()) : null;
      if (current && found) {
        const [{ artifact }] = ones;
        setMerged({
          ...artifact,
          status: { preview_mime: { [found.mime]: found.data } }
        });
      }
    });
    return () => {
      current = false;
    };
  }, [asked]);
  return merged;
}

function colours(): string[] {
  const style = getComputedStyle(document.body);
  return SERIES.map(name => style.getPropertyValue(name).trim());
}

async function plotOf(model: ComparedRuns, one: IOne): Promise<IPlot | null> {
  const { run, artifact } = one;
  const preview = previewOf(artifact);
  const letter = letterOf(run);
  if (preview.kind === 'mime') {
    const found = Object.entries(preview.data).find(([mime]) =>
      /plotly|vegalite/.test(mime)
    );
    return found ? { letter, mime: found[0], data: found[1] } : null;
  }
  const { project, uid } = artifact.metadata;
  if (
    preview.kind !== 'mimeBytes' ||
    !uid ||
    (artifact.spec.size ?? 0) > LARGE
  ) {
    return null;
  }
  try {
    const answer = await readArtifactBytes(
      model.service.settings,
      project,
      uid
    );
    const data = (await answer.json()) as Json;
    return { letter, mime: preview.mime, data };
  } catch {
    // side by side each says for itself why it cannot be shown
    return null;
  }
}
