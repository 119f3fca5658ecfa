import React from 'react';
import type { IRun } from '../../api/documents';
import { RequestError, reasonOf } from '../../api/request';
import { IRunUser, readRun, readRunUsers } from '../../api/runs';
import { CommandIDs } from '../../commands';
import { LinkButton } from '../../components/button';
import { Skeleton } from '../../components/empty';
import { Note } from '../../components/note';
import { RunTable } from '../../components/runTable';
import { StateIcon, stateWord } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { makerOf, nameOf } from '../../models/artifact';
import { producerOf } from '../../models/lineage';
import type { IArtifactSection } from './tab';

interface ILineage {
  maker: IRun | null;
  users: IRunUser[];
}

/** The run that made the version, what that run took, and the runs that took the version. */
export function ArtifactLineage(props: IArtifactSection) {
  const trans = useTrans();
  const { model, shown, commands } = props;
  const maker = makerOf(shown.artifact);
  const { found, failure } = useLineage(props);
  if (failure) {
    return <Note kind="error">{failure}</Note>;
  }
  if (!found) {
    return <Skeleton label={trans.__('The lineage is being read')} />;
  }
  const open = ({ project, uid }: { project: string; uid: string }) =>
    void commands.execute(CommandIDs.openRun, { project, uid });
  const inputs = Object.entries(found.maker?.spec.inputs ?? {});
  return (
    <>
      <h2>{trans.__('Made by')}</h2>
      {found.maker && maker ? (
        <p className="jp-mlrun-lastRun">
          <StateIcon state={found.maker.status.state} decorative />
          <LinkButton
            label={found.maker.metadata.name}
            onClick={() => open(maker)}
          />
          <span className="jp-mlrun-dim">
            {stateWord(found.maker.status.state, trans)}
          </span>
        </p>
      ) : (
        <p className="jp-mlrun-quiet">
          {maker
            ? trans.__('The run that made it was deleted.')
            : trans.__('No run made it: it was logged by a project.')}
        </p>
      )}
      {inputs.length > 0 && (
        <>
          <h2>{trans.__('Of these inputs')}</h2>
          <ul className="jp-mlrun-names">
            {inputs.map(([key, uri]) => (
              <Input
                key={key}
                {...props}
                name={key}
                uri={uri}
                project={model.ref.project}
              />
            ))}
          </ul>
        </>
      )}
      <h2>{trans.__('Used by')}</h2>
      {found.users.length > 0 ? (
        <RunTable
          rows={found.users.map(({ row }) => row)}
          label={trans.__('Runs that took it')}
          onOpen={open}
        />
      ) : (
        <p className="jp-mlrun-quiet">{trans.__('No run has taken it.')}</p>
      )}
    </>
  );
}

function Input(
  props: IArtifactSection & { name: string; uri: string; project: string }
) {
  const { name, uri, project, commands } = props;
  const producer = producerOf(uri, project);
  return (
    <li>
      <bdi>{name}</bdi>
      {producer ? (
        <LinkButton
          label={uri}
          onClick={() =>
            void commands.execute(CommandIDs.openArtifact, {
              project: producer.ref.project,
              name: producer.key
            })
          }
        />
      ) : (
        <span className="jp-mlrun-dim jp-mlrun-ellipsis" title={uri}>
          <bdi>{uri}</bdi>
        </span>
      )}
    </li>
  );
}

function useLineage({ model, shown }: IArtifactSection): {
  found: ILineage | null;
  failure: string;
} {
  const [found, setFound] = React.useState<ILineage | null>(null);
  const [failure, setFailure] = React.useState('');
  const { settings } = model.service;
  const { artifact } = shown;
  const { uid } = artifact.metadata;
  React.useEffect(() => {
    let current = true;
    const read = async (): Promise<ILineage> => {
      const maker = makerOf(artifact);
      if (!maker) {
        return { maker: null, users: [] };
      }
      const [run, users] = await Promise.all([
        readRun(settings, maker).catch(withoutRun),
        readRunUsers(settings, maker)
      ]);
      const mine = ({ inputs }: IRunUser) =>
        Object.values(inputs).some(
          uri => producerOf(uri, model.ref.project)?.key === nameOf(artifact)
        );
      return { maker: run, users: users.filter(mine) };
    };
    setFailure('');
    read().then(
      lineage => current && setFound(lineage),
      reason => current && setFailure(reasonOf(reason))
    );
    return () => {
      current = false;
    };
  }, [settings, uid, model.version]);
  return { found, failure };
}

/** A run that was deleted is no fault of the artifact. */
function withoutRun(reason: unknown): null {
  if (reason instanceof RequestError && reason.status === 404) {
    return null;
  }
  throw reason;
}
