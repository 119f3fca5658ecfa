import React from 'react';
import { deleteSecret, listSecretNames, saveSecret } from '../../api/members';
import { Button, IconButton } from '../../components/button';
import { confirm } from '../../components/confirm';
import { Empty, Skeleton } from '../../components/empty';
import { Icon } from '../../components/icon';
import { Note } from '../../components/note';
import { useTrans } from '../../components/translation';
import { useActed, useAsked } from '../../models/asked';
import type { IProjectTab } from './tab';

const LINE = '%%mlrun train --secret NAME';

/** The names of a project's secrets: values go in, and never come out. */
export function Secrets({ model }: IProjectTab) {
  const trans = useTrans();
  const { settings } = model.service;
  const { name: project } = model.ref;
  const {
    value: names,
    failure,
    again
  } = useAsked(() => listSecretNames(settings, project), [settings, project]);
  const { refused, act } = useActed(again);
  const remove = async (name: string) => {
    const wanted = await confirm({
      title: trans.__('Delete secret %1?', name),
      body: trans.__(
        'Its value cannot be recovered. Runs that ask for it fail from then on.'
      ),
      keep: trans.__('Keep it'),
      act: trans.__('Delete')
    });
    if (wanted) {
      await act(() => deleteSecret(settings, project, name));
    }
  };
  return (
    <>
      <p className="jp-mlrun-quiet">
        {trans.__(
          'Runs get them as environment variables, by name: %1. Values are never shown.',
          LINE
        )}
      </p>
      {(failure || refused) && (
        <Note
          kind="error"
          actions={[{ label: trans.__('Try again'), onClick: again }]}
        >
          {failure || refused}
        </Note>
      )}
      {names === null ? (
        failure ? null : (
          <Skeleton label={trans.__('The names are being read')} />
        )
      ) : names.length === 0 ? (
        <Empty>{trans.__('This project has no secrets.')}</Empty>
      ) : (
        <ul className="jp-mlrun-names" aria-label={trans.__('Secret names')}>
          {names.map(name => (
            <li key={name}>
              <Icon name="key" size={14} />
              <bdi className="jp-mlrun-mono">{name}</bdi>
              <span className="jp-mlrun-grow" />
              <IconButton
                icon="trash"
                label={trans.__('Delete %1', name)}
                onClick={() => void remove(name)}
              />
            </li>
          ))}
        </ul>
      )}
      {(names !== null || !failure) && (
        <NewSecret
          known={names ?? []}
          onSave={(name, value) =>
            act(() => saveSecret(settings, project, name, value))
          }
        />
      )}
    </>
  );
}

function NewSecret(props: {
  known: readonly string[];
  onSave: (name: string, value: string) => Promise<boolean>;
}) {
  const trans = useTrans();
  const [name, setName] = React.useState('');
  const [value, setValue] = React.useState('');
  const again = props.known.includes(name.trim());
  const save = async () => {
    if (await props.onSave(name.trim(), value)) {
      setName('');
      setValue('');
    }
  };
  return (
    <form
      className="jp-mlrun-inline"
      aria-label={trans.__('Add a secret')}
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
    >
      <input
        type="text"
        spellCheck={false}
        autoComplete="off"
        aria-label={trans.__('Name of the secret')}
        placeholder={trans.__('NAME')}
        value={name}
        onChange={event => setName(event.target.value)}
      />
      <input
        type="password"
        autoComplete="new-password"
        aria-label={trans.__('Value of the secret')}
        placeholder={trans.__('value')}
        value={value}
        onChange={event => setValue(event.target.value)}
      />
      <Button
        label={again ? trans.__('Replace') : trans.__('Add')}
        disabled={!name.trim() || !value}
        submit
      />
    </form>
  );
}
